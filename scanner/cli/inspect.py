"""``zijian inspect``: one inspection from the draw or the notice to its result."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.cli import EXIT_DONE, EXIT_INCOMPLETE
from scanner.cli.dossier_commands import by_option, create, json_option, opened
from scanner.cli.language import say, told
from scanner.cli.options import DateType, importer, lang_option, new_id, require_pdf
from scanner.errors import UsageError
from scanner.said import zh

if TYPE_CHECKING:
    from reports.inspection.model import Inspection
    from reports.inspection.workdays import Calendar
    from scanner.intake import Kept
    from scanner.store import Dossiers

_PATH = click.Path(path_type=Path)
F = TypeVar("F", bound=Callable[..., Any])
inspection_argument = click.argument("name", metavar="INSPECTION", default="latest")


def _read(record: dict[str, Any]) -> Inspection:
    from reports.inspection.model import from_record

    return from_record(record)


def _change(name: str, what: str, who: str, change: Callable[[Inspection], Inspection]) -> Inspection:
    """Change the inspection that is meant by ``name``; a closed one is not changed but for what follows its end.

    :raises UsageError: there is none, or it is closed.
    """
    from reports.inspection.model import to_record

    def changed(record: dict[str, Any]) -> dict[str, Any]:
        inspection = _read(record)
        if inspection.closed is not None and what not in ("published", "recheck_told"):
            raise UsageError(
                f"检查 {name} 已于 {inspection.closed:%Y-%m-%d} 办结",
                f"inspection {name} is closed since {inspection.closed:%Y-%m-%d}",
            )
        return to_record(change(inspection))

    with opened("inspection") as (_, dossiers):
        found = dossiers.find(name)
        return _read(dossiers.change(found.id, what, changed, who=who))


@contextmanager
def _taken_in(name: str, files: Sequence[Path]) -> Iterator[tuple[str, str, tuple[Kept, ...]]]:
    """Take files in for the inspection ``name``: its id, the folder they lie in, and what was kept; nothing, if the block fails."""
    import shutil

    from scanner.intake import take_in
    from scanner.paths import data_home

    with opened("inspection") as (_, dossiers):
        inspection_id = dossiers.find(name).id
    if not files:
        yield inspection_id, "", ()
        return
    folder = new_id(datetime.now(UTC), 4)
    place = data_home() / "inspections" / inspection_id / folder
    try:
        named = [(path, re.sub(r"[^\w.()-]+", "_", path.name)[-100:]) for path in files]
        yield inspection_id, folder, tuple(take_in(path, place, label) for path, label in named)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _line(text: str | None, what: str, most: int = 500) -> str:
    text = (text or "").strip()
    if len(text) > most or not all(char.isprintable() or char == "\n" for char in text):
        raise UsageError(
            f"{what} 应为不超过 {most} 个字符的文字，不含控制字符",
            f"{what} must be text of at most {most} characters without control characters",
        )
    return text


def _moment(text: str, what: str) -> datetime:
    """A moment with its zone; without one, China's.

    :raises UsageError: it is none.
    """
    from reports.wording import BEIJING

    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{what} {text!r} 不是时间，写法如 2026-11-27T09:00+08:00",
            f"{what} {text!r} is no time such as 2026-11-27T09:00+08:00",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def duties_of(inspection: Inspection) -> list[str]:
    """Keys of the duties that an inspection of this object must answer."""
    from reports.law.corpus import load

    kinds = set(inspection.provider_kinds)
    return [
        duty.key
        for duty in load().duties.values()
        if (not duty.provider_kinds or kinds & set(duty.provider_kinds))
        and (inspection.event or duty.group != "event")
    ]


@click.group(invoke_without_command=True)
@click.pass_context
def inspect(ctx: click.Context) -> int | None:
    """Inspections: from the draw or the notice to the result. Alone, it asks for what is missing in the newest.

    INSPECTION is an inspection's id, the start of one, its number, or "latest".
    """
    if ctx.invoked_subcommand is not None:
        return None
    from scanner.cli.inspect_guide import guide

    return guide()


@inspect.command()
@click.option("--object", "object_name", required=True, help="监督检查对象.")
@click.option("--credit-code", default="", help="统一社会信用代码; its check character is verified.")
@click.option("--address", default="")
@click.option("--contact", default="")
@click.option("--responsible", default="", help="负责人.")
@click.option("--since", type=DateType(), help="Since when it provides the service.")
@click.option("--provider", default="", metavar="KINDS", help="Kinds of provider; see: zijian law list.")
@click.option("--event", is_flag=True, help="It serves a 国家重大网络安全保卫任务.")
@click.option("--mode", type=click.Choice(["remote", "on_site", "both"]), default="remote", show_default=True)
@click.option("--number", default="", help="The unit's own number.")
@click.option("--task", default="", help="The 双随机 task.")
@click.option("--task-end", type=DateType(), help="When the task ends.")
@click.option(
    "--officer", "officers", multiple=True, metavar="NAME[:NUMBER]", help="人民警察 and 警号; two or more."
)
@by_option
def new(
    object_name: str, credit_code: str, address: str, contact: str, responsible: str, since: date | None, provider: str,
    event: bool, mode: Any, number: str, task: str, task_end: date | None, officers: tuple[str, ...], by: str | None,
) -> int:  # fmt: skip
    """Open an inspection and print its id."""
    from reports.inspection.model import InspectedObject, Inspection
    from scanner.cli.options import provider_kinds

    subject = InspectedObject(
        name=_named(object_name), credit_code=_credit_code(credit_code), address=_line(address, "--address"),
        contact=_line(contact, "--contact"), responsible=_line(responsible, "--responsible"), service_since=since,
    )  # fmt: skip
    who = importer(by)
    inspection = Inspection(
        object=subject, mode=mode, opened=datetime.now(UTC), opened_by=who, number=_line(number, "--number", 100),
        task=_line(task, "--task"), task_end=task_end, officers=_officers(officers), event=event,
        provider_kinds=tuple(provider_kinds(provider) or ()) if provider else (),
    )  # fmt: skip
    with opened("inspection") as (_, dossiers):
        click.echo(_create(dossiers, inspection, who))
    return EXIT_DONE


def _create(dossiers: Dossiers, inspection: Inspection, who: str) -> str:
    from reports.inspection.model import to_record

    return create(dossiers, "inspection", to_record(inspection), who=who, at=inspection.opened)


def _named(text: str) -> str:
    name = _line(text, "--object", 200)
    if not name:
        raise UsageError("--object 是空的", "--object is empty")
    return name


def _credit_code(code: str) -> str:
    from reports.inspection.credit_code import problem
    from reports.wording import LANGUAGES, Wording

    code = code.strip().upper()
    if code and (wrong := problem(code)):
        chinese, english = (Wording(lang).word("credit_code", wrong) for lang in LANGUAGES)
        raise UsageError(
            f"--credit-code {code!r} 不是正确的统一社会信用代码（GB 32100-2015）：{chinese}",
            f"--credit-code {code!r} is no 统一社会信用代码 (GB 32100-2015): {english}",
        )
    return code


def _officers(texts: Sequence[str]) -> tuple[Any, ...]:
    from reports.inspection.model import Officer

    found = []
    for text in texts:
        name, _, number = _line(text, "--officer", 100).partition(":")
        if not name.strip():
            raise UsageError("--officer 是空的", "--officer is empty")
        found.append(Officer(name=name.strip(), number=number.strip()))
    if len({officer.name + officer.number for officer in found}) < len(found):
        raise UsageError("同一名检查人员写了两次", "an officer is named twice")
    return tuple(found)


@inspect.command("set")
@inspection_argument
@click.option("--credit-code")
@click.option(
    "--officer",
    "officers",
    multiple=True,
    metavar="NAME[:NUMBER]",
    help="All officers, in place of those before.",
)
@click.option("--company", help="受委托的网络安全服务机构.")
@click.option("--staff", multiple=True, help="Its staff who take part.")
@click.option("--since", type=DateType(), help="Since when the object provides the service.")
@click.option(
    "--history", multiple=True, metavar="incident|crime|penalty:DATE", help="Of the last two years."
)
@click.option("--no-history", is_flag=True, help="It was asked for, and there is none.")
@click.option(
    "--circumstance",
    help="not_published, false_published, unreachable, uncooperative, no_activity or cancelled.",
)
@click.option(
    "--credentials-shown/--credentials-not-shown",
    default=None,
    help="On site: 出示人民警察证和监督检查通知书.",
)
@click.option("--witness", default="", help="On site: who was present.")
@click.option("--traces", default="", help="On site: what was recorded, and how.")
@click.option(
    "--trace-file",
    "trace_files",
    type=_PATH,
    multiple=True,
    help="On site: a picture, sound or file; kept byte for byte.",
)
@click.option("--ended", type=DateType(), help="The day on which checking ended.")
@click.option("--published", type=DateType(), help="The day on which the result was published.")
@by_option
def set_(
    name: str, credit_code: str | None, officers: tuple[str, ...], company: str | None, staff: tuple[str, ...],
    since: date | None, history: tuple[str, ...], no_history: bool, circumstance: str | None,
    credentials_shown: bool | None, witness: str, traces: str, trace_files: tuple[Path, ...], ended: date | None, published: date | None, by: str | None,
) -> int:  # fmt: skip
    """Set what an inspection says of object, officers, company, the place, and its end."""
    from reports.inspection.model import Company, OnSite
    from reports.inspection.rules import CIRCUMSTANCES

    if circumstance and circumstance not in CIRCUMSTANCES:
        raise UsageError(
            f"--circumstance 应为下列之一：{'、'.join(CIRCUMSTANCES)}",
            f"--circumstance is one of {', '.join(CIRCUMSTANCES)}",
        )
    if company is not None and not staff:
        raise UsageError(
            "写了 --company 还要写 --staff：受委托单位的人员也要在笔录上签名",
            "--company needs --staff: its people sign the record too",
        )
    if history and no_history:
        raise UsageError(
            "--history 与 --no-history 不能同时使用", "--history and --no-history exclude each other"
        )
    if trace_files and credentials_shown is None:
        raise UsageError(
            "--trace-file 要与 --credentials-shown 或者 --credentials-not-shown 一起使用",
            "--trace-file belongs to --credentials-shown or --credentials-not-shown",
        )
    events = tuple(_event(text) for text in history)
    who = importer(by)

    def change(inspection: Inspection) -> Inspection:
        subject = inspection.object
        if credit_code is not None:
            subject = replace(subject, credit_code=_credit_code(credit_code))
        if since is not None:
            subject = replace(subject, service_since=since)
        if events or no_history:
            subject = replace(subject, history=events, inquired=True)
        inspection = replace(inspection, object=subject)
        if officers:
            inspection = replace(inspection, officers=_officers(officers))
        if company is not None:
            people = tuple(_line(one, "--staff", 100) for one in staff)
            inspection = replace(
                inspection, company=Company(name=_line(company, "--company", 200), staff=people)
            )
        if circumstance is not None:
            inspection = replace(inspection, circumstance=circumstance)
        if credentials_shown is not None:
            on_site = OnSite(
                credentials_shown=credentials_shown,
                witness=_line(witness, "--witness"),
                traces=_line(traces, "--traces", 5000),
                attachments=kept,
                folder=folder,
            )
            inspection = replace(inspection, on_site=on_site)
        if ended is not None:
            inspection = replace(inspection, ended=ended)
        return replace(inspection, published=published) if published is not None else inspection

    with _taken_in(name, trace_files) as (inspection_id, folder, kept):
        _change(inspection_id, "published" if published else "set", who, change)
    return EXIT_DONE


def _event(text: str) -> Any:
    from reports.inspection.model import Event

    kind, _, day = text.partition(":")
    try:
        if kind not in ("incident", "crime", "penalty"):
            raise ValueError
        return Event(kind=kind, on=date.fromisoformat(day))  # type: ignore[arg-type]
    except ValueError:
        raise UsageError(
            f"--history {text!r} 写法不对，应如 penalty:2025-06-01（incident、crime、penalty）",
            f"--history {text!r} is none such as penalty:2025-06-01 (incident, crime, penalty)",
        ) from None


@inspect.command()
@inspection_argument
@click.option("--kind", type=click.Choice(["notice", "announcement"]), default="notice", show_default=True)
@click.option("--number", required=True)
@click.option("--given", type=DateType(), required=True, help="The day on which it was given or made public.")
@click.option("--from", "start", required=True, metavar="TIME", help="Such as 2026-11-27T09:00+08:00.")
@click.option("--to", "end", required=True, metavar="TIME")
@click.option("--target", "targets", multiple=True, required=True, help="What may be checked; repeatable.")
@by_option
def notice(
    name: str,
    kind: Any,
    number: str,
    given: date,
    start: str,
    end: str,
    targets: tuple[str, ...],
    by: str | None,
) -> int:
    """Record the notice to the object, or the announcement: window and scope of the remote check."""
    from reports.inspection.model import Notice
    from reports.wording import BEIJING
    from scanner.scope import parse_target

    first, last = _moment(start, "--from"), _moment(end, "--to")
    if not first < last:
        raise UsageError("--to 应当晚于 --from", "--to must be after --from")
    if given > first.astimezone(BEIJING).date():
        raise UsageError(
            "应当在检测时段开始之前告知（--given、--from）",
            "the notice must be given before the window begins (--given, --from)",
        )
    scope = tuple(parse_target(target).text for target in targets)
    made = Notice(
        kind=kind,
        number=_line(number, "--number", 100),
        given=given,
        not_before=first,
        not_after=last,
        scope=scope,
    )

    def change(inspection: Inspection) -> Inspection:
        if inspection.scans:
            raise UsageError(
                "已有扫描依据现有的通知放入，通知不再替换",
                "a scan was attached under the notice that is there; it is not replaced",
            )
        return replace(inspection, notice=made)

    _change(name, "notice", importer(by), change)
    return EXIT_DONE


@inspect.command("attach-scan")
@inspection_argument
@click.argument("scan_id", metavar="SCAN", default="latest")
@by_option
@lang_option
def attach_scan(name: str, scan_id: str, by: str | None, lang: str) -> int:
    """Attach a stored scan of this object, made within the notified window and scope; its deviations await decisions."""
    from reports.inspection.model import ScanFinding
    from reports.inspection.rules import check_scan
    from reports.inspection.shown import refusal
    from reports.json_export import from_json
    from reports.wording import Wording

    words = Wording(lang)
    with opened("inspection") as (store, dossiers):
        inspection = _read(dossiers.find(name).record)
        scan = store.scan(scan_id)
        document = store.result(scan.id)
        if document is None:
            raise UsageError(
                f"扫描 {scan.id} 还没有结果（生成结果：zijian assess {scan.id}）",
                f"scan {scan.id} has no result yet (see: zijian assess {scan.id})",
            )
    wrong = check_scan(
        inspection, scan.authorization.object_name, scan.started, scan.finished,
        _outside(scan.scope["targets"], inspection.notice.scope if inspection.notice else ()),
    )  # fmt: skip
    if wrong is not None:
        raise UsageError(
            f"扫描 {scan.id} 不能放入这次检查：{refusal(wrong, inspection, 'zh')}",
            f"scan {scan.id} cannot be attached: {refusal(wrong, inspection, 'en')}",
        )
    found = {
        finding.key: ScanFinding(
            scan=scan.id, check=finding.check, title=words.pick(finding.title), where=words.place(finding),
            severity=finding.severity.value, status=finding.status.value, detail=words.pick(finding.detail),
            duties=finding.duties,
        )
        for finding in from_json(document).findings
        if finding.status.deviates
    }  # fmt: skip

    def change(inspection: Inspection) -> Inspection:
        scans = tuple(dict.fromkeys((*inspection.scans, scan.id)))
        return replace(inspection, scans=scans, findings={**inspection.findings, **found})

    changed = _change(name, "attach_scan", importer(by), change)
    click.echo(
        f"{scan.id}: {len(found)} deviations; {len(changed.findings) - len(changed.decisions)} await a decision"
    )
    return EXIT_DONE


def _outside(targets: Sequence[str], granted: Sequence[str]) -> list[str]:
    """Targets of a scan that no target of the notice covers."""
    from scanner.scope import parse_target

    allowed = [parse_target(text) for text in granted]

    def covered(text: str) -> bool:
        target = parse_target(text)
        for other in allowed:
            if other.port is not None and other.port != target.port:
                continue
            if target.name is not None and target.name == other.name:
                return True
            if target.networks and all(
                any(network.version == one.version and network.subnet_of(one) for one in other.networks)  # type: ignore[arg-type]
                for network in target.networks
            ):
                return True
        return False

    return [text for text in targets if not covered(text)]


@inspect.command()
@inspection_argument
@click.argument("duty")
@click.argument("answer", type=click.Choice(["met", "not_met", "not_applicable"]))
@click.option(
    "--source",
    type=click.Choice(["scan", "documents", "on_site"]),
    required=True,
    help="What the answer rests on.",
)
@click.option("--note", required=True, help="What was seen or read.")
@click.option(
    "--file",
    "files",
    type=_PATH,
    multiple=True,
    help="An attachment: kept byte for byte, with hash and time.",
)
@by_option
def answer(
    name: str, duty: str, answer: Any, source: Any, note: str, files: tuple[Path, ...], by: str | None
) -> int:
    """Answer one DUTY (see: zijian law list), from a scan, from documents, or on site, with attachments.

    "rest" stands for all duties that have no answer yet.
    """
    from reports.inspection.model import DutyAnswer

    who, now = importer(by), datetime.now(UTC)
    said = _line(note, "--note", 5000)
    if not said:
        raise UsageError("--note 是空的", "--note is empty")
    with _taken_in(name, files) as (inspection_id, folder, kept):

        def change(inspection: Inspection) -> Inspection:
            known = duties_of(inspection)
            if duty != "rest" and duty not in known:
                raise UsageError(
                    f"{duty!r} 不是该对象的义务，可选：{'、'.join(known)}",
                    f"{duty!r} is no duty of this object; there are: {', '.join(known)}",
                )
            chosen = [duty] if duty != "rest" else [key for key in known if key not in inspection.answers]
            made = DutyAnswer(
                answer=answer, source=source, note=said, by=who, at=now, attachments=kept, folder=folder
            )
            return replace(inspection, answers={**inspection.answers, **dict.fromkeys(chosen, made)})

        _change(inspection_id, "answer", who, change)
    return EXIT_DONE


def _decide(name: str, keys: Sequence[str], reason: str, by: str | None, *, adopted: bool) -> int:
    from reports.inspection.model import Decision

    who, now = importer(by), datetime.now(UTC)
    said = _line(reason, "--reason", 2000)
    if not said:
        raise UsageError("--reason 是空的", "--reason is empty")

    def change(inspection: Inspection) -> Inspection:
        chosen: dict[str, Decision] = {}
        for key in keys:
            found = (
                [one for one in inspection.findings if one.startswith(key)]
                if key != "all"
                else [one for one in inspection.findings if one not in inspection.decisions]
            )
            if key != "all" and len(found) != 1:
                raise UsageError(
                    f"{'有多个发现' if found else '已放入的扫描中没有发现'}以 {key!r} 开头",
                    f"{'several findings begin' if found else 'no finding of an attached scan begins'} with {key!r}",
                )
            chosen.update((one, Decision(adopted=adopted, reason=said, by=who, at=now)) for one in found)
        return replace(inspection, decisions={**inspection.decisions, **chosen})

    changed = _change(name, "adopt" if adopted else "set_aside", who, change)
    left = len(changed.findings) - len(changed.decisions)
    say(f"还有 {left} 个发现待决定", f"{left} findings await a decision")
    return EXIT_DONE


@inspect.command()
@inspection_argument
@click.argument("keys", nargs=-1, required=True, metavar="KEY|all...")
@click.option("--reason", required=True, help="On what ground.")
@by_option
def adopt(name: str, keys: tuple[str, ...], reason: str, by: str | None) -> int:
    """Adopt findings by their keys; "all" stands for those that await a decision."""
    return _decide(name, keys, reason, by, adopted=True)


@inspect.command("set-aside")
@inspection_argument
@click.argument("keys", nargs=-1, required=True, metavar="KEY|all...")
@click.option("--reason", required=True, help="On what ground.")
@by_option
def set_aside(name: str, keys: tuple[str, ...], reason: str, by: str | None) -> int:
    """Set findings aside by their keys, with the reason; they stay in the record."""
    return _decide(name, keys, reason, by, adopted=False)


@inspect.command()
@inspection_argument
@click.option("--of", "of", required=True, metavar="NAME", help="Whose: 负责人或者网络安全管理人员.")
@click.option("--text", default="", help="Its own words; empty stands for no objection.")
@click.option("--refused", is_flag=True, help="拒绝签名.")
@by_option
def opinion(name: str, of: str, text: str, refused: bool, by: str | None) -> int:
    """Record the object's opinion on the record, or that it refused to sign."""
    from reports.inspection.model import Opinion

    made = Opinion(by=_line(of, "--of", 100), text=_line(text, "--text", 5000), refused=refused)
    _change(name, "opinion", importer(by), lambda inspection: replace(inspection, opinion=made))
    return EXIT_DONE


