"""Consul can be reached, or used without authentication.

How it is seen: ``GET /v1/status/leader`` names the leader, and ``GET /v1/agent/self`` is carried out without a token.
Only an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: whether scripts may be registered.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import ConsulFacts

RULE = access_rule(
    id="exposure/consul",
    name=Text("Consul 服务", "Consul"),
    facts=ConsulFacts,
    rationale=Text(
        "Consul 保存服务地址和配置；不设 ACL 时任何人都可以读取、改写，启用了脚本检查的还可以执行命令。",
        "Consul holds addresses and configuration of services; without ACLs anyone may read and change them, and "
        "where script checks are on, run commands.",
    ),
    remediation=Text(
        'acl { enabled = true, default_policy = "deny" }，并为各服务发令牌；ena'
        "ble_script_checks = false（必须用的改为 enable_local_script_checks）"
        "；client_addr 只写本机或内网地址，启用 TLS。",
        'acl { enabled = true, default_policy = "deny" } with a token for each service; enable_script_checks = '
        "false (or enable_local_script_checks); client_addr on the machine itself or an internal address; TLS on.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("Consul: ACL", "https://developer.hashicorp.com/consul/docs/security/acl"),),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
