"""A proxy's API and dashboard (Traefik) are open to strangers.

How it is seen: ``/api/version``, then ``/api/overview``. Only an answer in the service's own form counts. How it is judged: the API tells routes, inner servers and names of certificates. What it cannot show:
the routes themselves, which are not asked for.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import TraefikFacts

RULE = access_rule(
    id="exposure/traefik",
    name=Text("Traefik 管理接口", "Traefik's API and dashboard"),
    facts=TraefikFacts,
    rationale=Text(
        "不要登录的管理接口会说出全部路由、内部服务地址和域名。",
        "An API without a login tells all routes, inner addresses and names.",
    ),
    remediation=Text(
        "去掉 --api.insecure=true；用路由器暴露 api@internal，并加 basicAuth 或者 forwardAuth 和 "
        "ipAllowList 中间件；entryPoint traefik 只监听 127.0.0.1:8080。",
        "Remove --api.insecure=true; expose api@internal by a router with the middlewares basicAuth or "
        "forwardAuth and ipAllowList; entry point traefik on 127.0.0.1:8080.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("Traefik: API and dashboard", "https://doc.traefik.io/traefik/operations/api/"),),
    usable=Severity.MEDIUM,
    reachable=Severity.LOW,
    basis=Basis.HTTP,
)
