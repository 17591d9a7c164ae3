"""A backup or database dump can be read from outside.

How it is seen: one GET of /backup.zip, /www.zip, /backup.sql, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/backup.zip", "/www.zip", "/backup.sql")


RULE = Rule(
    id="web/backup-exposed",
    title=Text("可从外部读取备份或数据库导出文件", "A backup or database dump can be read from outside"),
    rationale=Text(
        "备份中常有源代码、数据库和个人信息。",
        "Backups often hold source code, databases and personal information.",
    ),
    remediation=Text(
        "从网站目录删除备份，存放到不可从外部访问的位置；核查是否已被下载（访问日志），涉及个人"
        "信息的按规定处置和报告。",
        "Remove backups from the web root to where nobody outside can reach; check the access "
        "log for downloads, and report as required where personal information is concerned.",
    ),
    severity=Severity.CRITICAL,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("备份或数据库导出文件", "a backup or database dump"), Status.FAIL, Severity.CRITICAL
    ),
    evaluate=evaluate,
    references=(
        Reference("OWASP WSTG-CONF-04", "https://owasp.org/www-project-web-security-testing-guide/"),
    ),
)
