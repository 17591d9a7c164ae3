"""The Kubernetes API can be reached, or used without authentication.

How it is seen: ``GET /version`` is public by default; ``GET /api`` is carried out for anonymous clients only where
they were given rights. Only an answer in the service's own form counts. How it is judged: usable without
authentication is a failure, and it weighs less on a loopback address. What it cannot show: which rights those are; no
object is read.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import KubernetesFacts

RULE = access_rule(
    id="exposure/kubernetes",
    name=Text("Kubernetes API 服务", "The Kubernetes API"),
    facts=KubernetesFacts,
    rationale=Text(
        "匿名用户被授权的 Kubernetes API，可以读取配置和密钥、部署容器，进而控制整个集群。",
        "A Kubernetes API that gives rights to anonymous users may show configuration and secrets and let "
        "containers be deployed, and so gives the cluster away.",
    ),
    remediation=Text(
        "kube-apiserver：--anonymous-auth=false 或不给 system:anonymous、s"
        "ystem:unauthenticated 绑定角色（kubectl get clusterrolebinding 检查"
        "），--authorization-mode=Node,RBAC；停用不安全端口；只让管理网段访问 6443。",
        "kube-apiserver: --anonymous-auth=false, or no role for system:anonymous and system:unauthenticated (look "
        "with kubectl get clusterrolebinding), --authorization-mode=Node,RBAC; no insecure port; let only the "
        "management network reach 6443.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Kubernetes: anonymous requests",
            "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
