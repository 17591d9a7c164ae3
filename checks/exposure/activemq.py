"""An ActiveMQ broker (OpenWire) can be reached, or used without authentication.

How it is seen: the broker's WireFormatInfo names its release; then ConnectionInfo without user name and password, which is
answered or refused. How it is judged: a broker that lets clients without credentials in gives them the queues that its access
lists give to anybody, all of them by default. What it cannot show: which queues those are; nothing is subscribed to and
nothing sent. Whether an old release was mended by a distribution is left to the rules on versions.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import ActivemqFacts

RULE = access_rule(
    id="exposure/activemq",
    name=Text("ActiveMQ（OpenWire）", "An ActiveMQ broker (OpenWire)"),
    facts=ActivemqFacts,
    rationale=Text(
        "ActiveMQ 默认不要求认证：任何能连上的人都可以读取、伪造、清空队列中的消息。旧版本在 OpenWire 端口"
        "上还有无需登录即可执行命令的漏洞（CVE-2023-46604），常被用来植入勒索、挖矿程序。",
        "ActiveMQ asks for no authentication by default: anyone who can connect may read, forge and drain "
        "messages. Old releases can be made to run commands on this port without a login "
        "(CVE-2023-46604), which is used for ransom and mining.",
    ),
    remediation=Text(
        "在 activemq.xml 的 plugins 中启用 simpleAuthenticationPlugin 或 jaasAuthenticationPlugin，加上 "
        'authorizationPlugin，不要设置 anonymousAccessAllowed="true"；transportConnector 只监听内网地址，'
        "改用 ssl；升级到 5.15.16、5.16.7、5.17.6、5.18.3 以上或者发行版已修复的版本；在防火墙、安全组中只"
        "放行应用服务器。",
        "In activemq.xml enable simpleAuthenticationPlugin or jaasAuthenticationPlugin and "
        'authorizationPlugin, without anonymousAccessAllowed="true"; let transportConnector listen on '
        "internal addresses, with ssl; use 5.15.16, 5.16.7, 5.17.6, 5.18.3 or later, or a distribution's "
        "mended package; let only application servers through the firewall.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "OpenWire specification",
            "https://activemq.apache.org/components/classic/documentation/openwire-version-2-specification",
        ),
        Reference(
            "ActiveMQ: security", "https://activemq.apache.org/components/classic/documentation/security"
        ),
        Reference(
            "CVE-2023-46604",
            "https://activemq.apache.org/security-advisories.data/CVE-2023-46604-announcement.txt",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
