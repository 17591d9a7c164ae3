"""From findings to duties, by written rules and nothing else.

The rules, in this order; the first that fits decides:

1. **Applicability.** A duty of certain kinds of provider, or of a major event, whose kind or event was not declared
   ends as *not applicable*, and the reason says that it was not declared. Two exceptions, because a missing
   declaration proves nothing: when findings deviate on such a duty it is *verify on site*; and when no kind at all was
   declared in ``police`` mode, duties by kind are *verify on site* (提供者类型未说明).
2. **Nonconforming**: a ``fail`` of severity medium or above, seen in a handshake, a protocol reply, an HTTP or a DNS
   answer, or confirmed on site, bears on the duty.
3. **At risk**: any other ``fail`` or ``warn`` bears on it: milder ones, and those that rest on a banner, an inference, a
   file, another tool or a statement.
4. **No problem found**, for what was examined: only for duties of which a remote scan sees the essential part
   (``remote = 'examinable'`` in the catalogue); at least one relevant rule passed; and no relevant rule was
   inconclusive, failed, was interrupted or left out, and the scan was not cut short.
5. **Verify on site**: everything else. Empty evidence ends here, never above.

What was seen on a third party's edge (a CDN, say) counts like the rest, since the operator chose and configures it; the reason says
how many were, so that nothing is laid at the operator's door unsaid.

Refuted findings count as nothing: neither as a deviation nor as a pass. ``info`` decides nothing. A skip because the
rule does not apply to a service, or because no service of its kind was found, hinders nothing.

No status here says that a duty is met, and none says that the law was broken: what a deviation amounts to is for the
officer to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from checks.model import Basis, CheckRun, Confirmation, Finding, Severity, Status, Text
from reports.law.corpus import Corpus, Duty, LawLookupError, load
from reports.law.resolver import citations
from reports.result import Citation, CitationRole, DutyResult, DutyStatus
from scanner.facts import RunStatus

STRONG = frozenset({Basis.HANDSHAKE, Basis.PROTOCOL_REPLY, Basis.HTTP, Basis.DNS})
"""What the service itself answered. Only these make a deviation a nonconformity without someone on site."""

HARMLESS_SKIPS = frozenset({"not_applicable", "no_such_service"})
"""Reasons for which a rule had nothing to look at."""

_SEVERITIES = {
    Severity.CRITICAL: Text("严重", "critical"),
    Severity.HIGH: Text("高危", "high"),
    Severity.MEDIUM: Text("中危", "medium"),
    Severity.LOW: Text("低危", "low"),
    Severity.INFO: Text("信息", "info"),
}
_NAMED = 3
"""Findings named in a reason; the rest are counted."""


@dataclass(frozen=True, slots=True)
class _Bearing:
    """What bears on one duty."""

    findings: tuple[Finding, ...]
    runs: tuple[CheckRun, ...]

    def with_status(self, *statuses: Status) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.status in statuses)

    @property
    def deviations(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.status.deviates)

    @property
    def handed_over(self) -> bool:
        """Whether something rests on what the operator handed over, and speaks of no deviation."""
        return any(
            finding.basis is Basis.OPERATOR_FILE for finding in self.with_status(Status.PASS, Status.INFO)
        )

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Rules that did not come to a result somewhere, each once."""
        names = [
            run.check
            for run in self.runs
            if run.status is not RunStatus.COMPLETED
            and not (run.status is RunStatus.SKIPPED and run.reason in HARMLESS_SKIPS)
        ]
        names += [finding.check for finding in self.with_status(Status.INCONCLUSIVE, Status.ERROR)]
        return tuple(dict.fromkeys(names))


def assess_duties(
    findings: Iterable[Finding],
    checks: Iterable[CheckRun],
    *,
    law_date: date,
    mode: str,
    provider_kinds: Collection[str] = (),
    event: bool = False,
    critical_infrastructure: bool = False,
    complete: bool = True,
    day_of: Callable[[datetime], date] | None = None,
    corpus: Corpus | None = None,
) -> tuple[DutyResult, ...]:
    """Assess every duty of the catalogue, in its order, by the rules above.

    ``provider_kinds`` are keys of the catalogue (``access``, ``data_center``, ... , ``user``); ``event`` says that the
    inspection serves a 国家重大网络安全保卫任务. ``complete`` false says that the scan was cut short.
    ``day_of`` tells on which day something was seen: where deviations were seen on days of another law than that of
    ``law_date``, that law is cited too, for them. None: the law of ``law_date`` alone.

    :raises LawLookupError: a provider kind is not in the catalogue.
    """
    corpus = corpus or load()
    for kind in provider_kinds:
        if kind not in corpus.provider_kinds:
            raise LawLookupError(
                f"没有名为 {kind!r} 的服务类别，可选：{'、'.join(corpus.provider_kinds)}",
                f"no provider kind is called {kind!r}; there are: {', '.join(corpus.provider_kinds)}",
            )
    standing = [finding for finding in findings if finding.confirmation is not Confirmation.REFUTED]
    runs = tuple(checks)
    results: list[DutyResult] = []
    for duty in corpus.duties.values():
        bearing = _Bearing(
            tuple(sorted((finding for finding in standing if duty.key in finding.duties), key=_worst_first)),
            tuple(run for run in runs if duty.key in run.duties),
        )
        status, reason = _applicability(duty, bearing, mode, provider_kinds, event) or _judge(
            duty, bearing, complete
        )
        results.append(
            DutyResult(
                key=duty.key,
                name=duty.name,
                status=status,
                reason=reason,
                findings=tuple(finding.key for finding in bearing.findings),
                citations=_citations(
                    duty,
                    law_date,
                    {day_of(one.seen) for one in bearing.deviations if one.seen} if day_of else (),
                    critical_infrastructure,
                    corpus,
                ),
                verification=duty.verify.text,
                questions=tuple(question.text for question in duty.questions),
            )
        )
    return tuple(results)


