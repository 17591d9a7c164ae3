"""The documentation page of each rule, made from the rule itself; and the indexes by family and by duty.

The same page is printed by ``zijian checks show`` and shown by the documentation site, in Chinese first, then in English.
``python -m reports.rule_pages FOLDER`` writes them all as Markdown.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from checks.model import Rule, Text
from checks.registry import LoadedRule, builtin
from reports.law.corpus import load as load_law
from reports.wording import LANGUAGES, Language, Wording

_SERVERS = (
    "nginx", "Apache", "Tomcat", "IIS", "PHP", "Java", "HAProxy", "Caddy", "lighttpd", "OpenSSH", "dropbear", "Postfix",
    "Exim", "Dovecot", "BIND", "Unbound", "PowerDNS", "NSD", "dnsmasq", "Windows", "Redis", "MySQL", "MariaDB", "PostgreSQL",
    "MongoDB", "Elasticsearch", "SQL Server", "Oracle", "ClickHouse", "Cassandra", "Django", "Laravel", "ThinkPHP", "Spring Boot",
    "Node.js", "ASP.NET", "Nacos", "webpack", "Vite", "Vue CLI", "vsftpd", "ProFTPD", "Pure-FTPd", "Docker", "Kubernetes",
    "etcd", "ZooKeeper", "Linux", "Mosquitto", "EMQX", "HiveMQ", "RabbitMQ", "Cisco", "Huawei", "Knot", "Sendmail", "Exchange", "xrdp", "WordPress",
)  # fmt: skip
_NAMED = rf"(?:{'|'.join(map(re.escape, _SERVERS))})"
_PARTS = {
    "zh": re.compile(rf"　+|(?<=[。；])(?={_NAMED}[^：，。；]{{0,24}}：)"),
    "en": re.compile(rf"(?<=[;.,}}>\w]) (?={_NAMED}[^:;]{{0,24}}: )"),
}
"""Where a text on how to mend goes over to the next product."""
_MARKUP = re.compile(r"([\\`*_\[\]#|{}~])")

Escape = Callable[[str], str]


def markdown(text: str) -> str:
    """``text`` so that Markdown shows every character of it as it is: settings are full of what it would take for markup."""
    return _MARKUP.sub(r"\\\1", html.escape(text, quote=False))


def _as_it_is(text: str) -> str:
    return text


def rule_page(loaded: LoadedRule, languages: Sequence[Language] = LANGUAGES, *, site: bool = False) -> str:
    """The page of one rule in Markdown. For the ``site`` its texts are escaped and duties are links."""
    rule = loaded.rule
    say: Escape = markdown if site else _as_it_is
    lines = [f"# {rule.id}", ""]
    for lang in languages:
        lines += _texts(loaded, Wording(lang), say, site=site)
    words = Wording(languages[0])
    told = " · ".join(Wording(lang)("rule_page.seen") for lang in languages)
    lines += [f"## {told}", "", say(loaded.page), ""]
    if rule.references:
        lines += [f"## {words('rule_page.references')}", ""]
        lines += [f"- {say(ref.title)}" + (f" <{ref.url}>" if ref.url else "") for ref in rule.references]
    return "\n".join(lines).rstrip() + "\n"


def _texts(loaded: LoadedRule, words: Wording, say: Escape, *, site: bool) -> Iterator[str]:
    """What a page says in one language."""
    rule = loaded.rule
    yield from (f"## {say(words.pick(rule.title))}", "")
    for key, value in _facts(loaded, words, site=site):
        yield f"- {words.word('rule_page', key)}{words('rule_page.colon')}{value}"
    yield from ("", f"### {words('rule_page.rationale')}", "", say(words.pick(rule.rationale)), "")
    yield from (f"### {words('rule_page.outcomes')}", "")
    for name, declared in rule.outcomes.items():
        kind = words.word("status", declared.status.value)
        if declared.status.deviates:
            kind += f" / {words.word('severity', declared.severity.value)}"
        yield f"- `{name}` ({kind}){words('rule_page.colon')}{say(words.pick(declared.detail))}"
    yield from ("", f"### {words('rule_page.remediation')}", "")
    first, *rest = _parts(words.pick(rule.remediation), words.lang)
    if first:
        yield from (say(first), "")
    if rest:
        yield from (*(f"- {say(part)}" for part in rest), "")


def _facts(loaded: LoadedRule, words: Wording, *, site: bool) -> Iterator[tuple[str, str]]:
    rule = loaded.rule
    yield "severity", f"{words.word('severity', rule.severity.value)} ({rule.severity.value})"
    names = {key: words.pick(duty.name) for key, duty in load_law().duties.items()}
    duties = (f"{names.get(key, key)} ({key})" for key in rule.duties)
    linked = (f"[{names.get(key, key)}](../duties.md#{key}) (`{key}`)" for key in rule.duties)
    yield "duties", words.listing(linked if site else duties)
    yield "needs", ", ".join(f"`{kind.PROBE}`" for kind in rule.needs)
    if rule.reads:
        yield "reads", ", ".join(f"`{kind.PROBE}`" for kind in rule.reads)
    yield "basis", words.word("basis", rule.basis.value)
    yield "impact", words.word("rule_page", rule.impact.value)
    yield "since", f"{rule.since} ({loaded.source})"


def listed(loaded: LoadedRule) -> dict[str, object]:
    """What ``zijian checks list --format json`` says of a rule. Keys are only ever added."""
    rule = loaded.rule
    return {
        "id": rule.id,
        "family": rule.family,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "severity": rule.severity.value,
        "duties": list(rule.duties),
        "needs": [kind.PROBE for kind in rule.needs],
        "reads": [kind.PROBE for kind in rule.reads],
        "basis": rule.basis.value,
        "impact": rule.impact.value,
        "outcomes": {
            name: {"status": declared.status.value, "severity": declared.severity.value}
            for name, declared in rule.outcomes.items()
        },
        "since": rule.since,
        "source": loaded.source,
    }


def _parts(text: str, lang: Language) -> list[str]:
    """A text on how to mend, product by product; what holds for all comes first."""
    parts = [part.strip() for part in _PARTS[lang].split(text) if part.strip()]
    # Where the text begins with a product there is nothing that holds for all.
    return ["", *parts] if len(parts) > 1 and re.match(_NAMED, parts[0]) else parts or [""]


def family_heading(family: str) -> str:
    """What a family of rules is about, in both languages; a plug-in's family is called by its key."""
    name = _FAMILIES.get(family, Text(family, family))
    return name.zh if name.zh == name.en else f"{name.zh} · {name.en}"


