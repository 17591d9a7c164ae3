"""A host lists the services of its local network to strangers.

How it is seen: one question for the kinds of services (RFC 6763 §9), sent to the address itself. How it is judged: multicast DNS is for the
local link; RFC 6762 §11 wants questions from elsewhere left unanswered. What it cannot show: the services behind the list, which are not asked for.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import MdnsFacts

RULE = access_rule(
    id="exposure/mdns",
    name=Text("mDNS（多播 DNS）服务", "An mDNS responder"),
    facts=MdnsFacts,
    rationale=Text(
        "mDNS 只应在本地链路使用；对外应答会泄露主机名、打印机、共享等内部信息。应答比请求大，而 UDP 的来"
        "源地址可以伪造，会被用来放大流量、攻击他人。",
        "mDNS is for the local link; answering outsiders tells names of hosts, printers and shares. Its "
        "answers are larger than the questions, and senders of datagrams can be forged: it is used to "
        "amplify attacks on others.",
    ),
    remediation=Text(
        "在边界防火墙封禁 UDP 5353。Linux：avahi-daemon.conf 中 allow-interfaces 只写内网口，不需要时 "
        "systemctl disable --now avahi-daemon.socket avahi-daemon;　Windows：组策略关闭多播名称解析；　打"
        "印机、摄像头：管理页面关闭 Bonjour。",
        "Block UDP 5353 at the border. Linux: allow-interfaces with the inside alone in "
        "avahi-daemon.conf, or systemctl disable --now avahi-daemon.socket avahi-daemon. Windows: turn "
        "multicast name resolution off by group policy. Printers and cameras: Bonjour off in the console.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 6762 §11", "https://www.rfc-editor.org/rfc/rfc6762"),
        Reference("RFC 6763 §9", "https://www.rfc-editor.org/rfc/rfc6763"),
    ),
    usable=None,
    reachable=Severity.LOW,
)
