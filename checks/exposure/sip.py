"""A telephone system (SIP) answers strangers.

How it is seen: one OPTIONS over UDP (RFC 3261 §11). How it is judged: a public telephone service has to answer; others attract
attempts to place calls at the owner's cost. What it cannot show: whether calls or registrations without a password are let
through, which is not tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import SipFacts

RULE = access_rule(
    id="exposure/sip",
    name=Text("SIP 电话服务", "A SIP telephone service"),
    facts=SipFacts,
    rationale=Text(
        "SIP 端口对外开放会招来批量猜口令和盗打电话，并透露设备型号和版本。",
        "An open SIP port attracts password guessing and toll fraud, and tells model and version.",
    ),
    remediation=Text(
        "只放行运营商和分支机构的地址；改用 TLS（5061）和 SRTP。Asterisk（sip.conf / pjsip.conf）："
        "allowguest=no、alwaysauthreject=yes，用 acl 限制来源；　FreeSWITCH：internal 配置只监听内网，启"
        "用 auth-calls；　Kamailio：pike、permissions 模块限速和限制来源；　关闭版本头（useragent / "
        "server_header）。",
        "Let the carrier's and branches' addresses in alone; use TLS (5061) and SRTP. Asterisk (sip.conf "
        "/ pjsip.conf): allowguest=no, alwaysauthreject=yes, and an acl. FreeSWITCH: the internal "
        "profile on the inside, auth-calls on. Kamailio: the pike and permissions modules. Leave "
        "versions out of headers (useragent, server_header).",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RFC 3261 §11, §22", "https://www.rfc-editor.org/rfc/rfc3261"),),
    usable=None,
    reachable=Severity.LOW,
)
