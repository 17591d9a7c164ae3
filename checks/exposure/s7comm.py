"""A Siemens S7 controller answers strangers.

How it is seen: a connection to its processor, and one read of the systems state list that names the module (Wireshark:
packet-s7comm.c). How it is judged: whoever is answered may, on old models and without a password set, stop it or load a program. What it
cannot show: the protection level set, and what it controls.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import S7commFacts

RULE = access_rule(
    id="exposure/s7comm",
    name=Text("西门子 S7 控制器", "A Siemens S7 controller"),
    facts=S7commFacts,
    rationale=Text(
        "S7-300/400 以及未设保护的 S7-1200/1500 允许任何能连上的人读写数据、停机和下载程序，“震网”一类攻"
        "击即由此发起。",
        "An S7-300 or 400, or a 1200 or 1500 without protection, lets whoever connects read and write "
        "data, stop it and load programs: the way of attacks like Stuxnet.",
    ),
    remediation=Text(
        "控制设备不应当与互联网直接相连：放到独立的控制网络，经工业防火墙、VPN 和堡垒机访问；在边界封禁 "
        "TCP 102；TIA 博途—CPU 属性—防护与安全：访问级别设为“完全防护”并设口令，不勾选“允许 PUT/GET 通信"
        "访问”，启用安全 PG/PC 通信（TLS）；S7-300/400 前置带防火墙的通信处理器（CP 343/443 Advanced）。",
        "Controllers do not belong on the internet: a control network of their own, reached through an "
        "industrial firewall, VPN and jump host; block TCP 102 at the border. TIA Portal, CPU "
        "properties, Protection and security: complete protection with a password, no PUT/GET access, "
        "secure PG/PC communication (TLS). Before an S7-300 or 400, a communication processor with a "
        "firewall (CP 343-1 or 443-1 Advanced).",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 1006", "https://www.rfc-editor.org/rfc/rfc1006"),
        Reference("Wireshark: S7comm", "https://wiki.wireshark.org/S7comm"),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
