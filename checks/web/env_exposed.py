"""The environment file (.env) can be read from outside.

How it is seen: one GET of /.env, a few kilobytes; of what it says only names of settings are kept.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: files of other names, such as
.env.production.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/.env")


RULE = Rule(
    id="web/env-exposed",
    title=Text("环境配置文件（.env）可被直接读取", "The environment file (.env) can be read by anyone"),
    rationale=Text(
        "其中通常有数据库口令和密钥，可以直接用于侵入。",
        "It usually holds database passwords and keys that open the way in.",
    ),
    remediation=Text(
        "移出网站目录（网站根目录应为 public 等子目录）并拒绝访问；立即更换其中的全部口令和密钥，并查看访问日志是否已"
        "被读取。nginx：root 指向 public；location ~ /\\.env { deny all; }　Apache：DocumentRoot 指向 public；"
        "RedirectMatch 404 /\\.env　Tomcat：打包时排除　IIS：requestFiltering 的 hiddenSegments 加入 .env。",
        "Move it out of the web root (which should be a folder such as public) and deny it; change all its passwords "
        "and keys at once, and look in the access log for who has read it. nginx: root at public; location ~ /\\.env "
        "{ deny all; } Apache: DocumentRoot at public; RedirectMatch 404 /\\.env. Tomcat: leave it out of the "
        "archive. IIS: add .env to hiddenSegments of requestFiltering.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("环境配置文件（.env）", "the environment file (.env)"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
