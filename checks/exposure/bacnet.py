"""A building controller (BACnet) answers strangers.

How it is seen: the identifier of its device object is read (ASHRAE 135, clause 15.5); nothing is written. How it is judged: BACnet/IP
knows no authentication, so that whoever reads one property may read others, and write those that can be written. What it
cannot show: what it controls.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import BacnetFacts

RULE = access_rule(
    id="exposure/bacnet",
    name=Text("BACnet 楼宇控制设备", "A BACnet building controller"),
    facts=BacnetFacts,
    rationale=Text(
        "BACnet 控制空调、门禁、消防等楼宇设备，协议本身没有认证。能访问它的人可以读取状态，也可能改变设"
        "备运行，危及人身安全。",
        "BACnet runs air conditioning, doors and fire safety, and has no authentication of its own. "
        "Whoever reaches it may read, and perhaps change, what the building does.",
    ),
    remediation=Text(
        "不要把 UDP 47808 暴露到互联网；放到独立的控制网络，经 VPN 访问；支持的设备改用 BACnet/SC（TLS）"
        "；网关上只放行管理站地址。",
        "Keep UDP 47808 off the internet: a control network of its own, reached by VPN; BACnet/SC (TLS) "
        "where devices know it; the management station alone through the gateway.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("ANSI/ASHRAE 135 (BACnet)", "https://bacnet.org/"),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
