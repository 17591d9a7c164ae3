"""A host tells strangers its NetBIOS names.

How it is seen: one node status request (RFC 1002 §4.2.17). How it is judged: the service is for the local network; names, domain and
role help intruders. What it cannot show: shares, which other rules look at.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import NetbiosFacts

RULE = access_rule(
    id="exposure/netbios-ns",
    name=Text("NetBIOS 名称服务", "A NetBIOS name service"),
    facts=NetbiosFacts,
    rationale=Text(
        "NetBIOS 是老式的局域网服务，会说出计算机名、域名和角色；与之配套的文件共享端口常被勒索软件利用。"
        "应答比请求大，而 UDP 的来源地址可以伪造，会被用来放大流量、攻击他人。",
        "NetBIOS is an old service for local networks; it tells the computer's name, domain and role, "
        "and the file sharing beside it is a favourite of ransomware. Its answers are larger than the "
        "questions, and senders of datagrams can be forged: it is used to amplify attacks on others.",
    ),
    remediation=Text(
        "在边界封禁 UDP 137、138 和 TCP 139、445。Windows：网卡—TCP/IPv4—高级—WINS—禁用 TCP/IP 上的 "
        "NetBIOS；　Samba（smb.conf）：disable netbios = yes，并停用 nmbd。",
        "Block UDP 137 and 138, TCP 139 and 445 at the border. Windows: adapter, TCP/IPv4, Advanced, "
        "WINS, disable NetBIOS over TCP/IP. Samba (smb.conf): disable netbios = yes, and stop nmbd.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RFC 1002 §4.2.17", "https://www.rfc-editor.org/rfc/rfc1002"),),
    usable=None,
    reachable=Severity.MEDIUM,
)
