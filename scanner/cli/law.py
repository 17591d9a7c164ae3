"""``zijian law``: the instruments, duties and articles that reports cite."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from scanner.cli.law_day import LAW_TIME_ZONE
from scanner.cli.options import DateType, lang_option


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
