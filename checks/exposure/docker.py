"""The Docker API can be reached, or used without authentication.

How it is seen: ``GET /version``, then ``GET /containers/json?limit=1``, of which only the form is looked at. Only an
answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it weighs
less on a loopback address. What it cannot show: what the containers do; nothing of the list is kept.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import DockerFacts

RULE = access_rule(
    id="exposure/docker",
    name=Text("Docker 远程接口", "The Docker API"),
    facts=DockerFacts,
    rationale=Text(
        "能使用 Docker 接口就等于拥有这台机器的 root 权限：可以启动挂载整个磁盘的容器。未加保护的 2375 端口常"
        "被自动植入挖矿程序。",
        "Whoever may use the Docker API is root on the machine: a container can mount the whole disk. Unprotected "
        "ports 2375 are found by programs that install miners.",
    ),
    remediation=Text(
        "daemon.json 或启动参数中去掉 tcp:// 监听，只用本机套接字；确需远程的，用 --tlsverify -"
        "-tlscacert --tlscert --tlskey 双向认证（2376），或者改用 ssh://（docker "
        "context create --docker host=ssh://…）。防火墙中封禁 2375。",
        "Take tcp:// out of hosts in daemon.json and of the start options, so that the local socket alone is "
        "left; where it must be remote, --tlsverify --tlscacert --tlscert --tlskey with client certificates "
        "(2376), or ssh:// (docker context create --docker host=ssh://…). Block 2375 in the firewall.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("Docker Engine API", "https://docs.docker.com/reference/api/engine/"),
        Reference(
            "Protect the Docker daemon socket", "https://docs.docker.com/engine/security/protect-access/"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
