"""finger tells strangers of a host's users.

How it is seen: it is asked for a name that nobody bears, never for those who are logged in (RFC 1288). How it is judged: user names and
habits help intruders, and are personal data. What it cannot show: whom it would name.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import FingerFacts

RULE = access_rule(
    id="exposure/finger",
    name=Text("finger 用户查询服务", "The finger service"),
    facts=FingerFacts,
    rationale=Text(
        "finger 会说出系统里有哪些用户、谁在线、何时登录，帮助猜口令，也泄露个人信息。",
        "finger tells which users there are, who is on and since when: a help in guessing passwords, and "
        "personal data given away.",
    ),
    remediation=Text(
        "停用。inetd.conf、xinetd.d：注释或者 disable = yes；　systemctl disable --now fingerd 或者 "
        "cfingerd；　思科：no ip finger；　防火墙封禁 TCP 79。",
        "Switch it off. inetd.conf, xinetd.d: commented out, or disable = yes. systemctl disable --now "
        "fingerd or cfingerd. Cisco: no ip finger. Block TCP 79.",
    ),
    duties=DATA_DUTIES,
    references=(Reference("RFC 1288 §3", "https://www.rfc-editor.org/rfc/rfc1288"),),
    usable=None,
    reachable=Severity.LOW,
)
