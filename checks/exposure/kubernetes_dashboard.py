"""The Kubernetes dashboard can be reached, or used without authentication.

How it is seen: ``GET /api/v1/login/status`` shows the dashboard, and a list of one namespace is given to whoever has no token
(as with ``--enable-skip-login``), or answered 401. Only an answer in the dashboard's own form counts. How it is judged: usable
without authentication is a failure, and it weighs less on a loopback address. What it cannot show: what the account that is used
may do; dashboards of version 7, which ask elsewhere.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import KubernetesDashboardFacts

RULE = access_rule(
    id="exposure/kubernetes-dashboard",
    name=Text("Kubernetes 控制面板", "The Kubernetes dashboard"),
    facts=KubernetesDashboardFacts,
    rationale=Text(
        "不要登录的控制面板，任何人都可以查看集群、读取密钥配置，权限较大时还能创建容器、控制整个集群。",
        "Without a login anyone sees the cluster and its secrets, and where the account has rights, starts containers and "
        "takes the cluster over.",
    ),
    remediation=Text(
        "去掉启动参数 --enable-skip-login，不给 kubernetes-dashboard 服务账号绑定 cluster-admin；不用 NodePort、LoadBalancer 对外暴露，"
        "经 kubectl port-forward 或带认证的入口（Ingress）访问；不再维护的版本改用其他工具。",
        "No --enable-skip-login, and no cluster-admin for the service account kubernetes-dashboard; no NodePort or LoadBalancer: "
        "come through kubectl port-forward or an ingress that asks for a login; replace versions that are no longer kept.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Kubernetes: deploy and access the dashboard",
            "https://kubernetes.io/docs/tasks/access-application-cluster/web-ui-dashboard/",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
