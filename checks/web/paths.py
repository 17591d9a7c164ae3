"""What the rules on exposed paths share: only a body's shape proves that a path gives what its name says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.model import Declared, Evidence, NotApplicable, Outcome, Reference, Severity, Status, Text
from checks.vantage import on_loopback
from checks.web.page import leads_to_https
from scanner.facts import HttpFacts, PathFacts, ServiceFacts

WSTG_FILES = Reference(
    "OWASP WSTG-CONF-04",
    "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/"
    "02-Configuration_and_Deployment_Management_Testing/04-Review_Old_Backup_and_Unreferenced_Files_for_Sensitive_Information",
)
WSTG_ADMIN = Reference(
    "OWASP WSTG-CONF-05",
    "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/"
    "02-Configuration_and_Deployment_Management_Testing/05-Enumerate_Infrastructure_and_Application_Admin_Interfaces",
)


def path_evidence(facts: HttpFacts, *paths: str) -> tuple[Evidence, ...]:
    """Status and masked proof of each path that was asked for."""
    return tuple(
        Evidence(f"http.paths.{path}", f"{facts.paths[path].status} {facts.paths[path].proof}".strip())
        for path in paths
        if path in facts.paths
    )


def determined(found: PathFacts | None) -> bool:
    """Whether the answer says anything of the path: none, a server's own fault and "later" do not."""
    return found is not None and (found.matched or (found.status < 500 and found.status not in (408, 429)))


def asked_here(facts: HttpFacts, *paths: str) -> None:
    """Nothing, where this port has answers of its own for ``paths``.

    :raises NotApplicable: the port leads them to https as it does the home page; there they are asked for again.
    """
    told = {path: found for path, found in facts.paths.items() if determined(found)}
    asked = [told[path] for path in paths if path in told] or list(told.values())
    if leads_to_https(facts) and asked and all(300 <= found.status < 400 for found in asked):
        raise NotApplicable(
            "this port redirects to https, also for these paths: they are judged on that port"
        )


def judge_paths(
    service: ServiceFacts, *paths: str, worse: Mapping[str, str] | None = None, let_in_locally: bool = False
) -> Iterable[Outcome]:
    """Yield ``exposed`` for what a body proved, else ``undecided`` when a path gave no answer, else ``closed``.

    ``worse`` names another outcome for some of the paths; ``let_in_locally`` yields ``own_machine`` where the scan ran on
    the machine itself. A status of 200 alone proves nothing: many sites answer it to anything.

    :raises NotApplicable: see :func:`asked_here`.
    """
    facts = service.need(HttpFacts)
    asked_here(facts, *paths)
    evidence = path_evidence(facts, *paths)
    found: dict[str, list[str]] = {}
    for path in paths:
        if path in facts.paths and facts.paths[path].matched:
            found.setdefault((worse or {}).get(path, "exposed"), []).append(path)
    own_machine = let_in_locally and (on_loopback(service) or service.own_address)
    for name, exposed in found.items():
        yield Outcome("own_machine" if own_machine else name, {"paths": ", ".join(exposed)}, evidence)
    if not found:
        open_ = [path for path in paths if not determined(facts.paths.get(path))]
        yield Outcome("undecided" if open_ else "closed", {"paths": ", ".join(open_ or paths)}, evidence)


OWN_MACHINE = {
    "own_machine": Declared(
        status=Status.INFO,
        detail=Text(
            "从本机可以读取 {paths}。这类页面通常默认允许本机访问，不能说明其他机器也能读取；请从其他机器检测核实。",
            "{paths} can be read from this machine, which such pages usually let in by default; that does not show that "
            "others can read it. Scan from another machine.",
        ),
    )
}
"""The outcome of :func:`judge_paths` with ``let_in_locally``."""


def _spaced(zh: str) -> str:
    return f" {zh}" if zh[:1].isascii() else zh


def exposed(what: Text, status: Status, severity: Severity) -> Declared:
    """The outcome that ``what`` can be read by anyone; fills ``{paths}``."""
    return Declared(
        status=status,
        severity=severity,
        detail=Text(
            f"无需登录即可读取{_spaced(what.zh)}（{{paths}}）；应当拒绝访问。",
            f"Without a login, {what.en} can be read ({{paths}}); wanted: access denied.",
        ),
    )


def path_outcomes(what: Text, status: Status, severity: Severity) -> Mapping[str, Declared]:
    """The outcomes of :func:`judge_paths`."""
    return {
        "exposed": exposed(what, status, severity),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有得到 {paths} 的有效回答（服务出错、中断或者限流时不再询问），不能判断。",
                "{paths} gave no usable answer (no more is asked where the service fails, breaks off or turns us away); "
                "nothing is concluded.",
            ),
        ),
        "closed": Declared(
            status=Status.PASS,
            detail=Text(
                f"{{paths}} 没有返回{_spaced(what.zh)}。",
                f"{{paths}} did not give {what.en}.",
            ),
        ),
    }
