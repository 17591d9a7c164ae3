"""phpMyAdmin can be reached from outside.

How it is seen: one GET each of /phpmyadmin/ and /phpMyAdmin/; no login is tried. How it is judged: only by the page's own script
parameters, never by the status, since many sites answer 200 to anything. A page that is already logged in (``logged_in`` with no
login form) lets anybody use the database; a login form is an entrance that passwords are guessed at. A path that gave no answer is
inconclusive. What it cannot show: a phpMyAdmin under another name, and whether the version seen is flawed.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts

_PATHS = ("/phpmyadmin/", "/phpMyAdmin/")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    seen = service.need(HttpFacts).paths
    inside = {path: "usable" for path in _PATHS if path in seen and "logged_in:true" in seen[path].proof}
    return judge_paths(service, *_PATHS, worse=inside)


RULE = Rule(
    id="web/phpmyadmin-exposed",
    title=Text("phpMyAdmin 可被直接访问", "phpMyAdmin can be reached by anyone"),
    rationale=Text(
        "phpMyAdmin 可以读写整个数据库。对外开放时，口令会被不停地猜测，历史版本的漏洞也会被利用；配置文件中写了口令的，"
        "不登录就能使用。",
        "phpMyAdmin reads and writes whole databases. In the open its passwords are guessed without end and old flaws are "
        "tried; where its settings hold the password, it needs no login at all.",
    ),
    remediation=Text(
        "只允许内网或者运维主机访问，升级到仍受维护的版本，不用时卸载。config.inc.php：auth_type 用 cookie，不在其中写口令，"
        "AllowNoPassword 为 false，AllowRoot 为 false。　nginx：location ~* ^/phpmyadmin/ { allow 10.0.0.0/8; deny all; }，"
        "写在处理 PHP 的 location 之前　Apache：<Location /phpmyadmin> Require ip 10.0.0.0/8 </Location>　IIS："
        "ipSecurity allowUnlisted=false，只列出运维主机　Tomcat（作反向代理的）：RemoteAddrValve 限制来源。",
        "Let inner or administrators' addresses in only, run a version that is still maintained, and remove it where it is "
        "not used. config.inc.php: auth_type cookie, no password in it, AllowNoPassword false, AllowRoot false. nginx: "
        "location ~* ^/phpmyadmin/ { allow 10.0.0.0/8; deny all; } before the location that runs PHP. Apache: <Location "
        "/phpmyadmin> Require ip 10.0.0.0/8 </Location> IIS: ipSecurity allowUnlisted=false with administrators' hosts "
        "alone. Tomcat (as a proxy): a RemoteAddrValve.",
    ),
    severity=Severity.CRITICAL,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        **path_outcomes(Text("phpMyAdmin 页面", "the page of phpMyAdmin"), Status.WARN, Severity.MEDIUM),
        "usable": Declared(
            status=Status.FAIL,
            severity=Severity.CRITICAL,
            detail=Text(
                "{paths} 的 phpMyAdmin 不用登录就能使用，任何人都可以读写数据库。",
                "The phpMyAdmin at {paths} can be used without a login: anybody can read and write the database.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference(
            "phpMyAdmin: Securing your installation", "https://docs.phpmyadmin.net/en/latest/setup.html"
        ),
        WSTG_ADMIN,
    ),
)
