"""``zijian case``: what belongs to a case, taken in once, and exported as one file that can be verified years later."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import EXIT_DONE
from scanner.cli.case_file import (
    certificate_option,
    certificates,
    decrypt,
    encrypt,
    key_option,
    private_key,
    sign,
    stamp,
    stamp_by,
    tsa_option,
    unpack,
    verify,
)
from scanner.cli.dossier_commands import by_option, create, json_option, opened
from scanner.cli.language import say, told
from scanner.cli.options import importer, lang_option, new_id
from scanner.errors import LocalError, UsageError
from scanner.said import Sentence, zh

if TYPE_CHECKING:
    from reports.casefile.container import Source
    from reports.casefile.model import Case, Item, ItemKind
    from scanner.intake import Kept
    from scanner.store import Dossiers

_PATH = click.Path(path_type=Path)
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')
_MOST_LABEL = 60
case_argument = click.argument("case_id", metavar="CASE")


@click.group()
def case() -> None:
    """Cases: attach scans, inspections and files, and export one file that anyone can verify offline.

    CASE is a case's id, the start of one, its number, or "latest".
    """


for command in (sign, stamp, verify, unpack, decrypt):
    case.add_command(command)


def _one_line(text: str, what: str, most: int = 200) -> str:
    text = text.strip()
    if len(text) > most or not text.isprintable():
        raise UsageError(
            f"{what} 只能写一行，不超过 {most} 个字符",
            f"{what} must be one line of at most {most} characters",
        )
    return text


@case.command()
@click.option("--title", required=True, help="What the case is about.")
@click.option("--number", default="", help="The unit's own number, such as 京公网检〔2026〕1号.")
@click.option("--unit", default="", help="The unit that keeps it.")
@by_option
def new(title: str, number: str, unit: str, by: str | None) -> int:
    """Open a case and print its id."""
    from reports.casefile.model import Case, to_record

    now = datetime.now(UTC)
    title = _one_line(title, "--title")
    if not title:
        raise UsageError("--title 是空的", "--title is empty")
    begun = Case(
        title=title, number=_one_line(number, "--number"), unit=_one_line(unit, "--unit"), opened=now,
        opened_by=importer(by),
    )  # fmt: skip
    with opened("case") as (_, dossiers):
        click.echo(create(dossiers, "case", to_record(begun), who=begun.opened_by, at=now))
    return EXIT_DONE


@case.command()
@case_argument
@click.argument("files", type=_PATH, nargs=-1, metavar="[FILES]...")
@click.option(
    "--scan", "scans", multiple=True, metavar="SCAN", help="A stored scan: result, report, ledger and facts."
)
@click.option(
    "--inspection",
    "inspections",
    multiple=True,
    metavar="INSPECTION",
    help="Its record, its trail, its attachments.",
)
@click.option("--note", default="", help="What it is and where it comes from.")
@by_option
@lang_option
def attach(
    case_id: str,
    files: tuple[Path, ...],
    scans: tuple[str, ...],
    inspections: tuple[str, ...],
    note: str,
    by: str | None,
    lang: str,
) -> int:
    """Take scans and FILES into CASE, as they are now, with the time and their SHA-256 and SM3.

    Nothing that was taken in is replaced: what is attached again stands beside the first.
    """
    from reports.casefile.model import from_record
    from scanner.cli.case_contents import take_in_inspection, take_in_scan
    from scanner.store import Dossiers as AllDossiers

    if not files and not scans and not inspections:
        raise UsageError(
            "请写出要放入的文件，或者用 --scan、--inspection 指定", "name files, --scan or --inspection"
        )
    who, note = importer(by), _one_line(note, "--note", 1000)
    with opened("case") as (store, dossiers):
        found = dossiers.find(case_id)
        for name in scans:
            scan = store.scan(name)
            take = partial(take_in_scan, store, scan, lang=lang)
            _attach(dossiers, found.id, "scan", (scan.id, scan.id), who, note, take)
        for name in inspections:
            inspection = AllDossiers(store, "inspection").find(name)
            _attach(
                dossiers, found.id, "inspection", (inspection.id, inspection.id), who, note,
                partial(take_in_inspection, store, inspection),
            )  # fmt: skip
        for path in files:
            label = _label(path.name)
            _attach(
                dossiers, found.id, "file", (str(path.absolute()), Path(label).stem), who, note,
                partial(_take_in_file, path, label),
            )  # fmt: skip
        record = from_record(dossiers.find(found.id).record)
    say(f"{found.id}：共 {len(record.items)} 项", f"{found.id}: {len(record.items)} items")
    return EXIT_DONE


def _attach(
    dossiers: Dossiers,
    case_id: str,
    kind: ItemKind,
    named: tuple[str, str],
    who: str,
    note: str,
    take: Callable[[Path], tuple[Kept, ...]],
) -> None:
    """Take something in; ``named`` are its source and its label."""
    from reports.casefile.model import Item, from_record, to_record

    now = datetime.now(UTC)
    name = new_id(now, 4)
    folder = _folder(case_id) / name
    try:
        kept = take(folder)
        item = Item(
            kind=kind, source=named[0], label=named[1], taken=now, by=who, note=note, folder=name, files=kept
        )

        def added(record: dict[str, Any]) -> dict[str, Any]:
            case = from_record(record)
            return to_record(replace(case, items={**case.items, f"{len(case.items) + 1:02}": item}))

        dossiers.change(case_id, "attach", added, who=who, at=now)
    except BaseException:
        # Of what is not in the case nothing is left.
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _take_in_file(path: Path, label: str, folder: Path) -> tuple[Kept, ...]:
    from scanner.intake import take_in

    return (take_in(path, folder, label),)


def _folder(case_id: str) -> Path:
    from scanner.paths import data_home

    return data_home() / "cases" / case_id


def _label(name: str) -> str:
    """A name that is safe in an export, as near to ``name`` as may be."""
    from reports.casefile.container import why_unsafe

    plain = "".join(
        character
        for character in unicodedata.normalize("NFC", name)
        if unicodedata.category(character)[0] != "C"
    )
    stem, dot, suffix = _UNSAFE.sub("_", plain).strip("._").rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = f"{stem}{dot}{suffix}", "", ""
    label = f"{stem[:_MOST_LABEL]}{dot}{suffix}"
    return (
        label if not why_unsafe(label) else f"_{label}" if label and not why_unsafe(f"_{label}") else "file"
    )


@case.command("list")
@json_option
def list_cases(as_json: bool) -> int:
    """List the cases, newest first: id, day, items, number, title."""
    with opened("case") as (_, dossiers):
        found = dossiers.all()
    if as_json:
        click.echo(json.dumps([{"id": one.id, **one.record} for one in found], ensure_ascii=False, indent=1))
        return EXIT_DONE
    for one in found:
        record = one.record
        click.echo(f"{one.id}  {len(record['items']):3}  {record['number'] or '-'}  {record['title']}")
    return EXIT_DONE


@case.command()
@case_argument
@json_option
@lang_option
def show(case_id: str, as_json: bool, lang: str) -> int:
    """Show what is in CASE, and the trail of what was done with it; exit 2 when something taken in was changed since."""
    from reports.casefile.model import from_record
    from reports.casefile.shown import case_lines
    from scanner.cli import EXIT_USAGE

    with opened("case") as (_, dossiers):
        found = dossiers.find(case_id)
        trail = list(dossiers.trail(found.id))
    record = from_record(found.record)
    wrong = _wrong(found.id, record, trail)
    if as_json:
        entries = [json.loads(line) for line in trail]
        document = {"id": found.id, **found.record, "trail": entries, "problems": wrong}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for line in case_lines(found.id, record, trail, lang):
            click.echo(line)
        for problem in wrong:
            click.echo(told(problem))
    return EXIT_USAGE if wrong else EXIT_DONE


def _wrong(case_id: str, record: Case, trail: list[bytes]) -> list[Sentence]:
    """What is no longer as it was taken in, and whether the trail holds."""
    from scanner.hashchain import verify_lines
    from scanner.intake import changed

    found = [
        problem
        for item in record.items.values()
        for kept in item.files
        if (problem := changed(kept, _folder(case_id) / item.folder)) is not None
    ]
    chain = verify_lines(trail)
    return [
        *found,
        *(
            [
                Sentence(
                    f"案卷 {case_id} 的操作记录核对不上：{chain.error.zh}",
                    f"the trail of {case_id} does not hold: {chain.error}",
                )
            ]
            if chain.error
            else []
        ),
    ]


@case.command()
@case_argument
@click.option(
    "--output", "-o", type=_PATH, metavar="FILE", help="A file that is not there yet; CASE.zip by default."
)
@key_option
@certificate_option
@tsa_option
@click.option("--encrypt-to", "recipients", multiple=True, metavar="RECIPIENT",
              help="Encrypt to this public key of age (age1...) or OpenSSH (ssh-ed25519 ...).")  # fmt: skip
@by_option
def export(
    case_id: str,
    output: Path | None,
    key: Path | None,
    certificate: Path | None,
    tsa: str | None,
    recipients: tuple[str, ...],
    by: str | None,
) -> int:
    """Write CASE as one file: BagIt in a ZIP, SHA-256 and SM3 of every part, signed, stamped and encrypted as asked.

    Without --key it is not signed; zijian case sign and stamp can follow, also on another machine.
    """
    from reports.casefile import signature, timestamp
    from reports.casefile.bag import SIGNED, write_bag
    from reports.casefile.model import from_record

    if certificate and not key:
        raise UsageError("--certificate 要与 --key 一起使用", "--certificate belongs to --key")
    who = importer(by)
    signer = private_key(key) if key else None
    chain = certificates(certificate) if certificate else ()
    with opened("case") as (_, dossiers):
        found = dossiers.find(case_id)
        record = from_record(found.record)
        if not record.items:
            raise UsageError(
                f"案卷 {found.id} 是空的（放入材料：zijian case attach {found.id} --scan SCAN）",
                f"case {found.id} is empty (see: zijian case attach {found.id} --scan SCAN)",
            )
        if wrong := _wrong(found.id, record, list(dossiers.trail(found.id))):
            raise UsageError(
                f"案卷 {found.id} 没有导出：{zh(wrong[0])}", f"case {found.id} was not exported: {wrong[0]}"
            )
        target = output or Path(f"zijian-case-{found.id}.zip{'.age' if recipients else ''}")
        if target.exists():
            raise UsageError(f"{target} 已经存在", f"{target} is there already")

        def seal(signed: bytes) -> list[Source]:
            about, data = SIGNED, signed
            made: list[Source] = []
            if signer is not None:
                signature_made = signature.sign(signed, signer, chain)
                made += signature_made.parts()
                about, data = f"{signature_made.stem}.sig", signature_made.value
            if tsa:
                made.append(timestamp.part(about, stamp_by(tsa, data)))
            return made

        # The export notes itself, so that the trail inside says who made it.
        dossiers.note(found.id, "export", {"file": target.name, "encrypted_to": list(recipients)}, who=who)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        info = {
            "Source-Organization": record.unit, "External-Identifier": record.number or found.id,
            "External-Description": record.title, "Bagging-Date": f"{datetime.now(UTC):%Y-%m-%d}",
        }  # fmt: skip
        try:
            write_bag(draft, _payload(found.id, record, dossiers), info, seal)
            if recipients:
                encrypt(draft, target, recipients)
            else:
                draft.rename(target)
        except ValueError as error:
            raise UsageError(
                f"案卷 {found.id} 没有导出：{zh(error)}", f"case {found.id} was not exported: {error}"
            ) from error
        except OSError as error:
            raise LocalError(
                f"无法写入 {target}：{zh(error)}",
                f"cannot write {target}: {error.strerror}",
                kind="disk_full",
            ) from error
        finally:
            draft.unlink(missing_ok=True)
    click.echo(target)
    return EXIT_DONE


def _payload(case_id: str, record: Case, dossiers: Dossiers) -> Iterator[Source]:
    from reports.casefile.bag import from_bytes, from_file
    from scanner.cli.case_contents import software

    readme = Path(__file__).parents[2] / "reports" / "casefile" / "how_to_verify.txt"
    yield from_bytes("README.txt", readme.read_bytes())
    yield from_bytes("case.json", _register(case_id, record))
    yield from_bytes("audit.jsonl", b"".join(dossiers.trail(case_id)))
    yield from_bytes("software.json", software())
    for number, item in record.items.items():
        for kept in item.files:
            yield from_file(
                f"{record.folder_of(number)}/{kept.name}", _folder(case_id) / item.folder / kept.name
            )


def _register(case_id: str, record: Case) -> bytes:
    import msgspec

    def shown(number: str, item: Item) -> dict[str, Any]:
        values: dict[str, Any] = msgspec.to_builtins(item)
        values["folder"] = record.folder_of(number)
        return values

    document = {
        "schema": "zijian-case/1",
        "id": case_id,
        **msgspec.to_builtins(replace(record, items={})),
        "items": {number: shown(number, item) for number, item in record.items.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
