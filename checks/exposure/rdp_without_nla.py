"""A remote desktop shows its logon screen before anybody has authenticated (no NLA), or grants RDP's own old encryption.

How it is seen: the server is offered TLS without CredSSP, then RDP's standard security alone ([MS-RDPBCGR] §5.4); it chooses, or
fails the request with HYBRID_REQUIRED_BY_SERVER, which is how NLA is asked for. Nobody logs in. How it is judged: without NLA
strangers reach far more of the server's code and its logon screen; standard security does not prove who the server is. A loopback
address shows nothing about either. What it cannot show: xrdp and other servers that have no NLA at all may be protected in other
ways.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.access import CONTROL_DUTIES
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import ServiceFacts
from scanner.facts.access import RdpFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the server granted."""
    facts = service.need(RdpFacts)
    values = {"service": service.endpoint.label, "reply": facts.reply}
    evidence = (
        Evidence("rdp.nla_required", str(facts.nla_required)),
        Evidence("rdp.standard_security", str(facts.standard_security)),
        Evidence("rdp.reply", facts.reply),
    )
    if on_loopback(service) and not facts.nla_required:
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.standard_security:
        yield Outcome("standard_security", values, evidence)
    elif facts.nla_required is False:
        yield Outcome("without_nla", values, evidence)
    else:
        yield Outcome("nla" if facts.nla_required else "undecided", values, evidence)


RULE = Rule(
    id="exposure/rdp-without-nla",
    title=Text(
        "远程桌面未要求网络级身份验证（NLA）",
        "A remote desktop does not ask for Network Level Authentication",
    ),
    rationale=Text(
        "启用 NLA 后，客户端必须先通过身份验证才能建立会话；不启用的，任何人都能到达登录界面，也更容易触发未修补的漏洞。"
        "RDP 自带的旧式加密不验证服务器身份，线路中间的人可以冒充服务器取得口令。",
        "With NLA a client authenticates before a session is made; without it anyone reaches the logon screen, and flaws that "
        "were not mended are easier to use. RDP's own old encryption does not prove who the server is, so that somebody on the "
        "path can pose as it and take the password.",
    ),
    remediation=Text(
        "Windows：组策略“计算机配置—管理模板—Windows 组件—远程桌面服务—远程桌面会话主机—安全”中，启用“要求使用网络级别的身份验证对远程连接的用户进行"
        "身份验证”，并把“要求对远程 (RDP) 连接使用特定的安全层”设为 SSL；xrdp：xrdp.ini 中 security_layer=tls、"
        "tls_ssl_protocols=TLSv1.2, TLSv1.3，只允许经 VPN 或堡垒机访问。",
        "Windows: group policy, Computer Configuration, Administrative Templates, Windows Components, Remote Desktop Services, "
        "Remote Desktop Session Host, Security: require user authentication by Network Level Authentication, and set the security "
        "layer to SSL; xrdp: security_layer=tls and tls_ssl_protocols=TLSv1.2, TLSv1.3 in xrdp.ini, and access through a VPN or "
        "a bastion host alone.",
    ),
    severity=Severity.MEDIUM,
    duties=CONTROL_DUTIES,
    needs=(RdpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "standard_security": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的远程桌面接受 RDP 自带的旧式加密，不要求先认证（{reply}）；应当只用 TLS 并要求 NLA。",
                "The remote desktop at {service} grants RDP's own old encryption, without authentication first ({reply}); wanted: TLS "
                "with NLA.",
            ),
        ),
        "without_nla": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的远程桌面不要求 NLA，未认证就进入登录界面（{reply}）；应当要求 NLA。",
                "The remote desktop at {service} does not ask for NLA and shows its logon screen before authentication ({reply}); "
                "wanted: NLA.",
            ),
        ),
        "nla": Declared(
            status=Status.PASS,
            detail=Text("{service} 上的远程桌面要求 NLA。", "The remote desktop at {service} asks for NLA."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 上的远程桌面有应答（{reply}），但未能判断是否要求 NLA。",
                "The remote desktop at {service} answered ({reply}), but whether it asks for NLA could not be told.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "[MS-RDPBCGR] §5.4",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-rdpbcgr/8e8b2cca-c1fa-456c-8ecb-a82fc60b2322",
        ),
    ),
)
