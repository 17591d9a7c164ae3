"""SSH lets anyone in without a password or a key.

How it is seen: the method ``none`` (RFC 4252 section 5.2), asked for in the name of a user that nobody has (zijian-check),
is answered with success; the connection is left at once, and nothing is opened or run. How it is judged: a failure of the
worst kind. What it cannot show: what a user who is let in may do; some programs ask for a password only afterwards, and
decoys (honeypots) let everybody in.
"""

from __future__ import annotations

from collections.abc import Iterable

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
from scanner.facts import ServiceFacts, SshFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See how the request for ``none`` was answered."""
    accepted = service.need(SshFacts).none_accepted
    name = "undecided" if accepted is None else "let_in" if accepted else "asked"
    shown = "(not determined)" if accepted is None else str(accepted)
    yield Outcome(name, {"service": service.endpoint.label}, (Evidence("ssh.none_accepted", shown),))


RULE = Rule(
    id="ssh/no-authentication",
    title=Text("SSH 无需认证即可登录", "SSH lets anyone in"),
    rationale=Text(
        "任何能连上的人不需要口令、密钥就能登录，可能直接得到系统的控制权。",
        "Anyone who can connect logs in without a password or a key, and may control the system at once.",
    ),
    remediation=Text(
        "立即限制该端口的访问，并检查是否已被侵入。OpenSSH：PermitEmptyPasswords no，"
        "给空口令账号设置口令或者锁定（passwd -l）；dropbear：去掉参数 -B；网络设备、嵌入式设备和自编程序："
        "启用登录认证。思科设备：line vty 下 login local　华为设备：user-interface vty 下 authentication-mode aaa　"
        "华三设备：line vty 下 authentication-mode scheme。",
        "Restrict access to the port at once, and look for signs of intrusion. OpenSSH: PermitEmptyPasswords no, and "
        "set a password for accounts without one or lock them (passwd -l); dropbear: without -B; network devices, "
        "appliances and programs of your own: switch authentication on. Cisco: login local under line vty; Huawei: "
        "authentication-mode aaa under user-interface vty; H3C: authentication-mode scheme under line vty.",
    ),
    severity=Severity.CRITICAL,
    duties=("intrusion_protection", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "let_in": Declared(
            status=Status.FAIL,
            severity=Severity.CRITICAL,
            detail=Text(
                "{service} 没有要求口令或者密钥，就让不存在的用户 zijian-check 通过了认证；应要求认证。",
                "{service} let the made-up user zijian-check in without a password or a key; wanted: authentication.",
            ),
        ),
        "asked": Declared(
            status=Status.PASS,
            detail=Text("{service} 要求认证。", "{service} asks for authentication."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有问到 {service} 是否要求认证。",
                "Whether {service} asks for authentication could not be seen.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 4252 §5.2", "https://www.rfc-editor.org/rfc/rfc4252#section-5.2"),
        Reference("CWE-306", "https://cwe.mitre.org/data/definitions/306.html"),
    ),
)
