"""A controller (EtherNet/IP) names itself to strangers.

How it is seen: ListIdentity, which opens no session (ODVA: CIP, Volume 2). How it is judged: EtherNet/IP without CIP Security knows no
authentication, so that whoever is answered may open a session. What it cannot show: what it controls.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import EthernetIpFacts

RULE = access_rule(
    id="exposure/ethernet-ip",
    name=Text("EtherNet/IP 工业控制设备", "An EtherNet/IP controller"),
    facts=EthernetIpFacts,
    rationale=Text(
        "EtherNet/IP（罗克韦尔、欧姆龙等）默认没有认证，外人可以读写标签、改变运行模式、更新固件。",
        "EtherNet/IP (Rockwell, Omron and others) has no authentication by default: strangers read and "
        "write tags, change modes and update firmware.",
    ),
    remediation=Text(
        "控制设备不应当与互联网直接相连：放到独立的控制网络，经工业防火墙、VPN 和堡垒机访问；在边界封禁 "
        "TCP 44818；同时封禁 UDP 44818、2222；ControlLogix：钥匙开关置于 RUN，启用 CIP Security（TLS）和"
        "可信插槽；网关只放行工程站。",
        "Controllers do not belong on the internet: a control network of their own, reached through an "
        "industrial firewall, VPN and jump host; block TCP 44818 at the border. Block UDP 44818 and 2222 "
        "as well. ControlLogix: key switch to RUN, CIP Security (TLS) and trusted slots. Let engineering "
        "stations alone through.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "ODVA: EtherNet/IP", "https://www.odva.org/technology-standards/key-technologies/ethernet-ip/"
        ),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