def _citations(
    duty: Duty, law_date: date, seen_on: Iterable[date], critical_infrastructure: bool, corpus: Corpus
) -> tuple[Citation, ...]:
    """The law of ``law_date``, then what was law on other days on which a deviation was seen, and is not among it."""
    found = {
        _of(one): one
        for one in citations(
            duty.key, law_date, critical_infrastructure=critical_infrastructure, corpus=corpus
        )
    }
    for day in sorted(set(seen_on) - {law_date}):
        for one in citations(duty.key, day, critical_infrastructure=critical_infrastructure, corpus=corpus):
            now = found.get(_of(one))
            if not one.in_force or (now is not None and now.in_force):
                continue
            note = Text(
                f"有的情形见于{day.year}年{day.month}月{day.day}日，当日有效的是这一规定。",
                f"Some of it was seen on {day}, when this was in force.",
            )
            more = (now or one).note or Text("", "")
            found[_of(one)] = replace(
                one, note=Text(note.zh + more.zh, f"{note.en} {more.en}".rstrip()), in_force=False
            )
    return tuple(found.values())


def _of(citation: Citation) -> tuple[str, str, str, CitationRole]:
    return citation.instrument_key, citation.version, citation.article, citation.role


def _worst_first(finding: Finding) -> tuple[int, int, int, str, str]:
    """Deviations first, worst first; then what could not be told; then the rest."""
    order = [Status.FAIL, Status.WARN, Status.ERROR, Status.INCONCLUSIVE, Status.INFO, Status.PASS]
    place = order.index(finding.status) if finding.status in order else len(order)
    return (not finding.status.deviates, -finding.severity.rank, place, finding.check, finding.subject)


def _counts_as_nonconforming(finding: Finding) -> bool:
    return (
        finding.status is Status.FAIL
        and finding.severity.rank >= Severity.MEDIUM.rank
        and (finding.basis in STRONG or finding.confirmation is Confirmation.CONFIRMED_ON_SITE)
    )


def _applicability(
    duty: Duty, bearing: _Bearing, mode: str, provider_kinds: Collection[str], event: bool
) -> tuple[DutyStatus, Text] | None:
    """Rule 1; None when the duty applies."""
    if duty.group == "event" and not event:
        missing = Text("未声明处于国家重大网络安全保卫任务期间", "No major security event was declared")
    elif duty.provider_kinds and not set(duty.provider_kinds) & set(provider_kinds):
        if not provider_kinds and mode == "police":
            return DutyStatus.VERIFY_ON_SITE, Text(
                "提供者类型未说明，请核实对象是否提供该类服务。",
                "The kind of provider was not stated; verify whether the object provides this kind of service.",
            )
        missing = Text("未声明提供该类服务", "This kind of service was not declared")
    else:
        return None
    if count := len(bearing.deviations):
        return DutyStatus.VERIFY_ON_SITE, Text(
            f"{missing.zh}，但有 {count} 项偏差与该义务有关，请核实是否适用。",
            f"{missing.en}, yet {_count(count, 'deviation bears', 'deviations bear')} on this duty: "
            "verify whether it applies.",
        )
    return DutyStatus.NOT_APPLICABLE, Text(f"{missing.zh}。", f"{missing.en}.")


