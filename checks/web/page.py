"""What rules on web pages share: which answers are pages, and how a response header is judged."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from checks.model import Declared, Evidence, NotApplicable, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def _origin(url: str) -> tuple[str, int]:
    """Scheme and port. Redirects are followed on one address alone, so that the name makes no other port of it."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "", 0


def answered_here(facts: HttpFacts) -> bool:
    """Whether the final answer, whose headers and page are kept, is the port's own and not one that it redirects to."""
    return _origin(facts.url) == _origin(facts.final_url)


def own_answer(service: ServiceFacts) -> bool:
    """True, where the final answer is this port's own.

    :raises NotApplicable: the home page only leads to another port, on which its answer is judged.
    """
    facts = service.need(HttpFacts)
    if not answered_here(facts):
        scheme, port = _origin(facts.final_url)
        raise NotApplicable(
            f"the home page redirects to {scheme} on port {port}: what is there is judged on that port"
        )
    return True


def leads_to_https(facts: HttpFacts) -> bool:
    """Whether a home page over http ends on https, be that redirect one that may be followed or not."""
    if facts.url.startswith("https://"):
        return False
    last = facts.redirects[-1].location if facts.redirects else ""
    # Only the last redirect counts: a chain that touches https and comes back ends in clear text.
    return facts.https or last.strip().lower().startswith("https://")


def gives_content(facts: HttpFacts) -> bool:
    """Whether the final answer is a success (2xx) that is not empty, as the root of a service for programs may be."""
    succeeded = facts.status is not None and 200 <= facts.status < 300
    return succeeded and facts.headers.get("content-length", "").strip() != "0"


def is_html_page(facts: HttpFacts) -> bool:
    """Whether the final answer is an HTML page with a status of 200 to 399."""
    if facts.status is None or not 200 <= facts.status < 400:
        return False
    kind = facts.headers.get("content-type", "").lower()
    # Browsers guess where there is no content type; a title or a form shows that it was read as a page.
    return "html" in kind if kind else bool(facts.title) or facts.login_form


def shows_page(service: ServiceFacts) -> bool:
    """Whether a browser shows the final answer as a page: HTML, no error, no redirect.

    The few words of HTML that come with a redirect are never shown, so no header can protect them.
    """
    facts = service.need(HttpFacts)
    own_answer(service)
    redirects = 300 <= (facts.status or 0) < 400 and ("location" in facts.headers or bool(facts.redirects))
    return is_html_page(facts) and not redirects


def shows_https_page(service: ServiceFacts) -> bool:
    """Whether a page is shown, and came over https."""
    return shows_page(service) and service.need(HttpFacts).https


def named_https_site(service: ServiceFacts) -> bool:
    """Whether HTML came over https from a site asked for by its name, be it a page or a redirect.

    Browsers ignore Strict-Transport-Security for bare addresses (RFC 6797 section 8.1.1).
    """
    facts = service.need(HttpFacts)
    own_answer(service)
    return service.endpoint.name is not None and facts.https and is_html_page(facts)


def header_evidence(facts: HttpFacts, *names: str) -> tuple[Evidence, ...]:
    """The headers as evidence, an absent one as such, and the address of the answer that they were looked for in."""
    shown = [Evidence(f"http.headers.{name}", facts.headers.get(name, "(absent)")) for name in names]
    shown += [Evidence(f"http.meta.{name}", facts.meta[name]) for name in names if name in facts.meta]
    return (*shown, Evidence("http.final_url", facts.final_url))


def header_outcomes(header: str, wanted: str, severity: Severity) -> Mapping[str, Declared]:
    """Outcomes ``missing``, ``ineffective`` and ``present`` of a rule on ``header``; the last two fill ``{value}``."""
    return {
        "missing": Declared(
            status=Status.WARN,
            severity=severity,
            detail=Text(
                f"响应中没有 {header}；应设置为 {wanted}。",
                f"The answer has no {header}; wanted: {wanted}.",
            ),
        ),
        "ineffective": Declared(
            status=Status.WARN,
            severity=severity,
            detail=Text(
                f"{header} 的值 {{value}} 起不到保护作用；应设置为 {wanted}。",
                f"{header} has the value {{value}}, which does not protect; wanted: {wanted}.",
            ),
        ),
        "present": Declared(status=Status.PASS, detail=Text(f"{header}：{{value}}", f"{header}: {{value}}")),
    }


PAGE_CUT = "page_cut"
"""Name of the outcome below, in every rule that concludes from something not being on a page."""

PAGE_CUT_OUTCOME = Declared(
    status=Status.INCONCLUSIVE,
    detail=Text(
        "首页很大，只读取了前面一部分，其余部分里是否有，不能判断。请打开网页人工查看。",
        "The home page is large and only its first part was read; whether the rest has it cannot be told. Look at "
        "the page in a browser.",
    ),
)
