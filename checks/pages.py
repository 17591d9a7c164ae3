"""What can be concluded from an HTTP home page: whether it is one, and whose it is."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from checks.model import Declared, Status, Text
from scanner.facts import HttpFacts, ServiceFacts

_NOT_PUBLIC = (
    "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "test", "example", "invalid",
)  # fmt: skip
"""Last labels that no public name has (RFC 2606, RFC 6761, RFC 6762, and common habit)."""


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an absolute URL; ``("", "", 0)`` when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return ("", "", 0)
    return (parts.scheme, parts.hostname or "", port)


def answered_here(facts: HttpFacts) -> bool:
    """Whether the final answer came from the port that was asked, and not from one that it redirects to.

    What a redirect leads to is a service of its own and is judged there.
    """
    return origin(facts.url) == origin(facts.final_url)


def is_html(facts: HttpFacts) -> bool:
    """Whether the final answer says that it is an HTML page."""
    return "html" in facts.headers.get("content-type", "").lower()


def shows_page(service: ServiceFacts) -> bool:
    """Whether this very service answers ``/`` with an HTML page and a status of success.

    Rules on headers for browsers apply to such pages only, not to redirects, errors or interfaces for programs.
    """
    facts = service.get(HttpFacts)
    return (
        facts is not None
        and facts.status is not None
        and 200 <= facts.status < 300
        and answered_here(facts)
        and is_html(facts)
    )


def public_name(name: str | None) -> bool:
    """Whether ``name`` can be a domain name of the public DNS, and so can have a filing."""
    if not name or "." not in name.strip("."):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.rstrip(".").rpartition(".")[2].lower() not in _NOT_PUBLIC
    return False


NOT_READ = "page_cut"
"""Name of the outcome below, in every rule that concludes from something not being on a page."""

NOT_READ_OUTCOME = Declared(
    status=Status.INCONCLUSIVE,
    detail=Text(
        "首页很大，只读取了前面一部分，没有读到的部分里是否有，不能判断。请打开网页人工查看。",
        "The home page is large and only its first part was read; whether the rest has it cannot be told. Look at the page "
        "in a browser.",
    ),
)