@inspect.command()
@inspection_argument
@click.option("--issued", type=DateType(), required=True)
@click.option("--deadline", type=DateType(), required=True)
@click.option("--demands", required=True, help="What is to be mended.")
@click.option("--asked-early", type=DateType(), help="The day of a written request for an early re-check.")
@by_option
def rectify(
    name: str, issued: date, deadline: date, demands: str, asked_early: date | None, by: str | None
) -> int:
    """Record the order to mend within a time (责令限期整改)."""
    from reports.inspection.model import Rectification

    if deadline <= issued:
        raise UsageError("--deadline 应当晚于 --issued", "--deadline must be after --issued")
    made = Rectification(
        issued=issued, deadline=deadline, demands=_line(demands, "--demands", 5000), asked_early=asked_early
    )

    def change(inspection: Inspection) -> Inspection:
        wrong = [key for key, one in inspection.answers.items() if one.answer == "not_met"]
        if not inspection.adopted and not wrong:
            raise UsageError(
                "没有采纳任何发现，也没有不符合的义务，无可责令改正",
                "nothing was adopted and no duty is unmet: there is nothing to order",
            )
        return replace(inspection, rectification=made)

    _change(name, "rectify", importer(by), change)
    return EXIT_DONE


@inspect.command()
@inspection_argument
@click.option("--done", type=DateType(), required=True)
@click.option("--result", type=click.Choice(["mended", "not_mended", "partly"]), required=True)
@click.option("--note", default="")
@click.option("--told", type=DateType(), help="The day on which the object was told.")
@by_option
def recheck(name: str, done: date, result: Any, note: str, told: date | None, by: str | None) -> int:
    """Record the re-check (复查) and when the object was told of its result."""
    from reports.inspection.model import Recheck

    made = Recheck(done=done, result=result, note=_line(note, "--note", 5000), told=told)

    def change(inspection: Inspection) -> Inspection:
        if inspection.rectification is None:
            raise UsageError(
                "没有责令改正（办理：zijian inspect rectify）",
                "there was no order to mend (see: zijian inspect rectify)",
            )
        if done < inspection.rectification.issued or (told is not None and told < done):
            raise UsageError(
                "日期先后不对：应依次为责令、复查、反馈", "the days are out of order: issued, done, told"
            )
        return replace(inspection, recheck=made)

    _change(name, "recheck", importer(by), change)
    return EXIT_DONE


