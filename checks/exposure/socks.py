"""A SOCKS proxy connects for strangers, or can be reached.

How it is seen: the method without authentication is offered; if it is taken, a connection back to the proxy's own address and port is
asked for, and to no other (RFC 1928). How it is judged: a proxy that connects works for everybody. What it cannot show: whether it
also connects to inside addresses or to the internet, which are not touched.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import SocksFacts

RULE = access_rule(
    id="exposure/socks",
    name=Text("SOCKS 代理", "A SOCKS proxy"),
    facts=SocksFacts,
    rationale=Text(
        "开放的代理会被用来隐藏攻击来源、跳入内网；运营者还可能因此提供了未经许可的转接，日志中也分不清是"
        "谁的访问。",
        "An open proxy hides attackers and leads into the inside network; its operator passes on "
        "strangers' traffic, and logs no longer tell whose it was.",
    ),
    remediation=Text(
        "只监听内网地址并要求口令。Dante（danted.conf）：socksmethod: username，client pass 只写内网；　"
        "microsocks：-i 内网地址 -u 用户 -P 口令；　3proxy：auth strong；　SSH：ssh -D 127.0.0.1:端口；　"
        "不用时停用并封禁 TCP 1080。",
        "Listen inside only and ask for a password. Dante (danted.conf): socksmethod: username, client "
        "pass for the inside alone. microsocks: -i INSIDE -u USER -P PASSWORD. 3proxy: auth strong. SSH: "
        "ssh -D 127.0.0.1:PORT. Else stop it, and block TCP 1080.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 1928", "https://www.rfc-editor.org/rfc/rfc1928"),
        Reference("RFC 1929", "https://www.rfc-editor.org/rfc/rfc1929"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.LOW,
)
