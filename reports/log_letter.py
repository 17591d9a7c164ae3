"""The letter that asks an operator for logs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from checks.months import months_before
from reports.wording import BEIJING, Wording


def letter(
    scan: str,
    object_name: str,
    times: tuple[datetime, datetime],
    services: Iterable[tuple[str, str]],
    months: int,
    lang: str,
) -> str:
    """The text, without any mark that the scan left: whoever knows one could write it into a log.

    :param times: when the scan began and ended.
    :param services: ``ip:port`` and kind of log.
    :param months: how long the law has logs kept.
    :raises ValueError: no such language.
    """
    words = Wording(lang)
    since = months_before(times[0].astimezone(BEIJING).date(), months)
    listed = "\n".join(f"  - {remote}  " + words.word("log_kind", kind) for remote, kind in services)
    return words(
        "logs.letter", object=object_name or "-", scan=scan, start=words.moment(times[0]), end=words.moment(times[1]),
        since=since.isoformat(), months=months, services=listed,
    ).strip()  # fmt: skip
