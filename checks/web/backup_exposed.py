"""A backup or a database dump can be read from outside.

How it is seen: one GET each of eight usual names (/backup.zip, /www.zip, /wwwroot.rar, /backup.sql, /db.sql ...) and of
an archive called after the site (/www.example.cn.zip), of which only the first bytes are read.
How it is judged: only by the shape of the body: an archive's first bytes, or the statements of a dump. A dump
is worse than an archive, whose contents are not looked at. A path that gave no answer is inconclusive.
What it cannot show: backups under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, exposed, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts

_ARCHIVES = ("/backup.zip", "/www.zip", "/wwwroot.zip", "/wwwroot.rar", "/backup.tar.gz")
_DUMPS = ("/backup.sql", "/db.sql", "/dump.sql")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    # An archive called after the site has another name on every site.
    after_the_site = [path for path in service.need(HttpFacts).paths if path.endswith(".zip")]
    paths = dict.fromkeys((*_ARCHIVES, *after_the_site, *_DUMPS))
    return judge_paths(service, *paths, worse=dict.fromkeys(_DUMPS, "dump_exposed"))


RULE = Rule(
    id="web/backup-exposed",
    title=Text("备份或者数据库导出文件可被直接下载", "A backup or database dump can be read by anyone"),
    rationale=Text(
        "备份中常有源代码、数据库和个人信息，任何人都可以下载。",
        "Backups often hold source code, databases and personal information, and anyone can take them.",
    ),
    remediation=Text(
        "从网站目录删除备份，存放到不能通过网站访问的位置；查看访问日志是否已被下载，涉及个人信息的按规定处置和报告。"
        'nginx：location ~* \\.(sql|bak|zip|tar|gz)$ { deny all; }　Apache：<FilesMatch "\\.(sql|bak|zip|tar|gz)$"> '
        "Require all denied　IIS：requestFiltering 的 fileExtensions 中禁止 .sql、.bak 等　Tomcat：不要放在 webapps "
        "之下；确要随应用存放的，放入 WEB-INF（不对外提供）。",
        "Remove backups from the web root to where the site cannot give them out; look in the access log for "
        "downloads, and act and report as required where personal information is concerned. nginx: location ~* "
        '\\.(sql|bak|zip|tar|gz)$ { deny all; } Apache: <FilesMatch "\\.(sql|bak|zip|tar|gz)$"> Require all denied; '
        "IIS: deny .sql, .bak and the like under fileExtensions of requestFiltering. Tomcat: keep them out of "
        "webapps, or under WEB-INF, which is never given out.",
    ),
    severity=Severity.CRITICAL,
    duties=("intrusion_protection", "data_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "dump_exposed": exposed(Text("数据库导出文件", "a database dump"), Status.FAIL, Severity.CRITICAL),
        **path_outcomes(Text("备份文件", "a backup"), Status.FAIL, Severity.HIGH),
    },
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
