"""A remote desktop (RDP) can be reached.

How it is seen: the server's choice in the negotiation of security ([MS-RDPBCGR] §2.2.1.2). Nobody logs in. How it is judged: a
risk, since passwords are guessed and flaws used all day long on every remote desktop that the Internet reaches. What it cannot
show: whether a firewall lets only the scanner's network through.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import RdpFacts

RULE = access_rule(
    id="exposure/rdp",
    name=Text("远程桌面（RDP）", "A remote desktop (RDP)"),
    facts=RdpFacts,
    rationale=Text(
        "对外开放的远程桌面是勒索软件最常用的入口之一：口令被不停地猜测，未修补的漏洞（如 CVE-2019-0708）不需要口令就能取得控制权。",
        "Remote desktops in the open are among the commonest ways in for ransomware: passwords are guessed without end, and "
        "flaws that were not mended (such as CVE-2019-0708) give control without any.",
    ),
    remediation=Text(
        "在防火墙、安全组中不对外开放 3389 端口，改经 VPN、堡垒机或者远程桌面网关使用；启用网络级身份验证（NLA）和账户锁定策略，"
        "及时安装系统更新；用不到的，在“系统属性—远程”中关闭。"
        "　xrdp：xrdp.ini 中 port=tcp://127.0.0.1:3389，经 SSH 隧道使用。",
        "Keep port 3389 closed to the outside and come through a VPN, a bastion host or a remote desktop gateway; switch on "
        "Network Level Authentication and account lockout, install updates; where it is not needed, switch it off under "
        "System Properties, Remote."
        " xrdp: port=tcp://127.0.0.1:3389 in xrdp.ini, and an SSH tunnel.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "[MS-RDPBCGR] §5.4",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-rdpbcgr/8e8b2cca-c1fa-456c-8ecb-a82fc60b2322",
        ),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
