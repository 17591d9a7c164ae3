"""SSH protocol version 1 is served.

How it is seen: the version in the server's identification string; 1.99 means version 2 with version 1 beside it
(RFC 4253 §5.1). How it is judged: version 1 alone is a failure; 1.99 is the server's own word that it would also speak
version 1, which was not tried, so it is a weakness. What it cannot show: whether a client that needs it still exists.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the identification string."""
    facts = service.need(SshFacts)
    values = {"service": service.endpoint.label, "version": facts.protocol or "?"}
    evidence = (Evidence("ssh.banner", facts.banner),)
    if facts.protocol == "1.99":
        yield Outcome("also_version_1", values, evidence)
    elif facts.protocol.startswith("1."):
        yield Outcome("version_1", values, evidence)
    elif facts.protocol.startswith("2."):
        yield Outcome("version_2", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="ssh/protocol-1",
    title=Text("提供 SSH 第 1 版协议", "SSH protocol version 1 is served"),
    rationale=Text(
        "SSH 第 1 版的完整性校验（CRC-32）可被绕过，攻击者能在会话中插入命令；早已被第 2 版取代，主流软件均已移除。",
        "The integrity check of SSH version 1 (CRC-32) can be defeated, so that commands can be inserted into a session; "
        "version 2 replaced it long ago, and common software has removed it.",
    ),
    remediation=Text(
        "升级 SSH 软件，只启用第 2 版。旧版 OpenSSH 的 sshd_config：Protocol 2；　思科设备：ip ssh version 2；　"
        "华为设备：undo ssh server compatible-ssh1x enable；　华三设备：undo ssh server compatible-ssh1x enable；　"
        "dropbear 只有第 2 版。",
        "Update the SSH software and serve version 2 only. Old OpenSSH, sshd_config: Protocol 2; Cisco: ip ssh "
        "version 2; Huawei: undo ssh server compatible-ssh1x enable, H3C likewise; dropbear has version 2 alone.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "version_1": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 只提供 SSH {version}；应提供 2.0。",
                "{service} serves SSH {version} only; wanted: 2.0.",
            ),
        ),
        "also_version_1": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 自报版本 {version}，表示除第 2 版外仍兼容第 1 版；应只提供 2.0。",
                "{service} states version {version}, which means version 1 beside version 2; wanted: 2.0 only.",
            ),
        ),
        "version_2": Declared(
            status=Status.PASS,
            detail=Text("{service} 只提供 SSH {version}。", "{service} serves SSH {version} only."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 自报的 SSH 版本是 {version}，无法据此判断。",
                "{service} states SSH version {version}, from which nothing can be concluded.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 4253 §5.1", "https://www.rfc-editor.org/rfc/rfc4253#section-5.1"),),
)
