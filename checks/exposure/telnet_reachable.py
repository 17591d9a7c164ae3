"""A Telnet service can be reached: logins cross the network in clear text.

How it is seen: Telnet option negotiation, and a login prompt shown in clear text. Nobody logs in. How it is judged: a login
prompt over Telnet is a failure, since every password typed there can be read on the way; Telnet without one is a weakness.
A loopback address shows nothing about the outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import ServiceFacts, TelnetFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whether people log in here. Inside TLS nothing is in clear text."""
    facts = service.need(TelnetFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("telnet.prompt", facts.prompt), Evidence("telnet.negotiates", str(facts.negotiates)))
    if service.tls:
        yield Outcome("inside_tls", values, evidence)
    elif on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.login_prompt:
        yield Outcome("login_in_clear", values, evidence)
    else:
        yield Outcome("reachable", values, evidence)


RULE = Rule(
    id="exposure/telnet-reachable",
    title=Text("开放 Telnet 远程登录", "Telnet login is open"),
    rationale=Text(
        "Telnet 不加密：账号、口令和全部操作都以明文传输，线路上的任何人都能看到并接管会话。"
        "网络设备、摄像机等的 Telnet 弱口令也是僵尸网络的主要入口。",
        "Telnet does not encrypt: accounts, passwords and all that is typed travel in clear text, and anyone on the path "
        "can read them and take the session over. Weak Telnet passwords of routers and cameras are a main way into them "
        "for botnets.",
    ),
    remediation=Text(
        "停用 Telnet，改用 SSH。Linux：systemctl disable --now telnet.socket inetd xinetd；　"
        "华为/华三设备：undo telnet server enable，启用 stelnet server enable；　思科设备：line vty 下 transport input ssh。"
        "确实无法停用的老旧设备，放入独立管理网段并限制来源。曾经使用过的口令应当更换。",
        "Switch Telnet off and use SSH. Linux: systemctl disable --now telnet.socket inetd xinetd; Huawei/H3C: undo telnet "
        "server enable, then stelnet server enable; Cisco: transport input ssh under line vty. Old devices that cannot do "
        "without it belong in a management network of their own. Change the passwords that were used.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "mlps"),
    needs=(TelnetFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "login_in_clear": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 以明文 Telnet 提供登录；应停用 Telnet，改用 SSH。",
                "{service} offers a login over Telnet in clear text; wanted: SSH instead.",
            ),
        ),
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "可以从检测所在位置访问 {service} 上的 Telnet，未见登录提示；应停用或者限制来源。",
                "Telnet at {service} can be reached from where the scan ran; no login prompt was seen. Wanted: switched "
                "off, or restricted.",
            ),
        ),
        "inside_tls": Declared(
            status=Status.INFO,
            detail=Text("{service} 上的 Telnet 在 TLS 内传输。", "Telnet at {service} runs inside TLS."),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(Reference("RFC 854", "https://www.rfc-editor.org/rfc/rfc854"),),
)
