"""The access log can be read from outside.

How it is seen: one GET of /access.log, a few kilobytes; only that such lines are there is kept, none of their
addresses.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: logs under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/access.log")


RULE = Rule(
    id="web/access-log-exposed",
    title=Text("访问日志可被直接读取", "The access log can be read by anyone"),
    rationale=Text(
        "访问日志含有用户的网络地址和访问行为，是应当留存并加以保护的记录。",
        "Access logs hold users' addresses and what they did: records to be kept, and kept safe.",
    ),
    remediation=Text(
        "把日志移出网站目录，限制读取权限，按规定留存不少于六个月。"
        "nginx：access_log /var/log/nginx/access.log;　"
        "Apache：CustomLog /var/log/apache2/access.log combined　"
        "Tomcat：AccessLogValve 的 directory 不要放在 webapps 下　"
        "IIS：日志目录不要放在网站目录下。",
        "Move the log out of the web root, let few read it, and keep it no less than six months as "
        "required. nginx: access_log /var/log/nginx/access.log; Apache: CustomLog "
        "/var/log/apache2/access.log combined; Tomcat: directory of AccessLogValve outside webapps; "
        "IIS: the log folder outside the site's.",
    ),
    severity=Severity.HIGH,
    duties=(
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("访问日志", "the access log"), Status.FAIL, Severity.HIGH),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
