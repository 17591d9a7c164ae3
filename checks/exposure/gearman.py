"""A Gearman job server can be reached and used by everyone.

How it is seen: the server carries out ``status``, an administrator's question; the names of functions in its answer are
counted and not kept. How it is judged: gearmand has no authentication, so whoever reaches it may submit jobs, pose as a worker,
or shut it down. What it cannot show: what the jobs do.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import GearmanFacts

RULE = access_rule(
    id="exposure/gearman",
    name=Text("Gearman 任务服务器", "A Gearman job server"),
    facts=GearmanFacts,
    rationale=Text(
        "gearmand 没有认证：任何能连上的人都可以提交任务让后台程序执行，冒充工作进程截取任务内容，或者让服"
        "务停止。",
        "gearmand has no authentication: anyone who can connect may submit jobs for the workers to carry "
        "out, pose as a worker and take jobs, or shut the server down.",
    ),
    remediation=Text(
        "启动时用 --listen=127.0.0.1 或内网地址（Debian：/etc/default/gearman-job-server 中的 PARAMS）；必"
        "须跨主机使用的，在防火墙、安全组中只放行客户端和工作进程所在的服务器；1.1.15 以后可用 --ssl 配合"
        "客户端证书。",
        "Start it with --listen=127.0.0.1 or an internal address (Debian: PARAMS in "
        "/etc/default/gearman-job-server). Where other hosts need it, let only clients and workers "
        "through the firewall; since 1.1.15 --ssl with client certificates can be used.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("Gearman protocol", "http://gearman.org/protocol/"),
        Reference("gearmand", "http://gearman.org/manual/job_server/"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
