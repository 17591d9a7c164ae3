"""The version repository (.svn) can be read from outside.

How it is seen: one GET each of /.svn/entries and /.svn/wc.db (Subversion 1.7 and later), a few hundred bytes.
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
    return judge_paths(service, "/.svn/entries", "/.svn/wc.db")


RULE = Rule(
    id="web/svn-exposed",
    title=Text("版本库（.svn）可被直接读取", "The version repository (.svn) can be read by anyone"),
    rationale=Text(
        "攻击者可以据此得到文件清单和源代码，其中常有口令和密钥。",
        "The list of files and their source code can be taken from it, often with passwords and keys.",
    ),
    remediation=Text(
        "从网站目录移走 .svn 并拒绝访问，发布时用 svn export；更换代码中出现过的口令、密钥。nginx：location ~ /\\.svn "
        "{ deny all; }　Apache：RedirectMatch 404 /\\.svn　Tomcat：发布时不要把 .svn 放进应用目录　IIS："
        "requestFiltering 的 hiddenSegments 加入 .svn。",
        "Move .svn out of the web root and deny it, and deploy by svn export; change every password and key that was "
        "in the code. nginx: location ~ /\\.svn { deny all; } Apache: RedirectMatch 404 /\\.svn. Tomcat: leave .svn "
        "out of what is deployed. IIS: add .svn to hiddenSegments of requestFiltering.",
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
        Text("版本库（.svn）", "the version repository (.svn)"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
