"""A console for containers (Portainer) can be reached, or used without authentication.

How it is seen: ``/api/status`` tells of the console, and the list of environments is asked for without a token. Only an answer in the service's own form counts. How it is judged: who
controls containers controls the machine. What it cannot show: whether its first administrator was set up.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import PortainerFacts

RULE = access_rule(
    id="exposure/portainer",
    name=Text("Portainer 容器管理控制台", "The container console Portainer"),
    facts=PortainerFacts,
    rationale=Text(
        "Portainer 能创建特权容器，等于控制主机。刚安装而未设管理员时，先到的人就成为管理员。",
        "Portainer starts privileged containers, which is to control the machine. Before its "
        "administrator is set up, whoever comes first becomes it.",
    ),
    remediation=Text(
        "只对内网开放（docker run -p 127.0.0.1:9443:9443），关闭 9000 明文端口和 8000 隧道端口；设置管理"
        "员强口令并启用 OAuth 或者 LDAP；前置 VPN 或者带认证的反向代理。",
        "Inside only (docker run -p 127.0.0.1:9443:9443), without the clear-text port 9000 and the "
        "tunnel port 8000; a strong administrator's password, OAuth or LDAP; a VPN or a proxy with "
        "authentication in front.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("Portainer: API documentation", "https://docs.portainer.io/api/docs"),),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