@inspect.command()
@inspection_argument
@click.option("--type", "kind", help="Another type than the proposed one; needs --reason.")
@click.option("--reason", default="")
@by_option
@lang_option
def result(name: str, kind: str | None, reason: str, by: str | None, lang: str) -> int:
    """Propose the result type of the 双随机 platform by its rule, and set it."""
    from reports.inspection.model import Chosen
    from reports.inspection.rules import RESULTS, proposed
    from reports.wording import Wording

    if kind is not None and kind not in RESULTS:
        raise UsageError(
            f"--type 应为下列之一：{'、'.join(RESULTS)}", f"--type is one of {', '.join(RESULTS)}"
        )
    who, now, said = importer(by), datetime.now(UTC), _line(reason, "--reason", 2000)

    def change(inspection: Inspection) -> Inspection:
        offer, _ = proposed(inspection)
        if kind not in (None, offer) and not said:
            raise UsageError(
                f"按规则结果应为 {offer}；选用其他结果须用 --reason 写明理由",
                f"the rule leads to {offer}; another type needs --reason",
            )
        made = Chosen(type=kind or offer, proposed=offer, reason=said, by=who, at=now)
        return replace(inspection, result=made)

    changed = _change(name, "result", who, change)
    words = Wording(lang)
    offer, rule = proposed(changed)
    assert changed.result is not None
    click.echo(words("inspection.result", type=words.word("inspection_result", changed.result.type),
                     proposed=words.word("inspection_result", offer), rule=words.word("result_rule", rule)))  # fmt: skip
    return EXIT_DONE


