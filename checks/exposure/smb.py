"""Shares are listed to strangers, or SMB can be reached.

How it is seen: an anonymous session, in which the names of shares are asked for ([MS-SRVS] §3.1.4.8); no share is opened. How it is judged: a
list shows that the server serves clients without a name; SMB reachable at all is grave, since worms and ransomware travel by it. What it
cannot show: whether a share can be read or written without a name.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import SmbFacts

RULE = access_rule(
    id="exposure/smb",
    name=Text("SMB 文件共享", "SMB file sharing"),
    facts=SmbFacts,
    rationale=Text(
        "SMB（445、139）是蠕虫和勒索软件最常用的入口（如“永恒之蓝”）；匿名列出共享说明无需账号即可查询，"
        "常伴随匿名读写。",
        "SMB (445, 139) is the favourite way in of worms and ransomware (EternalBlue); a list of shares "
        "for nobody shows that questions are answered without an account, and often more.",
    ),
    remediation=Text(
        "边界防火墙和云安全组封禁 TCP 139、445，远程办公经 VPN。Windows：组策略“网络访问：不允许 SAM 帐户"
        "和共享的匿名枚举”启用，RestrictNullSessAccess=1，停用来宾；不用时停止 Server（LanmanServer）服务"
        "；　Samba（smb.conf）：restrict anonymous = 2、map to guest = never，共享写 guest ok = no、"
        "hosts allow = 内网；interfaces 和 bind interfaces only = yes。",
        "Block TCP 139 and 445 at the border and in security groups; remote work by VPN. Windows: policy "
        "'Do not allow anonymous enumeration of SAM accounts and shares', RestrictNullSessAccess=1, no "
        "guest; stop the Server service (LanmanServer) where it is not used. Samba (smb.conf): restrict "
        "anonymous = 2, map to guest = never; in shares guest ok = no and hosts allow = INSIDE; "
        "interfaces with bind interfaces only = yes.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "[MS-SRVS] §3.1.4.8 NetrShareEnum",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-srvs/c4a98e7b-d416-439c-97bd-4d9f52f8ba52",
        ),
        Reference(
            "CISA: SMB Security Best Practices",
            "https://www.cisa.gov/news-events/alerts/2017/01/16/smb-security-best-practices",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
)
