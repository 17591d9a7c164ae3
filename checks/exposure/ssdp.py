"""A device answers searches for UPnP devices from outside its network.

How it is seen: one M-SEARCH sent to the address itself (UPnP Device Architecture 2.0 §1.3.2). How it is judged: UPnP is made for the
local network; whoever is answered from elsewhere learns what device it is. What it cannot show: what can be done with it; its
description is not fetched.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import SsdpFacts

RULE = access_rule(
    id="exposure/ssdp",
    name=Text("UPnP/SSDP 设备发现服务", "A UPnP device (SSDP)"),
    facts=SsdpFacts,
    rationale=Text(
        "UPnP 只用于局域网内的设备发现，没有认证；暴露到外部会泄露设备型号和固件版本，有的设备还允许外人"
        "改端口映射。应答比请求大，而 UDP 的来源地址可以伪造，会被用来放大流量、攻击他人。",
        "UPnP is for finding devices in the local network and knows no authentication; outside, it tells "
        "model and firmware, and some devices let strangers change port mappings. Its answers are larger "
        "than the questions, and senders of datagrams can be forged: it is used to amplify attacks on "
        "others.",
    ),
    remediation=Text(
        "关闭 WAN 口的 UPnP，在边界防火墙封禁 UDP 1900。路由器、光猫：管理页面关闭 UPnP；　Windows：停用 "
        "SSDP Discovery（SSDPSRV）和 UPnP Device Host 服务；　Linux：停用 minissdpd、miniupnpd 或者只监听"
        "内网口（listening_ip）。",
        "Switch UPnP off towards the outside and block UDP 1900 at the border. Routers: UPnP off in the "
        "console. Windows: stop SSDP Discovery (SSDPSRV) and UPnP Device Host. Linux: stop minissdpd and "
        "miniupnpd, or bind them to the inside (listening_ip).",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "UPnP Device Architecture 2.0",
            "https://openconnectivity.org/upnp-specs/UPnP-arch-DeviceArchitecture-v2.0-20200417.pdf",
        ),
        Reference(
            "CISA: UDP-Based Amplification Attacks (TA14-017A)",
            "https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks",
        ),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
