"""The console of XXL-JOB can be reached from outside.

How it is seen: one GET each of /xxl-job-admin/toLogin and /xxl-job-admin/auth/login (where newer versions have it); no login is tried.
How it is judged: only by the form of the login page, never by the status, since many sites answer 200 to anything; a path that gave
no answer is inconclusive. What it cannot show: a console under another context path, whether its first password was changed, and
whether its version is flawed.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/xxl-job-admin/toLogin", "/xxl-job-admin/auth/login")


RULE = Rule(
    id="web/xxl-job-exposed",
    title=Text("XXL-JOB 调度中心可被直接访问", "The XXL-JOB console can be reached by anyone"),
    rationale=Text(
        "登录调度中心的人可以在各执行器上运行任意脚本。对外开放时，默认口令和弱口令会被不停地猜测，接口的默认令牌也常被利用。",
        "Whoever is logged in there runs any script on the executors. In the open its first and weak passwords are guessed "
        "without end, and the default token of its interface is often tried.",
    ),
    remediation=Text(
        "只允许内网访问，更换 admin 账号的初始口令，并升级到仍受维护的版本。XXL-JOB（application.properties）："
        "xxl.job.accessToken 改成自己的随机值，执行器用同一个值；执行器端口（9999）不对外开放。　nginx：location "
        "/xxl-job-admin/ { allow 10.0.0.0/8; deny all; }　Apache：<Location /xxl-job-admin> Require ip 10.0.0.0/8 "
        "</Location>　IIS（反向代理）：requestFiltering 的 hiddenSegments 加入 xxl-job-admin　Tomcat（部署在外部容器中的）："
        "RemoteAddrValve 限制来源。",
        "Let inner addresses in only, change the first password of the account admin, and run a version that is still "
        "maintained. XXL-JOB (application.properties): a random xxl.job.accessToken of your own, the same in the executors; "
        "keep the executors' port (9999) closed to the outside. nginx: location /xxl-job-admin/ { allow 10.0.0.0/8; deny "
        "all; } Apache: <Location /xxl-job-admin> Require ip 10.0.0.0/8 </Location> IIS (as a proxy): hiddenSegments of "
        "requestFiltering with xxl-job-admin. Tomcat (where it was deployed into one): a RemoteAddrValve.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("XXL-JOB 调度中心登录页", "the login page of the XXL-JOB console"), Status.WARN, Severity.MEDIUM
    ),
    evaluate=evaluate,
    references=(Reference("XXL-JOB", "https://www.xuxueli.com/xxl-job/"), WSTG_ADMIN),
)
