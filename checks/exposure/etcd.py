"""etcd can be reached, or read without authentication.

How it is seen: ``GET /version``, then one range read through the HTTP gateway over all keys, limited to one and to counting,
which needs the right to read everything and brings neither keys nor values along. How it is judged: whoever may read
everything in an etcd without authentication may change it too. What it cannot show: whose settings it holds.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import EtcdFacts

RULE = access_rule(
    id="exposure/etcd",
    name=Text("etcd", "etcd"),
    facts=EtcdFacts,
    rationale=Text(
        "etcd 保存着 Kubernetes 的全部对象（包括密钥）和许多系统的配置；不要求认证时，任何能连上的人都可以"
        "读出密钥、改写配置，进而控制整个集群。",
        "etcd keeps all objects of Kubernetes, secrets among them, and the settings of many systems. "
        "Without authentication anyone who can connect may read the secrets, change the settings and so "
        "control the cluster.",
    ),
    remediation=Text(
        "启用客户端证书：--client-cert-auth=true、--trusted-ca-file、--cert-file、--key-file，"
        "--listen-client-urls 只写 https 的内网地址；节点间同样用 --peer-client-cert-auth=true；或者建立 "
        "root 用户后执行 etcdctl auth enable。在防火墙、安全组中只放行 API Server 等客户端和集群成员（"
        "2379、2380）。曾暴露过的，Kubernetes 的密钥和令牌应当更换。",
        "Ask for client certificates: --client-cert-auth=true with --trusted-ca-file, --cert-file and "
        "--key-file, --listen-client-urls with https on internal addresses; --peer-client-cert-auth=true "
        "between members; or create the user root and run etcdctl auth enable. Let only the API server, "
        "other clients and members through the firewall (2379, 2380). Where it was open, change the "
        "secrets and tokens of Kubernetes.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("etcd: transport security", "https://etcd.io/docs/latest/op-guide/security/"),
        Reference(
            "etcd: role-based access control", "https://etcd.io/docs/latest/op-guide/authentication/rbac/"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
