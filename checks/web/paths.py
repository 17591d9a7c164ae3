"""What the rules on exposed paths share: only a body's shape proves that a path gives what its name says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.model import Declared, Evidence, Outcome, Reference, Severity, Status, Text
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


def judge_paths(
    service: ServiceFacts, *paths: str, worse: Mapping[str, str] | None = None
) -> Iterable[Outcome]:
    """Yield ``exposed`` for what a body proved, else ``undecided`` when a path gave no answer, else ``closed``.

    ``worse`` names another outcome for some of the paths. A status of 200 alone proves nothing: many sites answer it to
    anything.
    """
    facts = service.need(HttpFacts)
    evidence = path_evidence(facts, *paths)
    found: dict[str, list[str]] = {}
    for path in paths:
        if path in facts.paths and facts.paths[path].matched:
            found.setdefault((worse or {}).get(path, "exposed"), []).append(path)
    for name, exposed in found.items():
        yield Outcome(name, {"paths": ", ".join(exposed)}, evidence)
    if not found:
        open_ = [path for path in paths if not determined(facts.paths.get(path))]
        yield Outcome("undecided" if open_ else "closed", {"paths": ", ".join(open_ or paths)}, evidence)


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
                "没有得到 {paths} 的有效回答（首页跳转到别处、服务出错或者被限流时不再询问），不能判断。",
                "{paths} gave no usable answer (no more is asked where the home page leads elsewhere, the service fails "
                "or turns us away); nothing is concluded.",
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
