"""SMB's first version is still spoken.

How it is seen: it alone is offered, and taken ([MS-CIFS] §2.2.4.52). How it is judged: it has no protection against a changed negotiation, and was
the way of EternalBlue; Microsoft ended it in 2014. What it cannot show: whether the flaws of its implementations were mended.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.access import CONTROL_DUTIES
from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import ServiceFacts
from scanner.facts.access import SmbFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    facts = service.need(SmbFacts)
    values = {"service": service.endpoint.label, "dialect": facts.dialect or "-"}
    evidence = (Evidence("smb.smb1", str(facts.smb1)), Evidence("smb.dialect", facts.dialect or "-"))
    case = "unknown" if facts.smb1 is None else "spoken" if facts.smb1 else "refused"
    return [Outcome(case, values, evidence)]


RULE = Rule(
    id="exposure/smb1",
    title=Text("接受 SMB 1.0 协议", "SMB 1 is spoken"),
    rationale=Text(
        "SMB 1.0 没有防降级和预认证完整性保护，“永恒之蓝”（MS17-010）等蠕虫由它传播；微软自 2014 年起弃用。",
        "SMB 1 has no protection against downgrades; worms such as EternalBlue (MS17-010) travel by it. "
        "Microsoft has deprecated it since 2014.",
    ),
    remediation=Text(
        "Windows：Set-SmbServerConfiguration -EnableSMB1Protocol $false，卸载“SMB 1.0/CIFS 文件共享支持”"
        "，安装 MS17-010 补丁；　Samba（smb.conf）：server min protocol = SMB2_10；　打印机、扫描仪、NAS"
        "：管理页面关闭 SMB1，老设备升级固件或者更换。",
        "Windows: Set-SmbServerConfiguration -EnableSMB1Protocol $false, remove the feature SMB 1.0/CIFS "
        "File Sharing Support, install MS17-010. Samba (smb.conf): server min protocol = SMB2_10. "
        "Printers, scanners, NAS: SMB 1 off in the console; old ones updated or replaced.",
    ),
    severity=Severity.HIGH,
    duties=CONTROL_DUTIES,
    needs=(SmbFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "spoken": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 接受 SMB 1.0 协商（更新的版本：{dialect}）；应只接受 SMB 2.1 以上。",
                "{service} takes SMB 1 (newest: {dialect}); wanted: SMB 2.1 or newer alone.",
            ),
        ),
        "refused": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 拒绝 SMB 1.0，协商到 SMB {dialect}。",
                "{service} refuses SMB 1, and agrees on SMB {dialect}.",
            ),
        ),
        "unknown": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 是否接受 SMB 1.0。",
                "Whether {service} takes SMB 1 could not be told.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference(
            "Microsoft: Stop using SMB1",
            "https://techcommunity.microsoft.com/blog/filecab/stop-using-smb1/425858",
        ),
        Reference(
            "MS17-010", "https://learn.microsoft.com/en-us/security-updates/securitybulletins/2017/ms17-010"
        ),
    ),
    impact=Impact.ONE_READ,
)
