"""A container registry can be reached, or used without authentication.

How it is seen: ``GET /v2/`` carries the registry's own header, and ``GET /v2/_catalog?n=1`` is carried out without
credentials. Only an answer in the service's own form counts. How it is judged: usable without authentication is a
failure, and it weighs less on a loopback address. What it cannot show: whether images may be pushed; nothing is
written, and names are not kept.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import DockerRegistryFacts

RULE = access_rule(
    id="exposure/docker-registry",
    name=Text("容器镜像仓库", "A container registry"),
    facts=DockerRegistryFacts,
    rationale=Text(
        "镜像中常有代码、配置和密钥；不要认证的仓库可以被整批拉取，多数还可以被推送带后门的镜像。",
        "Images hold code, configuration and keys; a registry without authentication gives all of them out, and "
        "mostly takes images with back doors.",
    ),
    remediation=Text(
        "config.yml：auth.htpasswd 或 auth.token，http.tls；或者前面放带认证的反向代理"
        "；只对构建和运行节点开放 5000 端口。Harbor：项目设为私有。",
        "config.yml: auth.htpasswd or auth.token, http.tls; or a proxy with authentication in front; port 5000 "
        "for the machines that build and run alone. Harbor: private projects.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Distribution: configuring a registry",
            "https://distribution.github.io/distribution/about/configuration/",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
