"""memcached answers over UDP.

How it is seen: the answer to ``version`` in the text protocol, framed for UDP. How it is judged: the protocol has no
authentication over UDP, so an answer shows that strangers can read and change what is cached, and use the server to amplify
attacks on others. What it cannot show: what is cached; no key is read or written.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import MemcachedUdpFacts

RULE = access_rule(
    id="exposure/memcached-udp",
    name=Text("memcached 的 UDP 接口", "memcached's UDP port"),
    facts=MemcachedUdpFacts,
    rationale=Text(
        "memcached 的 UDP 接口没有认证：任何能连上的人都可以读走、篡改缓存。它的应答可达请求的数万倍，攻击者伪造来源地址，"
        "就能用它放大流量、攻击他人（CVE-2018-1000115）。1.5.6 起默认关闭。",
        "memcached's UDP port has no authentication: whoever can connect reads and forges the cache. Its answers can be tens of "
        "thousands of times the size of the questions, so that attackers who forge their address use it to amplify attacks on "
        "others (CVE-2018-1000115). Off by default since 1.5.6.",
    ),
    remediation=Text(
        "启动参数或 /etc/memcached.conf 中写 -U 0 关闭 UDP，-l 只写内网地址；升级到 1.5.6 及以上；在防火墙、安全组中对外封禁 UDP 11211。",
        "In the start options or /etc/memcached.conf: -U 0 switches UDP off, and -l names the internal address alone; upgrade to "
        "1.5.6 or later; close UDP 11211 to the outside in the firewall.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("memcached: protocol.txt, UDP protocol", "https://docs.memcached.org/protocols/basic/"),
        Reference("CVE-2018-1000115", "https://nvd.nist.gov/vuln/detail/CVE-2018-1000115"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
