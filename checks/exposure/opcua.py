"""A server of machine data (OPC UA) answers strangers.

How it is seen: Hello and its acknowledgement (OPC 10000-6 §7.1); no channel is opened. How it is judged: it should be reached by its
clients alone. What it cannot show: whether it grants sessions without a user, or without encryption.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import OpcuaFacts

RULE = access_rule(
    id="exposure/opcua",
    name=Text("OPC UA 服务器", "An OPC UA server"),
    facts=OpcuaFacts,
    rationale=Text(
        "OPC UA 汇集产线数据并可下发指令。默认配置常允许匿名会话和不加密（安全策略 None）。",
        "OPC UA gathers data of the plant and passes orders. As delivered, it often grants anonymous "
        "sessions without encryption (security policy None).",
    ),
    remediation=Text(
        "控制设备不应当与互联网直接相连：放到独立的控制网络，经工业防火墙、VPN 和堡垒机访问；在边界封禁 "
        "TCP 4840；禁用安全策略 None 和匿名令牌，只留 Basic256Sha256 以上的 SignAndEncrypt，客户端用证书"
        "或者用户名登录，证书逐一信任。",
        "Controllers do not belong on the internet: a control network of their own, reached through an "
        "industrial firewall, VPN and jump host; block TCP 4840 at the border. Switch off security "
        "policy None and anonymous tokens; SignAndEncrypt with Basic256Sha256 or better alone; clients "
        "log in by certificate or user name, and each certificate is trusted by hand.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("OPC 10000-6 §7.1", "https://reference.opcfoundation.org/Core/Part6/v105/docs/7.1"),
        Reference("工业控制系统信息安全防护指南（工信部，2024）", "https://www.miit.gov.cn/"),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
