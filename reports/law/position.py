"""Where a provision stands in an instrument: article, paragraph (款) and item (项), read and written as the law does.

``第二十三条第（三）项`` and the short form ``23(3)`` are the same place. The paragraph is named only where
the article has more than one; which form is right for an article is known to
:meth:`reports.law.corpus.Instrument.passage`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九"
_NUMBER = r"[零一二三四五六七八九十百]+|\d{1,3}"
_CHINESE = re.compile(
    rf"第(?P<article>{_NUMBER})条(?:第(?P<paragraph>{_NUMBER})款)?(?:第[（(]?(?P<item>{_NUMBER})[）)]?项)?"
)
_SHORT = re.compile(r"(?P<article>\d{1,3})(?:\.(?P<paragraph>\d{1,2}))?(?:[（(](?P<item>\d{1,2})[）)])?")


def chinese(number: int) -> str:
    """``number`` (1 to 999) as the law writes it: 21 is 二十一, 105 is 一百零五.

    :raises ValueError: outside 1 to 999.
    """
    if not 1 <= number <= 999:
        raise ValueError(f"no article number: {number}")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")


_NUMBERS = {chinese(number): number for number in range(1, 1000)}


def number(text: str) -> int:
    """The number written as Chinese or ASCII digits.

    :raises ValueError: it is neither.
    """
    if text.isdecimal() and text.isascii() and int(text):
        return int(text)
    try:
        return _NUMBERS[text]
    except KeyError:
        raise ValueError(f"not a number: {text}") from None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an instrument. ``paragraph`` and ``item`` are None where the whole is meant."""

    article: int
    paragraph: int | None = None
    item: int | None = None

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read ``第六十一条第一款``, ``第23条第3项``, ``23(3)`` or ``71.1(2)``.

        :raises ValueError: it is none of these.
        """
        match = _CHINESE.fullmatch(text) or _SHORT.fullmatch(text)
        if match is None:
            raise ValueError(f"not an article: {text}")
        paragraph, item = match["paragraph"], match["item"]
        return cls(
            number(match["article"]),
            number(paragraph) if paragraph else None,
            number(item) if item else None,
        )

    def __str__(self) -> str:
        """As the law writes it."""
        text = f"第{chinese(self.article)}条"
        if self.paragraph is not None:
            text += f"第{chinese(self.paragraph)}款"
        if self.item is not None:
            text += f"第（{chinese(self.item)}）项"
        return text
