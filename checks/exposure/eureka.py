"""A registry of microservices (Eureka) is open to strangers.

How it is seen: the list of applications is read, and not kept. Only an answer in the service's own form counts. How it is judged: whoever reads it may, as a rule, also register services and so
lead requests to himself. What it cannot show: whether registering is let through, which is not tried.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import EurekaFacts

RULE = access_rule(
    id="exposure/eureka",
    name=Text("Eureka 注册中心", "The service registry Eureka"),
    facts=EurekaFacts,
    rationale=Text(
        "注册中心列出全部内部服务的地址，还允许注册和下线实例，外人可据此劫持内部调用。",
        "The registry lists the addresses of all inner services, and lets instances be added and "
        "removed: strangers can lead inner calls to themselves.",
    ),
    remediation=Text(
        "只监听内网并用防火墙限制；加 spring-boot-starter-security，设置 "
        "spring.security.user.name/password，客户端 defaultZone 写 http://用户:口令@地址/eureka/；　升级"
        "到受支持的 Spring Cloud。",
        "Inside only, by firewall; add spring-boot-starter-security with spring.security.user.name and "
        "password, and http://USER:PASSWORD@HOST/eureka/ as defaultZone of clients; use a supported "
        "Spring Cloud.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Spring Cloud Netflix: securing the Eureka server",
            "https://docs.spring.io/spring-cloud-netflix/reference/spring-cloud-netflix.html",
        ),
        Reference("Eureka REST operations", "https://github.com/Netflix/eureka/wiki/Eureka-REST-operations"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
