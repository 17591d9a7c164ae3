"""Small services of old answer over UDP: echo, daytime, quote of the day, character generator.

How it is seen: one datagram of six bytes, and an answer in the service's own form. How it is judged: nobody needs them today, and
they amplify forged datagrams, or answer each other without end. What it cannot show: why they are on.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import SmallServiceFacts

RULE = access_rule(
    id="exposure/small-services",
    name=Text("echo、chargen 等过时小服务（UDP）", "A small service of old (UDP)"),
    facts=SmallServiceFacts,
    rationale=Text(
        "echo、chargen、daytime、qotd 是几十年前的调试服务，今天没有用处。应答比请求大，而 UDP 的来源地址"
        "可以伪造，会被用来放大流量、攻击他人。",
        "Echo, chargen, daytime and qotd are debugging services of decades ago, of no use today. Its "
        "answers are larger than the questions, and senders of datagrams can be forged: it is used to "
        "amplify attacks on others.",
    ),
    remediation=Text(
        "关闭。inetd.conf、xinetd.d：注释或者 disable = yes;　思科：no service udp-small-servers；　"
        "Windows：卸载“简单 TCP/IP 服务”；　打印机、老旧设备：管理页面关闭。",
        "Switch them off. inetd.conf, xinetd.d: commented out, or disable = yes. Cisco: no service "
        "udp-small-servers. Windows: remove Simple TCP/IP Services. Printers and old devices: off in the "
        "console.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 862", "https://www.rfc-editor.org/rfc/rfc862"),
        Reference("RFC 864", "https://www.rfc-editor.org/rfc/rfc864"),
        Reference(
            "CISA: UDP-Based Amplification Attacks (TA14-017A)",
            "https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks",
        ),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
