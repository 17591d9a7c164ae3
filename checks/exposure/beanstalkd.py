"""beanstalkd can be reached and used by everyone.

How it is seen: the server carries out ``stats``. How it is judged: the protocol has no authentication, so whoever reaches the
server may put jobs in, take them out and delete them. What it cannot show: what the jobs hold; none is reserved or peeked at.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import BeanstalkdFacts

RULE = access_rule(
    id="exposure/beanstalkd",
    name=Text("beanstalkd（任务队列）", "beanstalkd (a job queue)"),
    facts=BeanstalkdFacts,
    rationale=Text(
        "beanstalkd 的协议没有认证：任何能连上的人都可以取走、删除任务，或者投入伪造的任务，让后台程序执行。",
        "beanstalkd's protocol has no authentication: anyone who can connect may take and delete jobs, or "
        "put in forged ones for the workers to carry out.",
    ),
    remediation=Text(
        "启动时用 -l 127.0.0.1 或内网地址（Debian：/etc/default/beanstalkd 中的 BEANSTALKD_LISTEN_ADDR）；"
        "必须跨主机使用的，在防火墙、安全组中只放行工作进程所在的服务器，经过不可信网络的用 VPN 或 "
        "stunnel。",
        "Start it with -l 127.0.0.1 or an internal address (Debian: BEANSTALKD_LISTEN_ADDR in "
        "/etc/default/beanstalkd). Where other hosts need it, let only the workers through the firewall, "
        "and use a VPN or stunnel over networks that are not trusted.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "beanstalkd: protocol", "https://github.com/beanstalkd/beanstalkd/blob/master/doc/protocol.txt"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
