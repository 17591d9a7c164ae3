"""The source maps of the site's scripts can be read from outside.

How it is seen: for the first two scripts that the home page loads from its own origin, one GET of the script's name
with .map behind it, a few hundred bytes. How it is judged: only by the shape of the body. What it cannot show: maps
under other names; whether the source was meant to be public, as that of open software is.
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
from checks.web.page import shows_page
from checks.web.paths import determined
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    maps = service.need(HttpFacts).source_maps
    shown = [path for path, found in maps.items() if found.matched]
    open_ = [path for path, found in maps.items() if not determined(found)]
    evidence = tuple(
        Evidence(f"http.source_maps.{path}", f"{found.status} {found.proof}".strip())
        for path, found in maps.items()
    )
    name = "exposed" if shown else "undecided" if open_ else "closed" if maps else "no_script"
    yield Outcome(name, {"paths": ", ".join(shown or open_ or maps)}, evidence)


RULE = Rule(
    id="web/source-map-exposed",
    title=Text("前端源代码映射文件可被读取", "Source maps can be read by anyone"),
    rationale=Text(
        "源代码映射（source map）可以还原出压缩以前的前端源代码和注释，便于攻击者找到接口和弱点。",
        "A source map gives back the source of the scripts as it was written, with its comments, and helps to find interfaces "
        "and weaknesses.",
    ),
    remediation=Text(
        "正式环境不要生成或者发布 .map 文件。webpack：devtool: false（或者 hidden-source-map 并另行保存）　"
        "Vite：build.sourcemap: false　Vue CLI：productionSourceMap: false。已经发布的，删除并拒绝访问。"
        'nginx：location ~ \\.map$ { deny all; }　Apache：<FilesMatch "\\.map$"> Require all denied　'
        "Tomcat：打包时排除　IIS：requestFiltering 的 fileExtensions 中禁止 .map。",
        "Do not make or deploy .map files for production. webpack: devtool: false (or hidden-source-map, kept elsewhere); "
        "Vite: build.sourcemap: false; Vue CLI: productionSourceMap: false. Delete and deny what is deployed. "
        'nginx: location ~ \\.map$ { deny all; } Apache: <FilesMatch "\\.map$"> Require all denied; '
        "Tomcat: leave them out of the archive; IIS: deny .map under fileExtensions of requestFiltering.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "exposed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "无需登录即可读取源代码映射（{paths}）。",
                "Without a login, source maps can be read ({paths}).",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有得到 {paths} 的有效回答，不能判断。",
                "{paths} gave no usable answer; nothing is concluded.",
            ),
        ),
        "no_script": Declared(
            status=Status.INFO,
            detail=Text(
                "首页没有引用本站的脚本文件，或者没有再问。",
                "The home page loads no script file of its own, or no more was asked.",
            ),
        ),
        "closed": Declared(
            status=Status.PASS, detail=Text("{paths} 没有返回源代码映射。", "{paths} gave no source map.")
        ),
    },
    evaluate=evaluate,
    applies=shows_page,
    references=(
        Reference("ECMA-426 Source map format", "https://tc39.es/ecma426/"),
        Reference("CWE-540", "https://cwe.mitre.org/data/definitions/540.html"),
    ),
)
