"""A camera or media server (RTSP) describes its stream to strangers, or can be reached.

How it is seen: DESCRIBE of its root (RFC 2326 §10.2); nothing is set up or played. How it is judged: a description with media shows that the stream
can be watched. What it cannot show: other streams, whose paths are the maker's and are not tried.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import RtspFacts

RULE = access_rule(
    id="exposure/rtsp",
    name=Text("RTSP 摄像头 / 视频流服务", "An RTSP camera or media server"),
    facts=RtspFacts,
    rationale=Text(
        "不要口令的视频流任何人都能观看，泄露人员行踪等个人信息；摄像头也是僵尸网络的主要来源。",
        "A stream without a password can be watched by anyone, and with it people's movements; cameras "
        "are also a main source of botnets.",
    ),
    remediation=Text(
        "摄像头和录像机不映射到公网，经 VPN 或者视频平台（GB/T 28181、GB 35114）访问；启用 RTSP 认证（摘"
        "要）和强口令，关闭 ONVIF 匿名访问，升级固件。海康：配置—系统—安全管理—RTSP 认证选 digest；大华："
        "网络—端口—启用认证；　封禁 TCP 554、8554、8000、37777。",
        "Never map cameras and recorders to the internet; reach them by VPN or a video platform (GB/T "
        "28181, GB 35114). RTSP authentication (digest) on, strong passwords, no anonymous ONVIF, new "
        "firmware. Hikvision: Configuration, System, Security, RTSP authentication digest. Dahua: "
        "Network, Port. Block TCP 554, 8554, 8000, 37777.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("RFC 2326 §10", "https://www.rfc-editor.org/rfc/rfc2326#section-10"),
        Reference("GB 35114 公共安全视频监控联网信息安全技术要求", "https://openstd.samr.gov.cn/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
)
