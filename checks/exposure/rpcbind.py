"""ONC RPC's port mapper lists to strangers which programs run.

How it is seen: DUMP over TCP (RFC 1833). How it is judged: the port mapper is for hosts that share files with each other; its list leads to
NFS, NIS and the like. What it cannot show: what the programs let strangers do; shared directories have a rule of their own.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import RpcbindFacts

RULE = access_rule(
    id="exposure/rpcbind",
    name=Text("rpcbind（端口映射）服务", "rpcbind (the port mapper)"),
    facts=RpcbindFacts,
    rationale=Text(
        "rpcbind 为 NFS 等服务登记端口，对外开放会说出运行着哪些 RPC 程序，并引向文件共享；它的 UDP 接口"
        "还会被用来放大攻击。",
        "rpcbind registers ports for NFS and the like; open to the outside it tells which RPC programs "
        "run and leads to file shares, and its UDP side amplifies attacks.",
    ),
    remediation=Text(
        "不使用 NFSv3 时停用：systemctl disable --now rpcbind.socket rpcbind；　需要时在防火墙只放行 NFS "
        "客户端，或者在 /etc/default/rpcbind 用 -h 只监听内网地址；NFSv4 不需要 rpcbind。",
        "Without NFSv3, switch it off: systemctl disable --now rpcbind.socket rpcbind. Else let NFS "
        "clients alone through the firewall, or bind it to the inside with -h in /etc/default/rpcbind; "
        "NFSv4 needs no rpcbind.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RFC 1833", "https://www.rfc-editor.org/rfc/rfc1833"),),
    usable=None,
    reachable=Severity.MEDIUM,
)
