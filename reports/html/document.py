"""Render a result as one self-contained HTML document.

Nothing in it is fetched: style and script are inline and named by hash in a strict Content-Security-Policy, pictures are
inline SVG, fonts are the reader's own. Without script everything is there; script adds the filter. All text goes through
:func:`reports.shown.shown` and through Jinja's autoescape; links are made of rules' references alone.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from checks.model import Text
from reports.digest import RuleGroup, digest, headline, stands
from reports.html import view
from reports.html.charts import charts
from reports.law.corpus import load as corpus
from reports.overview import clock_step
from reports.result import Result
from reports.shown import shown, steps
from reports.summary import short_title
from reports.wording import Wording

_HERE = Path(__file__).parent


class _CompiledTemplates(FileSystemBytecodeCache):
    """Templates compiled once for all runs. That they cannot be kept, on a full disk say, costs time alone."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def render(result: Result, lang: str = "zh", *, cache: Path | None = None) -> str:
    """Return the report of ``result`` as an HTML document in ``lang`` (``zh`` or ``en``).

    ``cache`` is an existing folder, private to the user, where compiled templates are kept from run to run.

    :raises ValueError: no such language.
    """
    return "".join(pieces(result, lang, cache=cache))


def pieces(
    result: Result, lang: str = "zh", *, cache: Path | None = None, paper: bool = False
) -> Iterator[str]:
    """The document of :func:`render` piece by piece, for writing: that of many services is large.

    ``paper`` tells like places, and services, in full only up to a number, and says so (for the PDF).
    """
    words = Wording(lang)
    counted = digest(result)
    anchors = view.Anchors()
    duty_names = {duty.key: words.pick(duty.name) for duty in result.duties}
    to_mend = view.groups(counted.to_mend, "rule", anchors, duty_names, words)
    notes = view.groups(counted.notes, "note", anchors, duty_names, words)
    where: dict[str, str] = {group.rule.check: group.anchor for group in (*notes, *to_mend)}
    duties = view.duties(result, counted, anchors, where, words)
    police = result.scan.mode == "police"
    style = _style(words("title.page_police" if police else "title.page_self"), result.scan.id)
    script = _asset("report.js")
    most_services = view.SERVICES_WITH_FACTS_ON_PAPER if paper else view.SERVICES_WITH_FACTS
    document = _environment(cache).get_template("document.html.jinja2")
    return document.generate(
        t=words,
        words=words,
        result=result,
        clock_steps=[clock_step(step, words) for step in result.ledger.clock],
        scan=result.scan,
        auth=result.scan.authorization,
        kind_names=_kind_names(result, words),
        police=police,
        mode="police" if police else "self",
        counted=counted,
        headline=headline(result, words, counted),
        to_mend=to_mend,
        notes=notes,
        where=where,
        duties=duties,
        duty_anchors={duty.duty.key: duty.anchor for duty in duties},
        quoted=view.quoted_below(duties),
        charts=charts(result, counted, words),
        services=view.services(result, words, most_services),
        services_with_facts=most_services,
        places_in_full=view.PLACES_ON_PAPER if paper else None,
        domains=view.domains(result, words),
        operator=view.operator(result, words),
        skipped=view.skipped_by_design(counted.by_design, words),
        statuses=view.statuses_present(counted.to_mend),
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _kind_names(result: Result, words: Wording) -> list[str]:
    """The kinds of provider that were stated, by their names; one that the catalogue does not know stands for itself."""
    known = corpus().provider_kinds
    kinds = result.scan.authorization.provider_kinds
    return [words.pick(Text(known[kind].zh, known[kind].en)) if kind in known else kind for kind in kinds]


def single_page(template: str, words: Wording, title: str, scan_id: str, **values: Any) -> str:
    """A page of its own from ``template``, with the report's style and no script."""
    style = _style(title, scan_id)
    policy = (
        f"default-src 'none'; style-src {_source(style)}; img-src data:; base-uri 'none'; form-action 'none'"
    )
    document = _environment(None).get_template(template)
    return document.render(t=words, words=words, style=Markup(style), policy=policy, **values)  # noqa: S704


def prepare(lang: str = "zh", *, cache: Path | None = None) -> None:
    """Load words and templates, as :func:`render` with the same arguments will want them.

    :raises ValueError: no such language.
    """
    Wording(lang)
    environment = _environment(cache)
    for name in environment.list_templates():
        environment.get_template(name)


@functools.cache
def _environment(cache: Path | None) -> Environment:
    environment = Environment(
        bytecode_cache=_CompiledTemplates(str(cache)) if cache is not None else None,
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals.update(
        safe_link=view.safe_link,
        finding_anchor=view.finding_anchor,
        host_state=view.host_state,
        encryption=view.encryption,
        reason_of=view.reason,
        places=view.places,
        details=view.details,
        line_id=id,
        icon_of=view.status_icon,
        short_title=short_title,
        stands=stands,
        named=view.NAMED,
    )
    environment.filters["cut"] = shown
    environment.filters["steps"] = steps
    environment.tests["refuted"] = _is_refuted
    return environment


def _is_refuted(group: RuleGroup) -> bool:
    return group.first.status.deviates and not group.open


def _finalize(value: Any) -> Any:
    """Let nothing reach the page unseen: a missing value or a pair of texts in it is a fault of the template."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return shown(value)
    if value is None or isinstance(value, Text):
        raise TypeError(f"a template printed {value!r}")
    return value


@functools.cache
def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _style(page_title: str, scan_id: str) -> str:
    # The foot of each printed page is made by CSS, where no escaping is sure: only a plain identifier may enter it.
    identifier = scan_id if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", scan_id) else ""
    return _asset("report.css").replace("@@PAGE_TITLE@@", page_title).replace("@@SCAN_ID@@", identifier)


def _source(content: str) -> str:
    digest_of = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest_of).decode()}'"
