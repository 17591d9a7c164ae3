"""Tells when this machine's wall clock was set while zijian ran.

The wall clock dates what is recorded and says whether the authorised time is on; somebody, or a time server, may set it at
any moment. A second clock that nobody can set, and that goes on while the machine sleeps, tells that it was.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

_TOLERANCE = 1.0
"""Seconds. A clock that is only slewed differs by less between two looks."""


def steady() -> float:
    """Seconds of a clock that cannot be set; its zero has no meaning."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The wall clock, and by how much it was set since the last look."""

    def __init__(self) -> None:
        self._wall, self._steady = time.time(), steady()

    def look(self) -> tuple[datetime, float]:
        """The time now, and the seconds by which the clock was set since the last look: negative when it was set back."""
        wall, passed = time.time(), steady()
        step = (wall - self._wall) - (passed - self._steady)
        self._wall, self._steady = wall, passed
        return datetime.fromtimestamp(wall, UTC), step if abs(step) > _TOLERANCE else 0.0