@inspect.command()
@inspection_argument
@by_option
@lang_option
def close(name: str, by: str | None, lang: str) -> int:
    """Close an inspection that lacks nothing; exit 3 and what is missing, when something is."""
    from reports.inspection.shown import missing_lines

    with opened("inspection") as (_, dossiers):
        inspection = _read(dossiers.find(name).record)
    if lacking := list(missing_lines(inspection, duties_of(inspection), lang)):
        for line in lacking:
            click.echo(line)
        return EXIT_INCOMPLETE
    _change(name, "close", importer(by), lambda one: replace(one, closed=datetime.now(UTC)))
    return EXIT_DONE


@inspect.command("list")
@json_option
@lang_option
def list_(as_json: bool, lang: str) -> int:
    """List inspections, newest first."""
    from reports.inspection.shown import list_line

    with opened("inspection") as (_, dossiers):
        found = [(one.id, _read(one.record), one.record) for one in dossiers.all()]
    if as_json:
        click.echo(
            json.dumps([{"id": id_, **record} for id_, _, record in found], ensure_ascii=False, indent=1)
        )
        return EXIT_DONE
    for id_, inspection, _ in found:
        click.echo(list_line(id_, inspection, lang))
    return EXIT_DONE


@inspect.command()
@inspection_argument
@json_option
@lang_option
def show(name: str, as_json: bool, lang: str) -> int:
    """Show an inspection: what it has, what it lacks, and the trail of who did what."""
    from reports.inspection.shown import lines

    with opened("inspection") as (_, dossiers):
        found = dossiers.find(name)
        trail = [json.loads(line) for line in dossiers.trail(found.id)]
    if as_json:
        click.echo(json.dumps({"id": found.id, **found.record, "trail": trail}, ensure_ascii=False, indent=1))
        return EXIT_DONE
    inspection = _read(found.record)
    for line in lines(found.id, inspection, duties_of(inspection), _calendar(), trail, lang):
        click.echo(line)
    return EXIT_DONE


