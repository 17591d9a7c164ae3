"""InfluxDB can be reached, or used without authentication.

How it is seen: ``/ping`` names the version, and the query ``SHOW DATABASES`` is carried out without credentials. Only
an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: what the databases hold; their names are not kept.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import InfluxdbFacts

RULE = access_rule(
    id="exposure/influxdb",
    name=Text("InfluxDB 时序数据库", "InfluxDB"),
    facts=InfluxdbFacts,
    rationale=Text(
        "不要认证的 InfluxDB，任何能连上的人都可以读取、写入、删除监控和业务时序数据。",
        "Without authentication anyone who can connect may read, write and delete the series, of machines and of "
        "business.",
    ),
    remediation=Text(
        "1.x：influxdb.conf 的 [http] auth-enabled = true，先建管理员；2.x、3.x"
        " 默认要令牌，不要关闭；只监听内网地址，启用 https-enabled。",
        "1.x: auth-enabled = true in [http] of influxdb.conf, after an administrator was made; 2.x and 3.x want a "
        "token by default: leave it so; listen on internal addresses and switch https-enabled on.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "InfluxDB 1.8: authentication",
            "https://docs.influxdata.com/influxdb/v1/administration/authentication_and_authorization/",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
