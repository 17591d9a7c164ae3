"""A telecontrol station (IEC 60870-5-104) answers strangers.

How it is seen: one test frame, which the station confirms (§5.3); data transfer is never started. How it is judged: the protocol knows
no authentication of its own; whoever is answered may start data transfer and send commands. What it cannot show: whether the
station takes orders from other addresses than its master's.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import Iec104Facts

RULE = access_rule(
    id="exposure/iec104",
    name=Text("IEC 104 电力远动装置", "An IEC 104 telecontrol station"),
    facts=Iec104Facts,
    rationale=Text(
        "IEC 60870-5-104 用于电力调度、变电站，没有认证。外人可能遥控开关、伪造遥测。电力监控系统应当安全"
        "分区、网络专用、横向隔离、纵向认证。",
        "IEC 60870-5-104 runs power grids and substations, without authentication: strangers might "
        "switch breakers or forge readings. Power control systems have to stay in zones and networks of "
        "their own, isolated and authenticated.",
    ),
    remediation=Text(
        "控制设备不应当与互联网直接相连：放到独立的控制网络，经工业防火墙、VPN 和堡垒机访问；在边界封禁 "
        "TCP 2404；生产控制大区与互联网物理隔离，纵向经电力专用加密认证装置；站端只允许主站地址（白名单）"
        "，支持的装置启用 IEC 62351-3（TLS）和 62351-5 认证。",
        "Controllers do not belong on the internet: a control network of their own, reached through an "
        "industrial firewall, VPN and jump host; block TCP 2404 at the border. Keep the production zone "
        "physically apart from the internet, with the grid's own encrypting and authenticating gateways. "
        "Let the master's addresses alone in; use IEC 62351-3 (TLS) and 62351-5 where devices know them.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("IEC 60870-5-104", "https://webstore.iec.ch/en/publication/25035"),
        Reference("电力监控系统安全防护规定", "https://www.ndrc.gov.cn/"),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
