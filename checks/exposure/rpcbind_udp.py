"""ONC RPC's port mapper answers strangers over UDP.

How it is seen: its null procedure is called (RFC 1833). How it is judged: the port mapper is for hosts that share files with each other; it
tells which programs run, and amplifies. What it cannot show: the programs, which are not listed.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import RpcbindUdpFacts

RULE = access_rule(
    id="exposure/rpcbind-udp",
    name=Text("rpcbind（端口映射）服务的 UDP 接口", "rpcbind over UDP"),
    facts=RpcbindUdpFacts,
    rationale=Text(
        "rpcbind 为 NFS 等服务登记端口，对外开放会说出运行着哪些 RPC 程序，并引向文件共享。应答比请求大，"
        "而 UDP 的来源地址可以伪造，会被用来放大流量、攻击他人。",
        "rpcbind registers ports for NFS and the like; open to the outside it tells which RPC programs "
        "run and leads to file shares. Its answers are larger than the questions, and senders of "
        "datagrams can be forged: it is used to amplify attacks on others.",
    ),
    remediation=Text(
        "不使用 NFSv3 时停用：systemctl disable --now rpcbind.socket rpcbind;　需要时在防火墙只放行 NFS "
        "客户端，或者在 /etc/default/rpcbind 用 -h 只监听内网地址；NFSv4 不需要 rpcbind。",
        "Without NFSv3, switch it off: systemctl disable --now rpcbind.socket rpcbind. Else let NFS "
        "clients alone through the firewall, or bind it to the inside with -h in /etc/default/rpcbind; "
        "NFSv4 needs no rpcbind.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 1833", "https://www.rfc-editor.org/rfc/rfc1833"),
        Reference(
            "CISA: UDP-Based Amplification Attacks (TA14-017A)",
            "https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks",
        ),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