def _calendar() -> Calendar:
    from reports.inspection.workdays import CalendarError, load
    from scanner.paths import data_home

    try:
        return load(data_home() / "calendar")
    except CalendarError as error:
        raise UsageError(error.zh, str(error)) from error


@inspect.command()
@click.option("--ics", type=_PATH, metavar="FILE", help="Write what is due as a calendar too (RFC 5545).")
@json_option
@lang_option
def deadlines(ics: Path | None, as_json: bool, lang: str) -> int:
    """List what is due across all inspections, overdue first."""
    from reports.inspection.rules import deadlines as due_of
    from reports.inspection.shown import deadline_line, ics_pieces
    from reports.wording import BEIJING
    from scanner.cli.output import write_pieces

    calendar, today = _calendar(), datetime.now(BEIJING).date()
    with opened("inspection") as (_, dossiers):
        found = [(one.id, _read(one.record)) for one in dossiers.all()]
    open_ = [
        (deadline, id_, inspection)
        for id_, inspection in found
        for deadline in due_of(inspection, calendar)
        if not deadline.done
    ]
    open_.sort(key=lambda one: (one[0].due, one[1]))
    if as_json:
        rows = [
            {
                "inspection": id_,
                "object": one.object.name,
                "what": due.key,
                "due": due.due.isoformat(),
                "overdue": due.due < today,
            }
            for due, id_, one in open_
        ]
        click.echo(
            json.dumps({"due": rows, "unknown_years": sorted(calendar.unknown)}, ensure_ascii=False, indent=1)
        )
    else:
        for due, id_, inspection in open_:
            click.echo(deadline_line(due, id_, inspection, today, lang))
    if ics is not None:
        write_pieces(ics, ics_pieces(open_, datetime.now(UTC), lang))
    for year in sorted(calendar.unknown):
        say(
            f"{year} 年的国务院放假安排尚不知道，按周一至周五计算（补充：zijian inspect calendar）",
            f"{year}: the State Council's calendar is not known; Monday to Friday were counted (zijian inspect calendar)",
            err=True,
        )
    return EXIT_DONE


