"""SMB messages without a signature are taken.

How it is seen: the security mode in the answer to the negotiation ([MS-SMB2] §2.2.4). How it is judged: where signatures are not required, whoever is
in between can pass on a user's login (NTLM relay) or change what is sent. What it cannot show: whether clients insist.
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
    if facts.signing_required is None:
        return [Outcome("not_negotiated", {"service": service.endpoint.label})]
    values = {"service": service.endpoint.label, "dialect": facts.dialect or "-"}
    evidence = (
        Evidence("smb.signing_required", str(facts.signing_required)),
        Evidence("smb.dialect", facts.dialect or "-"),
    )
    return [Outcome("required" if facts.signing_required else "optional", values, evidence)]


RULE = Rule(
    id="exposure/smb-signing",
    title=Text("SMB 未强制签名", "SMB signing is not required"),
    rationale=Text(
        "不强制签名时，处在中间的人可以中继用户的登录（NTLM 中继），冒用其权限，或者篡改文件内容。",
        "Where signatures are not required, whoever is in between can relay a user's login (NTLM relay) "
        "and act with its rights, or change files on the way.",
    ),
    remediation=Text(
        "Windows：Set-SmbServerConfiguration -RequireSecuritySignature $true（组策略“Microsoft 网络服务器"
        "：对通信进行数字签名（始终）”）；Windows 11 24H2 起默认要求；　Samba（smb.conf）"
        "：server signing = mandatory；　NAS：管理页面启用“强制 SMB 签名”。",
        "Windows: Set-SmbServerConfiguration -RequireSecuritySignature $true (policy 'Microsoft network "
        "server: Digitally sign communications (always)'); Windows 11 24H2 and Server 2025 differ by "
        "role, so check. Samba (smb.conf): server signing = mandatory. NAS: SMB signing mandatory in the "
        "console.",
    ),
    severity=Severity.MEDIUM,
    duties=CONTROL_DUTIES,
    needs=(SmbFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "optional": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service}（SMB {dialect}）接受未签名的消息；应强制签名。",
                "{service} (SMB {dialect}) takes messages without a signature; wanted: signatures required.",
            ),
        ),
        "required": Declared(
            status=Status.PASS,
            detail=Text(
                "{service}（SMB {dialect}）强制签名。",
                "{service} (SMB {dialect}) requires signatures.",
            ),
        ),
        "not_negotiated": Declared(
            status=Status.NOT_APPLICABLE,
            detail=Text(
                "{service} 未协商到 SMB 2 以上版本。",
                "{service} agreed on no version above SMB 1.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference(
            "[MS-SMB2] §2.2.4",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-smb2/63abf97c-0d09-47e2-88d6-6bfa552949a5",
        ),
        Reference(
            "Microsoft: Control SMB signing behavior",
            "https://learn.microsoft.com/en-us/windows-server/storage/file-server/smb-signing",
        ),
    ),
    impact=Impact.ONE_READ,
)
