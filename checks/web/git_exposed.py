"""The version repository (.git) can be read from outside.

How it is seen: one GET of /.git/HEAD, a few hundred bytes.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: repositories in other folders.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/.git/HEAD")


RULE = Rule(
    id="web/git-exposed",
    title=Text("版本库（.git）可被直接读取", "The version repository (.git) can be read by anyone"),
    rationale=Text(
        "攻击者可以据此还原全部源代码和历史版本，其中常有口令和密钥。",
        "All source code and its history can be rebuilt from it, often with passwords and keys.",
    ),
    remediation=Text(
        "从网站目录移走 .git 并拒绝访问；更换代码和历史版本中出现过的口令、密钥。"
        "nginx：location ~ /\\.git { deny all; }　"
        "Apache：RedirectMatch 404 /\\.git　Tomcat：发布时不要把 .git 放进应用目录　"
        "IIS：requestFiltering 的 hiddenSegments 加入 .git。",
        "Move .git out of the web root and deny it; change every password and key that was ever in the "
        "code. nginx: location ~ /\\.git { deny all; } Apache: RedirectMatch 404 /\\.git Tomcat: leave "
        ".git out of what is deployed. IIS: add .git to hiddenSegments of requestFiltering.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("版本库（.git）", "the version repository (.git)"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