@inspect.command()
@click.argument("file", type=_PATH)
def calendar(file: Path) -> int:
    """Add a year's holidays and worked weekends from FILE.toml, when the State Council announces them; offline."""
    from reports.inspection.workdays import CalendarError, read_year
    from scanner.cli.case_file import read_small
    from scanner.cli.output import write_file
    from scanner.paths import data_home

    data = read_small(file)
    try:
        year = read_year(data, file.name)
    except CalendarError as error:
        raise UsageError(error.zh, str(error)) from error
    folder = data_home() / "calendar"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_file(folder / f"{year.year}.toml", data)
    say(
        f"{year.year} 年：放假 {len(year.off)} 天，调休上班 {len(year.worked)} 天（{year.source}）",
        f"{year.year}: {len(year.off)} days off, {len(year.worked)} worked ({year.source})",
    )
    return EXIT_DONE


@inspect.command("import-draw")
@click.argument("file", type=_PATH)
@click.option("--task", default="", help="The 双随机 task.")
@click.option("--task-end", type=DateType())
@click.option("--mode", type=click.Choice(["remote", "on_site", "both"]), default="remote", show_default=True)
@by_option
def import_draw(file: Path, task: str, task_end: date | None, mode: Any, by: str | None) -> int:
    """Open an inspection for each row of a drawn list (.xlsx, .csv): 对象, 统一社会信用代码, 地址, 联系人, 检查人员.

    Bad rows are named and left out; exit 3 when there are any.
    """
    from reports.inspection.draw import rows_of
    from reports.inspection.model import InspectedObject, Inspection, Officer
    from scanner.targets_file import read_table

    who = importer(by)
    good, bad = rows_of(read_table(file))
    with opened("inspection") as (_, dossiers):
        for row in good:
            subject = InspectedObject(
                name=row.name, credit_code=row.credit_code, address=row.address, contact=row.contact
            )
            inspection = Inspection(
                object=subject, mode=mode, opened=datetime.now(UTC), opened_by=who, task=_line(task, "--task"),
                task_end=task_end, officers=tuple(Officer(name=name) for name in row.officers),
            )  # fmt: skip
            click.echo(f"{_create(dossiers, inspection, who)}  {row.name}")
    for where in bad:
        click.echo(f"{file}: {told(where)}", err=True)
    if not good:
        raise UsageError(f"{file} 中没有可用的行", f"{file} has no row that can be used")
    return EXIT_INCOMPLETE if bad else EXIT_DONE


