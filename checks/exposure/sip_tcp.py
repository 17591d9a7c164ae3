"""A telephone system (SIP over TCP or TLS) answers strangers.

How it is seen: one OPTIONS (RFC 3261 §11). How it is judged: a public telephone service has to answer; others attract attempts to
place calls at the owner's cost. What it cannot show: whether calls or registrations without a password are let through, which is
not tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import SipTcpFacts

RULE = access_rule(
    id="exposure/sip-tcp",
    name=Text("SIP 电话服务（TCP）", "A SIP telephone service (TCP)"),
    facts=SipTcpFacts,
    rationale=Text(
        "SIP 端口对外开放会招来批量猜口令和盗打电话，并透露设备型号和版本。",
        "An open SIP port attracts password guessing and toll fraud, and tells model and version.",
    ),
    remediation=Text(
        "只放行运营商和分支机构的地址；改用 TLS（5061）和 SRTP。Asterisk（pjsip.conf）：endpoint 要求认证"
        "，用 acl 限制来源；　FreeSWITCH：internal 配置只监听内网，启用 auth-calls；　Kamailio：pike、"
        "permissions 模块限速和限制来源；　关闭版本头（useragent / server_header）。",
        "Let the carrier's and branches' addresses in alone; use TLS (5061) and SRTP. Asterisk "
        "(pjsip.conf): authentication for endpoints, and an acl. FreeSWITCH: the internal profile on the "
        "inside, auth-calls on. Kamailio: the pike and permissions modules. Leave versions out of "
        "headers (useragent, server_header).",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RFC 3261 §11, §22", "https://www.rfc-editor.org/rfc/rfc3261"),),
    usable=None,
    reachable=Severity.LOW,
)
