"""What rules about pages share: when a page is one, and how an exposed path is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.model import Declared, Evidence, Outcome, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def is_page(service: ServiceFacts) -> bool:
    """The final answer is an HTML page that was served, not an error and not a bare redirect."""
    facts = service.need(HttpFacts)
    return (
        facts.status is not None
        and 200 <= facts.status < 300
        and "html" in facts.headers.get("content-type", "html")
    )


def is_https_page(service: ServiceFacts) -> bool:
    """A page that came over https."""
    return is_page(service) and service.need(HttpFacts).https


def header(facts: HttpFacts, name: str) -> tuple[Evidence, ...]:
    """The header as evidence; an absent one is shown as such."""
    return (Evidence(f"http.headers.{name}", facts.headers.get(name, "(absent)")),)


def exposed_path(service: ServiceFacts, *paths: str) -> Iterable[Outcome]:
    """Yield ``exposed`` for what a body proved, ``undecided`` when nothing was asked, else ``closed``.

    A status of 200 alone proves nothing: many sites answer it to anything.
    """
    facts = service.need(HttpFacts)
    asked = [path for path in paths if path in facts.paths]
    found = [path for path in asked if facts.paths[path].matched]
    shown = tuple(
        Evidence(f"http.paths.{path}", f"{facts.paths[path].status} {facts.paths[path].proof}".strip())
        for path in asked
    )
    if found:
        yield Outcome("exposed", {"paths": ", ".join(found)}, shown)
    elif len(asked) < len(paths):
        yield Outcome("undecided", {"paths": ", ".join(path for path in paths if path not in asked)}, shown)
    else:
        yield Outcome("closed", {"paths": ", ".join(asked)}, shown)


def path_outcomes(what: Text, status: Status, severity: Severity) -> Mapping[str, Declared]:
    """The outcomes of a rule that uses :func:`exposed_path`."""
    return {
        "exposed": Declared(
            status=status,
            severity=severity,
            detail=Text(
                f"可从外部直接读取{what.zh}（{{paths}}）；应当拒绝访问。",
                f"{what.en} can be read from outside ({{paths}}); access should be denied.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读取 {paths}，无法判断。", "{paths} could not be asked for; nothing is concluded."
            ),
        ),
        "closed": Declared(
            status=Status.PASS,
            detail=Text("{paths} 未返回相应内容。", "{paths} did not give such content."),
        ),
    }
