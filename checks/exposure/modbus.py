"""A controller (Modbus/TCP) answers strangers.

How it is seen: its basic device identification is read (Modbus Application Protocol V1.1b3 §6.21); no register is read, nothing
written. How it is judged: Modbus knows no authentication, so that whoever is answered may read and write what the device lets be
written. What it cannot show: what it controls.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import ModbusFacts

RULE = access_rule(
    id="exposure/modbus",
    name=Text("Modbus 工业控制设备", "A Modbus controller"),
    facts=ModbusFacts,
    rationale=Text(
        "Modbus 没有认证和加密，能访问它的人通常可以读写寄存器、改变设备运行，可能造成停产和人身伤害。",
        "Modbus has no authentication and no encryption: whoever reaches it can usually read and write "
        "registers and change what the plant does, to the harm of production and people.",
    ),
    remediation=Text(
        "控制设备不应当与互联网直接相连：放到独立的控制网络，经工业防火墙、VPN 和堡垒机访问；在边界封禁 "
        "TCP 502；网关只放行监控主站的地址和所需功能码（只读：1–4）；支持的设备改用 Modbus/TCP Security（"
        "TLS，802 端口）。施耐德、台达、汇川等 PLC：在工程软件中启用访问控制列表并禁用不用的以太网服务。",
        "Controllers do not belong on the internet: a control network of their own, reached through an "
        "industrial firewall, VPN and jump host; block TCP 502 at the border. Let the master's address "
        "and the needed function codes alone through (read only: 1 to 4); use Modbus/TCP Security (TLS, "
        "port 802) where devices know it. Schneider, Delta, Inovance and other PLCs: access control list "
        "on, unused Ethernet services off, in the engineering tool.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Modbus Application Protocol V1.1b3",
            "https://www.modbus.org/docs/Modbus_Application_Protocol_V1_1b3.pdf",
        ),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