_FAMILIES: Mapping[str, Text] = {
    "certificate": Text("证书", "Certificates"),
    "dns": Text("域名解析", "DNS"),
    "exposure": Text("暴露面", "Exposure"),
    "filing": Text("备案标识", "Filing numbers"),
    "logs": Text("日志", "Logs"),
    "mail": Text("电子邮件", "Mail"),
    "ssh": Text("SSH", "SSH"),
    "tls": Text("TLS 与 TLCP", "TLS and TLCP"),
    "web": Text("网站", "Web"),
}


def pages(rules: Iterable[LoadedRule]) -> dict[str, str]:
    """Every page of the site's part on rules: path below ``rules/`` -> Markdown."""
    ordered = sorted(rules, key=lambda loaded: loaded.rule.id)
    made = {f"{loaded.rule.id}.md": rule_page(loaded, site=True) for loaded in ordered}
    families: dict[str, list[Rule]] = {}
    for loaded in ordered:
        families.setdefault(loaded.rule.family, []).append(loaded.rule)
    index = ["# 检查规则 · Rules", ""]
    index += [f"共 {len(ordered)} 条。按义务查看：[duties.md](duties.md)。", ""]
    index += [f"{len(ordered)} in all. By duty: [duties.md](duties.md).", ""]
    for family, members in families.items():
        heading = family_heading(family)
        index += [f"## {heading}", "", *_table(members, ""), ""]
        made[f"{family}/index.md"] = "\n".join((f"# {heading}", "", *_table(members, "../"), ""))
    made["index.md"] = "\n".join(index)
    made["duties.md"] = _by_duty([loaded.rule for loaded in ordered])
    return made


def _table(rules: Iterable[Rule], up: str) -> Iterator[str]:
    words = Wording("zh")
    yield from ("| 规则 Rule | 级别 Level | 内容 What |", "| --- | --- | --- |")
    for rule in rules:
        level = f"{words.word('severity', rule.severity.value)} {rule.severity.value}"
        title = f"{markdown(rule.title.zh)}<br>{markdown(rule.title.en)}"
        yield f"| [{rule.id}]({up}{rule.id}.md) | {level} | {title} |"


def _by_duty(rules: Sequence[Rule]) -> str:
    lines = [
        "# 按义务 · By duty",
        "",
        "义务依据的条款见 [duties.md](../duties.md)。The law behind each: the same page.",
        "",
    ]
    for key, duty in load_law().duties.items():
        members = [rule for rule in rules if key in rule.duties]
        lines += [f"## {duty.name.zh} · {duty.name.en} (`{key}`) {{: #{key} }}", ""]
        none = "没有检查规则：须查阅材料、现场核实。No rule: read the papers and verify on site."
        lines += [*(_table(members, "") if members else [none]), ""]
    return "\n".join(lines)


def write(folder: Path) -> int:
    """Write every built-in rule's page and the indexes; returns how many files that makes."""
    made = pages(builtin())
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return len(made)


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))} pages\n")
