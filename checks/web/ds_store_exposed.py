"""A file of macOS that lists a folder's contents (.DS_Store) can be read from outside.

How it is seen: one GET of /.DS_Store, a few hundred bytes. How it is judged: only by the first bytes of the body; a
path that gave no answer is inconclusive. What it cannot show: such files in other folders; the names in it are not
read.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/.DS_Store")


RULE = Rule(
    id="web/ds-store-exposed",
    title=Text(".DS_Store 文件可被直接读取", "A .DS_Store file can be read by anyone"),
    rationale=Text(
        "该文件列出目录中的文件名，攻击者可以据此找到备份、后台等没有公开链接的文件。",
        "It lists the names of a folder's files, and so leads to backups, back offices and other files that nothing links to.",
    ),
    remediation=Text(
        "删除已经上传的 .DS_Store（find 网站目录 -name .DS_Store -delete），发布时排除，并拒绝访问以点开头的文件。"
        "nginx：location ~ /\\.(?!well-known) { deny all; }　Apache：RedirectMatch 404 /\\.DS_Store　"
        "Tomcat：打包时排除　IIS：requestFiltering 的 hiddenSegments 加入 .DS_Store。",
        "Delete what was uploaded (find WEBROOT -name .DS_Store -delete), leave it out when deploying, and deny files that "
        "begin with a dot. nginx: location ~ /\\.(?!well-known) { deny all; } Apache: RedirectMatch 404 /\\.DS_Store; "
        "Tomcat: leave it out of the archive; IIS: add .DS_Store to hiddenSegments of requestFiltering.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("目录的文件名列表（.DS_Store）", "a folder's list of names (.DS_Store)"),
        Status.WARN,
        Severity.LOW,
    ),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
