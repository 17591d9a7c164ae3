"""A program's configuration or source can be read from outside.

How it is seen: one GET each of /web.config (IIS), /WEB-INF/web.xml (Java) and /config.php.bak, a few kilobytes at
most. How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: files of other names; whether there is a password
in it, since nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_FILES, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/web.config", "/WEB-INF/web.xml", "/config.php.bak")


RULE = Rule(
    id="web/app-config-exposed",
    title=Text("程序配置文件可被直接读取", "A program's configuration can be read by anyone"),
    rationale=Text(
        "IIS 和 Tomcat 本来不会给出这些文件；能读到，说明文件被放到了别的服务器上，或者保护被关闭。其中常有数据库口令，"
        "WEB-INF 下还有程序本身。",
        "IIS and Tomcat do not give these files out; where they can be read, they were put behind another server or the "
        "protection is off. They often hold database passwords, and WEB-INF holds the program itself.",
    ),
    remediation=Text(
        "从网站目录删除或者拒绝访问，并更换其中出现过的口令。"
        "nginx：location ~* ^/(web\\.config|WEB-INF|META-INF)|\\.(bak|old|swp)$ { deny all; }　"
        'Apache：RedirectMatch 404 "(?i)^/(web\\.config|WEB-INF|META-INF)"，<FilesMatch "\\.(bak|old|swp)$"> Require all denied　'
        "Tomcat：只发布 war，前面的 nginx 不要把 webapps 目录当作静态目录（root 不要指向应用目录）　"
        "IIS：requestFiltering 的 hiddenSegments 保留 web.config，fileExtensions 中禁止 .bak。",
        "Delete them from the web root or deny them, and change every password that was in them. "
        "nginx: location ~* ^/(web\\.config|WEB-INF|META-INF)|\\.(bak|old|swp)$ { deny all; } "
        'Apache: RedirectMatch 404 "(?i)^/(web\\.config|WEB-INF|META-INF)", <FilesMatch "\\.(bak|old|swp)$"> Require all denied; '
        "Tomcat: deploy the war alone, and let no nginx in front serve the webapps folder as static files; "
        "IIS: keep web.config in hiddenSegments of requestFiltering, deny .bak under fileExtensions.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("程序的配置或者源代码", "a program's configuration or source"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(WSTG_FILES,),
)
