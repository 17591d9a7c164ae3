"""The kubelet API can be reached, or used without authentication.

How it is seen: the status and the form of the answer to ``GET /pods``. Only an answer in the service's own form
counts. How it is judged: usable without authentication is a failure, and it weighs less on a loopback address. What
it cannot show: what the pods are; nothing of the list is kept.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import KubeletFacts

RULE = access_rule(
    id="exposure/kubelet",
    name=Text("kubelet 接口", "The kubelet API"),
    facts=KubeletFacts,
    rationale=Text(
        "kubelet 接口不要认证时，可以列出容器、读取日志，在 10250 端口上还可以在容器里执行命令。",
        "A kubelet API without authentication lists containers and logs, and on port 10250 carries out commands "
        "in them.",
    ),
    remediation=Text(
        "kubelet 配置：authentication.anonymous.enabled: false，authentic"
        "ation.webhook.enabled: true，authorization.mode: Webhook，read"
        "OnlyPort: 0；防火墙中只放行控制平面访问 10250。",
        "kubelet configuration: authentication.anonymous.enabled: false, authentication.webhook.enabled: true, "
        "authorization.mode: Webhook, readOnlyPort: 0; let only the control plane reach 10250.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Kubelet authentication/authorization",
            "https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
