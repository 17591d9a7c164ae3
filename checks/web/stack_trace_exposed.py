"""A page of the site tells what goes on inside: a stack trace, or the page of a debug mode.

How it is seen: the home page, and the answer to one address that does not exist (which is asked for anyhow); nothing
is sent to provoke an error. Only the kind is kept, nothing of what the page says. How it is judged: a debug mode is
worse than a trace. On pages without an error status only PHP's own messages count, since such pages may quote a trace
on purpose. What it cannot show: what pages tell when they are given unusual input.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts

_DEBUG_MODES = ("Django DEBUG", "Laravel Ignition", "ThinkPHP", "Werkzeug", "Ruby on Rails")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether a page told anything, and which kind."""
    facts = service.need(HttpFacts)
    kind = facts.error_detail
    evidence = (Evidence("http.error_detail", kind or "(none)"),)
    if kind is None:
        yield Outcome("none" if facts.catch_all is not None else "undecided", {}, evidence)
    else:
        yield Outcome("debug_mode" if kind in _DEBUG_MODES else "trace", {"kind": kind}, evidence)


RULE = Rule(
    id="web/stack-trace-exposed",
    title=Text("页面泄露程序内部的出错信息", "A page gives away a program's inner errors"),
    rationale=Text(
        "出错信息中有文件路径、函数名、SQL 语句等，便于攻击者了解程序内部；调试模式的页面还会给出配置和变量。",
        "Errors name files, functions and queries, which helps to understand the program from outside; a debug mode's page "
        "also gives settings and variables.",
    ),
    remediation=Text(
        "关闭调试模式，对外只给出统一的出错页，详情写入日志。PHP：display_errors = Off、log_errors = On　"
        "ThinkPHP：app_debug 设为 false　Laravel：APP_DEBUG=false　Django：DEBUG = False　"
        'ASP.NET：<customErrors mode="On" /> 或 "RemoteOnly"；IIS：<httpErrors errorMode="Custom" />　'
        'Tomcat：server.xml 的 Host 中 <Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" '
        'showServerInfo="false" />　Spring Boot：server.error.include-stacktrace=never　Node.js：NODE_ENV=production　'
        "nginx、Apache：proxy_intercept_errors on; error_page 500 /50x.html; 或 ErrorDocument 500 /50x.html。",
        "Switch the debug mode off, show one plain error page, and write the details to a log. PHP: display_errors = Off, "
        "log_errors = On; ThinkPHP: app_debug false; Laravel: APP_DEBUG=false; Django: DEBUG = False; "
        'ASP.NET: <customErrors mode="On" /> or "RemoteOnly"; IIS: <httpErrors errorMode="Custom" />; '
        'Tomcat: <Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" '
        'showServerInfo="false" /> in the Host of server.xml; Spring Boot: server.error.include-stacktrace=never; '
        "Node.js: NODE_ENV=production; nginx, Apache: proxy_intercept_errors on; error_page 500 /50x.html; or ErrorDocument "
        "500 /50x.html.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "debug_mode": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "页面是调试模式的出错页（{kind}）；正式环境应关闭调试模式。",
                "A page is that of a debug mode ({kind}); wanted: no debug mode in production.",
            ),
        ),
        "trace": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "页面带有程序内部的出错信息（{kind}）；应只给出统一的出错页。",
                "A page shows a program's inner errors ({kind}); wanted: one plain error page.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("没有得到出错页，不能判断。", "No error page was seen; nothing is concluded."),
        ),
        "none": Declared(
            status=Status.PASS,
            detail=Text(
                "首页和不存在的网址的回答中没有出错详情；其他页面没有检查。",
                "Neither the home page nor the answer to an unknown address shows an error's details; other pages were not "
                "examined.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=own_answer,
    references=(
        Reference("CWE-209", "https://cwe.mitre.org/data/definitions/209.html"),
        Reference("CWE-489", "https://cwe.mitre.org/data/definitions/489.html"),
    ),
)
