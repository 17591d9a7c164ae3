"""A phpinfo page can be read from outside.

How it is seen: one GET each of /phpinfo.php and /info.php, a few kilobytes.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: such pages under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/phpinfo.php", "/info.php")


RULE = Rule(
    id="web/phpinfo-exposed",
    title=Text("phpinfo 页面可被直接读取", "A phpinfo page can be read by anyone"),
    rationale=Text(
        "泄露软件版本、目录、模块和环境变量（其中可能有口令），便于攻击。",
        "It gives away versions, folders, modules and environment variables, passwords perhaps among them.",
    ),
    remediation=Text(
        "删除该文件；需要查看时在服务器上运行 php -i。PHP：php.ini 中设置 disable_functions = phpinfo，重启 php-fpm　"
        "nginx：location ~* /(phpinfo|info|test)\\.php$ { deny all; }　Apache：<FilesMatch "
        '"^(phpinfo|info|test)\\.php$"> Require all denied </FilesMatch>　IIS：requestFiltering 的 hiddenSegments '
        "加入 phpinfo.php、info.php。　Tomcat 不运行 PHP；网站目录中的 .php 会被当作文本读出，应一并删除。",
        "Delete the file, and run php -i on the server when it is needed. PHP: disable_functions = phpinfo in "
        "php.ini, and restart php-fpm. nginx: location ~* /(phpinfo|info|test)\\.php$ { deny all; } Apache: "
        '<FilesMatch "^(phpinfo|info|test)\\.php$"> Require all denied </FilesMatch> IIS: add phpinfo.php and '
        "info.php to hiddenSegments of requestFiltering. Tomcat runs no PHP and gives .php files out as text: delete "
        "them as well.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("phpinfo 页面", "a phpinfo page"), Status.FAIL, Severity.MEDIUM),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