_COLUMNS = (
    "inspection.csv_object", "inspection.csv_code", "inspection.csv_officers", "inspection.csv_ended", "inspection.csv_result",
    "inspection.csv_task",
)  # fmt: skip


@inspect.command("results")
@click.option("--task", default="", help="Only of this task.")
@lang_option
def results(task: str, lang: str) -> int:
    """Print the results of closed inspections as CSV, in the order of the platform's batch entry."""
    from reports.csv_export import harmless
    from reports.wording import Wording

    words = Wording(lang)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(words, _COLUMNS))
    with opened("inspection") as (_, dossiers):
        found = [_read(one.record) for one in dossiers.all()]
    for one in reversed(found):
        if one.closed is None or one.result is None or (task and one.task != task):
            continue
        cells = (
            one.object.name, one.object.credit_code, "、".join(officer.name for officer in one.officers),
            one.ended.isoformat() if one.ended else "", words.word("inspection_result", one.result.type), one.task,
        )  # fmt: skip
        writer.writerow(map(harmless, cells))
    click.echo(out.getvalue(), nl=False)
    return EXIT_DONE


@inspect.command()
@inspection_argument
@click.option("--document", "documents", default="record", show_default=True, metavar="NAMES",
              help="Of notice, record, rectify, recheck, evidence; separated by commas, or all.")  # fmt: skip