def _judge(duty: Duty, bearing: _Bearing, complete: bool) -> tuple[DutyStatus, Text]:
    """Rules 2 to 5."""
    if grave := tuple(finding for finding in bearing.deviations if _counts_as_nonconforming(finding)):
        return DutyStatus.NONCONFORMING, Text(
            f"{_listed(grave).zh}，与义务要求不符（最高级别：{_SEVERITIES[grave[0].severity].zh}）；"
            f"由检查人员核实后认定。{_elsewhere(grave).zh}",
            f"{_listed(grave).en}: not as the duty demands (worst: {_SEVERITIES[grave[0].severity].en}); "
            f"for the officer to verify and decide.{_elsewhere(grave).en}",
        )
    if deviations := bearing.deviations:
        return DutyStatus.AT_RISK, Text(
            f"{_listed(deviations).zh}，尚不足以认定不符合，应当消除风险并核实。{_elsewhere(deviations).zh}",
            f"{_listed(deviations).en}: not enough to call it nonconforming; remove the risk and verify."
            f"{_elsewhere(deviations).en}",
        )
    return _without_deviation(duty, bearing, complete)


def _without_deviation(duty: Duty, bearing: _Bearing, complete: bool) -> tuple[DutyStatus, Text]:
    """Rules 4 and 5."""
    if duty.remote == "none" and bearing.handed_over and not bearing.unfinished:
        return DutyStatus.VERIFY_ON_SITE, Text(
            "按提供的材料没有发现偏差；材料是否真实、完整，该义务履行得怎样，须现场核实。",
            "No deviation was seen in what was handed over; whether it is true and whole, and how this duty is met, is to be "
            "verified on site.",
        )
    if duty.remote == "none":
        return DutyStatus.VERIFY_ON_SITE, Text(
            "远程检测看不到该义务的履行情况，须查阅材料并现场核实。",
            "How this duty is met cannot be seen remotely; read the papers and verify on site.",
        )
    if not bearing.findings and not any(run.status is RunStatus.COMPLETED for run in bearing.runs):
        return DutyStatus.VERIFY_ON_SITE, Text(
            "本次没有得到与该义务有关的检测结果，须现场核实。",
            "This scan gave no result that bears on the duty; verify on site.",
        )
    if unfinished := bearing.unfinished:
        return DutyStatus.VERIFY_ON_SITE, Text(
            f"没有发现偏差，但有 {len(unfinished)} 项相关检查未完成或者未能判断，须现场核实。",
            f"No deviation was seen, but {_count(len(unfinished), 'relevant check', 'relevant checks')} did not finish "
            "or could not tell; verify on site.",
        )
    if not complete:
        return DutyStatus.VERIFY_ON_SITE, Text(
            "没有发现偏差，但扫描没有完成，须补查或者现场核实。",
            "No deviation was seen, but the scan was cut short; scan again or verify on site.",
        )
    if duty.remote == "partial":
        return DutyStatus.VERIFY_ON_SITE, Text(
            "远程检测只能看到一部分，所见没有偏差；其余须查阅材料并现场核实。",
            "Only a part is seen remotely, and no deviation was seen in it; for the rest read the papers and "
            "verify on site.",
        )
    passed = bearing.with_status(Status.PASS)
    if not passed:
        return DutyStatus.VERIFY_ON_SITE, Text(
            "没有发现偏差，但也没有检查项明确通过，须现场核实。",
            "No deviation was seen, but no check clearly passed either; verify on site.",
        )
    checks = len({finding.check for finding in passed})
    places = len({finding.subject for finding in passed})
    return DutyStatus.NO_PROBLEM_FOUND, Text(
        f"已检查的范围内（{places} 个服务、{checks} 项检查）没有发现问题；未检查的部分仍须核实。",
        f"No problem was found in what was examined ({_count(checks, 'check', 'checks')} on "
        f"{_count(places, 'service', 'services')}); the rest remains to be verified.",
    )


def _elsewhere(findings: tuple[Finding, ...]) -> Text:
    """How many of them were seen on third parties' edges, and on whose; empty where none was."""
    carried = [finding.hosting for finding in findings if finding.hosting is not None]
    if not carried:
        return Text("", "")
    providers = list(dict.fromkeys(hosting.provider for hosting in carried))
    more = len(providers) > _NAMED
    return Text(
        f"其中 {len(carried)} 项见于第三方（{'、'.join(one.zh for one in providers[:_NAMED])}{'等' if more else ''}）的节点，"
        "不在运营者自己的机器上，由谁负责须核实。",
        f" Of these, {len(carried)} {'was' if len(carried) == 1 else 'were'} seen on third parties' edges "
        f"({'; '.join(one.en for one in providers[:_NAMED])}{' and others' if more else ''}), not on the operator's own "
        "machines: verify who answers for them.",
    )


def _listed(findings: tuple[Finding, ...]) -> Text:
    """How many, and the titles of the worst few, each once."""
    titles = list(dict.fromkeys(finding.title for finding in findings))
    more = len(titles) > _NAMED
    return Text(
        f"检测到 {len(findings)} 项：{'、'.join(title.zh for title in titles[:_NAMED])}{'等' if more else ''}",
        f"{_count(len(findings), 'finding', 'findings')}: {'; '.join(title.en for title in titles[:_NAMED])}"
        f"{' and others' if more else ''}",
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
