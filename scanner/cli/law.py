"""``zijian law``: the instruments, duties and articles that reports cite."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from scanner.cli.language import say, told
from scanner.cli.law_day import LAW_TIME_ZONE
from scanner.cli.options import DateType, lang_option
from scanner.errors import UsageError
from scanner.said import Sentence


def _today() -> date:
    return datetime.now(UTC).astimezone(LAW_TIME_ZONE).date()


@click.group()
def law() -> None:
    """The law that reports cite, by date."""


@law.command("list")
@click.option("--on", type=DateType(), help="As of this day; today by default.")
@lang_option
def list_law(on: date | None, lang: str) -> int:
    """List instruments with their dates and how much of them is held, and the duties."""
    from reports.law.show import law_list

    click.echo(law_list(on or _today(), lang), nl=False)
    return 0


@law.command()
@click.argument("subject", metavar="DUTY|ARTICLE")
@click.option("--on", type=DateType(), help="As of this day; today by default.")
@lang_option
def show(subject: str, on: date | None, lang: str) -> int:
    """Show a duty (log_retention), an article (csl:23, mps-151:10) or an instrument (mps-176)."""
    from reports.law.show import law_show

    click.echo(law_show(subject, on or _today(), lang), nl=False)
    return 0


@law.command()
@click.option("--from", "start", type=DateType(), required=True)
@click.option("--to", "end", type=DateType(), required=True)
@lang_option
def diff(start: date, end: date, lang: str) -> int:
    """Show what changes in the citations of each duty between two days."""
    from reports.law.show import law_diff

    click.echo(law_diff(start, end, lang), nl=False)
    return 0


@law.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "known",
    metavar="ID",
    help="The instrument whose text this is, such as mps-176 (see: zijian law list).",
)
@click.option(
    "--new",
    metavar="KEY-VERSION",
    help="An instrument that does not ship, such as gd-rules-2026; needs --issuer, --promulgated and --from.",
)
@click.option("--issuer", metavar="NAME", help="With --new: who made it.")
@click.option("--promulgated", type=DateType(), help="With --new: the day it was made public.")
@click.option("--from", "start", type=DateType(), help="With --new: the first day in force.")
@click.option("--by", metavar="NAME", help="Who imports it, for the reports; your login name by default.")
@click.option("--incomplete", is_flag=True, help="Take a text in although articles are missing from it.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@lang_option
def import_law(
    file: Path,
    known: str | None,
    new: str | None,
    issuer: str | None,
    promulgated: date | None,
    start: date | None,
    by: str | None,
    incomplete: bool,
    yes: bool,
    lang: str,
) -> int:
    """Take the official text of an instrument in FILE (.docx or plain text), and cite it from now on.

    What was understood is shown first: title, chapters, articles, and what is missing.
    """
    from reports.law.corpus import load
    from reports.law.show import understood
    from scanner.cli.law_own import known_head, new_head, read_file, take_in
    from scanner.cli.options import importer

    name = importer(by)
    data, text = read_file(file)
    if bool(known) == bool(new):
        raise UsageError(
            "请说明是哪一部法规：--as ID，或者 --new KEY-VERSION",
            "say which instrument it is: --as ID, or --new KEY-VERSION",
        )
    if known:
        head = known_head(load(), known)
    else:
        key, dash, version = (new or "").rpartition("-")
        if not (dash and key and version.isalnum() and issuer and promulgated and start and text.title):
            raise UsageError(
                "--new KEY-VERSION 还需要 --issuer、--promulgated、--from，文件中还要有标题",
                "--new KEY-VERSION needs --issuer, --promulgated and --from, and a title in the file",
            )
        head = new_head(key, version, text.title, issuer, promulgated, start)
    click.echo(understood(text, head, lang), nl=False)
    if text.missing and not incomplete:
        raise UsageError(
            f"{file}：缺少条文；加上 --incomplete 仍可收录",
            f"{file}: articles are missing; with --incomplete it is taken in all the same",
        )
    if not yes:
        click.confirm(told(Sentence("是否收录？", "Take it in?")), abort=True)
    held = take_in(file, data, text, head, name)
    say(f"{held.id}：{len(held.articles)} 条", f"{held.id}: {len(held.articles)}")
    return 0


@law.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", metavar="NAME", help="Who maps, for the record; your login name by default.")
def map_law(file: Path, by: str | None) -> int:
    """Say in FILE (TOML, see docs/law.md) which articles of imported instruments are the basis of which duty."""
    from scanner.cli.law_own import map_duties
    from scanner.cli.options import importer

    number = map_duties(file, importer(by))
    say(f"已对应 {number} 项义务", f"{number} duties mapped")
    return 0


@law.command()
@click.argument("instrument", metavar="ID")
@click.option("--by", metavar="NAME", help="Who removes it, for the record; your login name by default.")
def remove(instrument: str, by: str | None) -> int:
    """Cite an imported text no longer; what ships with zijian is cited again. The file and its record are kept."""
    from scanner.cli.law_own import take_out
    from scanner.cli.options import importer

    take_out(instrument, importer(by))
    say(f"已移除 {instrument}", f"{instrument} removed")
    return 0


@law.command()
def verify() -> int:
    """Check that all law that is held is whole and agrees: dates, numbers, every cross-reference, imported files."""
    from reports.law.corpus import load
    from reports.law.own import problems as own_problems
    from reports.law.validation import problems
    from scanner.cli import EXIT_DONE, EXIT_INCOMPLETE
    from scanner.paths import own_law

    corpus = load()
    found = [*problems(corpus), *own_problems(own_law())]
    for problem in found:
        click.echo(told(problem), err=True)
    if not found:
        articles = sum(len(one.articles) for one in corpus.instruments.values())
        click.echo(
            f"{len(corpus.instruments)} instruments, {articles} articles, {len(corpus.duties)} duties: all agree"
        )
    return EXIT_INCOMPLETE if found else EXIT_DONE
