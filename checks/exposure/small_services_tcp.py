"""Small services of old answer over TCP: echo, daytime, character generator.

How it is seen: what they say, or six bytes that come back. How it is judged: nobody needs them today, and each open port is one more
way in. What it cannot show: why they are on.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import SmallServiceTcpFacts

RULE = access_rule(
    id="exposure/small-services-tcp",
    name=Text("echo、chargen 等过时小服务（TCP）", "A small service of old (TCP)"),
    facts=SmallServiceTcpFacts,
    rationale=Text(
        "echo、chargen、daytime 是几十年前的调试服务，今天没有用处，开着只会增加被利用的机会；它们开着通"
        "常也说明系统是多年前的默认配置。",
        "Echo, chargen and daytime are debugging services of decades ago, of no use today; they being on "
        "usually means a configuration of long ago.",
    ),
    remediation=Text(
        "关闭。inetd.conf、xinetd.d：注释或者 disable = yes;　思科：no service tcp-small-servers；　"
        "Windows：卸载“简单 TCP/IP 服务”；　打印机、老旧设备：管理页面关闭。",
        "Switch them off. inetd.conf, xinetd.d: commented out, or disable = yes. Cisco: no service "
        "tcp-small-servers. Windows: remove Simple TCP/IP Services. Printers and old devices: off in the "
        "console.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 862", "https://www.rfc-editor.org/rfc/rfc862"),
        Reference("RFC 864", "https://www.rfc-editor.org/rfc/rfc864"),
        Reference("RFC 867", "https://www.rfc-editor.org/rfc/rfc867"),
    ),
    usable=None,
    reachable=Severity.LOW,
)
