"""Jenkins can be reached, or used without authentication.

How it is seen: ``GET /api/json?tree=_class`` is carried out for anonymous visitors, or answered 403. Only an answer
in the service's own form counts. How it is judged: usable without authentication is a failure, and it weighs less on
a loopback address. What it cannot show: whether visitors may also configure or build.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import JenkinsFacts

RULE = access_rule(
    id="exposure/jenkins",
    name=Text("Jenkins 持续集成平台", "Jenkins"),
    facts=JenkinsFacts,
    rationale=Text(
        "匿名可读的 Jenkins 会泄露代码、构建日志中的口令和密钥；匿名可管理的，可以在脚本控制台执行任意命令。",
        "A Jenkins that anonymous visitors may read gives away code, and passwords and keys in build logs; where "
        "they may administer it, the script console runs any command.",
    ),
    remediation=Text(
        "系统管理—全局安全配置：启用安全域，授权策略选“登录用户可以做任何事”（取消“允许匿名读”）或矩阵授权且匿名无权限；及时"
        "升级，经 VPN 或反向代理访问。",
        "Manage Jenkins, Security: a security realm, and “Logged-in users can do anything” without anonymous read "
        "access, or a matrix without rights for anonymous; keep it up to date, and reach it through a VPN or a "
        "proxy.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("Jenkins: access control", "https://www.jenkins.io/doc/book/security/managing-security/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
