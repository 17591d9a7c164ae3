"""``zijian inspect`` alone: asks for what the newest inspection lacks, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from scanner.cli import EXIT_DONE, EXIT_INCOMPLETE
from scanner.cli import inspect as commands
from scanner.cli.dossier_commands import opened
from scanner.errors import UsageError
from scanner.said import zh


def _ask(text: str, **more: Any) -> Any:
    return click.prompt(text, err=True, **more)


def _run(command: click.Command, *arguments: str) -> None:
    """Run a command as if it had been typed; what is wrong is said, and asked again."""
    try:
        command.main(args=list(arguments), standalone_mode=False)
    except UsageError as error:
        click.echo(f"zijian: {zh(error)}", err=True)
    except click.ClickException as error:
        click.echo(f"zijian: {error.format_message()}", err=True)


def _history(name: str) -> None:
    said = _ask("近两年的网络安全事件、案件、行政处罚（如 penalty:2025-06-01，逗号分隔；没有填“无”）")
    events = (
        [] if said.strip() in ("无", "none") else [part.strip() for part in said.split(",") if part.strip()]
    )
    given = [piece for event in events for piece in ("--history", event)] or ["--no-history"]
    _run(commands.set_, name, *given)


def _officers(name: str) -> None:
    said = _ask("检查人民警察（姓名:警号，逗号分隔，两人以上）")
    _run(commands.set_, name, *(piece for one in said.split(",") for piece in ("--officer", one.strip())))


def _notice(name: str) -> None:
    targets = _ask("检测范围（地址、网段、域名，逗号分隔）").split(",")
    _run(
        commands.notice, name, "--number", _ask("告知书或者公告编号"), "--given", _ask("告知日期（2026-11-27）"),
        "--from", _ask("检测开始（2026-11-27T09:00）"), "--to", _ask("检测结束"),
        *(piece for target in targets for piece in ("--target", target.strip())),
    )  # fmt: skip


def _on_site(name: str) -> None:
    shown = click.confirm("已出示人民警察证和监督检查通知书？", err=True)
    flag = "--credentials-shown" if shown else "--credentials-not-shown"
    _run(
        commands.set_, name, flag, "--witness", _ask("在场人员"), "--traces", _ask("现场记录情况", default="")
    )


def _decisions(name: str) -> None:
    taken = click.confirm(
        "采信全部尚未决定的扫描发现？（否：请用 zijian inspect set-aside 逐项处理）", err=True
    )
    if not taken:
        raise click.Abort
    _run(commands.adopt, name, "all", "--reason", _ask("理由"))


def _answers(name: str) -> None:
    from reports.inspection.model import from_record
    from reports.law.corpus import load

    with opened("inspection") as (_, dossiers):
        inspection = from_record(dossiers.find(name).record)
    for duty in commands.duties_of(inspection):
        if duty in inspection.answers:
            continue
        held = load().duty(duty)
        click.echo(f"\n{held.zh}", err=True)
        for question in held.questions:
            click.echo(f"  {question.zh}", err=True)
        choice = _ask("结论", type=click.Choice(["met", "not_met", "not_applicable"]))
        source = _ask("依据", type=click.Choice(["scan", "documents", "on_site"]))
        _run(commands.answer, name, duty, choice, "--source", source, "--note", _ask("情况"))


def _opinion(name: str) -> None:
    of = _ask("监督检查对象的负责人或者网络安全管理人员")
    refused = click.confirm("拒绝签名？", default=False, err=True)
    _run(
        commands.opinion,
        name,
        "--of",
        of,
        "--text",
        _ask("意见", default="无异议"),
        *(["--refused"] if refused else []),
    )


def _ended(name: str) -> None:
    _run(commands.set_, name, "--ended", _ask("检查结束日期（2026-11-27）"))


def _rectification(name: str) -> None:
    _run(
        commands.rectify,
        name,
        "--issued",
        _ask("责令整改日期"),
        "--deadline",
        _ask("整改期限"),
        "--demands",
        _ask("整改要求"),
    )


def _recheck(name: str) -> None:
    result = _ask("复查结果", type=click.Choice(["mended", "not_mended", "partly"]))
    _run(commands.recheck, name, "--done", _ask("复查日期"), "--result", result, "--told", _ask("反馈日期"))


_STEPS: dict[str, Callable[[str], None]] = {
    "credit_code": lambda name: _run(commands.set_, name, "--credit-code", _ask("统一社会信用代码")),
    "history": _history,
    "officers": _officers,
    "notice": _notice,
    "scan": lambda name: _run(commands.attach_scan, name, _ask("扫描编号", default="latest")),
    "on_site": _on_site,
    "credentials": _on_site,
    "decisions": _decisions,
    "answers": _answers,
    "ended": _ended,
    "opinion": _opinion,
    "result": lambda name: _run(commands.result, name),
    "rectification": _rectification,
    "recheck": _recheck,
}
_MOST_TRIES = 3


def guide() -> int:
    """Ask until nothing is missing, the user stops, or an answer is wrong three times.

    :raises UsageError: there is no inspection yet.
    """
    from reports.inspection.model import from_record
    from reports.inspection.rules import missing
    from reports.inspection.shown import list_line, missing_lines

    tries = 0
    last = ""
    while True:
        with opened("inspection") as (_, dossiers):
            found = dossiers.find("latest")
        inspection = from_record(found.record)
        lacking = next(iter(missing(inspection, commands.duties_of(inspection))), None)
        if lacking is None:
            click.echo(list_line(found.id, inspection, "zh"))
            click.echo(f"zijian inspect close {found.id}")
            return EXIT_DONE
        tries = tries + 1 if lacking.key == last else 1
        last = lacking.key
        if tries > _MOST_TRIES:
            return EXIT_INCOMPLETE
        click.echo(next(missing_lines(inspection, commands.duties_of(inspection), "zh")), err=True)
        _STEPS[lacking.key](found.id)