@click.option(
    "--format", "formats", default="docx,pdf", show_default=True, metavar="NAMES", help="Of docx, pdf, html."
)
@click.option(
    "--template",
    type=_PATH,
    metavar="FILE.docx",
    help="Your own form, with merge fields (docs/inspection.md).",
)
@click.option("--output", "-o", type=_PATH, metavar="DIR", help="Folder for the files.")
@by_option
def record(
    name: str, documents: str, formats: str, template: Path | None, output: Path | None, by: str | None
) -> int:
    """Write the papers of an inspection: 告知书, 监督检查记录, 整改通知书, 复查意见书, 证据材料清单. Blanks stay blank."""
    from reports.inspection import paper_formats
    from reports.inspection.papers import PAPERS, fields, paper
    from scanner.cli.case_file import read_small
    from scanner.cli.options import names
    from scanner.cli.output import prepare_folder, write_file

    wanted = tuple(PAPERS) if documents == "all" else names(documents)
    if unknown := [one for one in wanted if one not in PAPERS]:
        raise UsageError(
            f"--document 没有 {unknown[0]!r}，可选：{'、'.join(PAPERS)}",
            f"--document {unknown[0]!r} is not one of {', '.join(PAPERS)}",
        )
    kinds = names(formats)
    if unknown := [one for one in kinds if one not in paper_formats.FORMATS]:
        raise UsageError(
            f"--format 没有 {unknown[0]!r}，可选：{'、'.join(paper_formats.FORMATS)}",
            f"--format {unknown[0]!r} is not one of {', '.join(paper_formats.FORMATS)}",
        )
    if "pdf" in kinds and template is None:
        require_pdf()
    who = importer(by)
    with opened("inspection") as (_, dossiers):
        found = dossiers.find(name)
        inspection = _read(found.record)
        folder = prepare_folder(output or Path(f"zijian-inspection-{found.id}"))
        written = []
        if template is not None:
            try:
                made = paper_formats.merged(read_small(template, 20 << 20), fields(inspection))
            except paper_formats.TemplateError as error:
                raise UsageError(
                    f"模板 {template} 不能使用：{zh(error)}", f"{template} cannot be used: {error}"
                ) from error
            written.append(folder / f"{template.stem}.docx")
            write_file(written[-1], made)
        else:
            for one in wanted:
                content = paper(one, inspection)
                for kind in kinds:
                    written.append(folder / f"{one}.{kind}")
                    write_file(written[-1], _rendered(content, kind))
        dossiers.note(found.id, "record", {"files": [path.name for path in written]}, who=who)
    for path in written:
        click.echo(path)
    return EXIT_DONE


def _rendered(content: Any, kind: str) -> bytes:
    from reports.inspection import paper_formats

    if kind == "html":
        return paper_formats.html(content).encode()
    return paper_formats.pdf(content) if kind == "pdf" else paper_formats.docx(content)
