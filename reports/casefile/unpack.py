"""Unpacking an exported case into a new folder, and nowhere else. Nothing of it is run."""

from __future__ import annotations

import os
from pathlib import Path

from reports.casefile.container import data, read


def unpack(path: Path, folder: Path) -> int:
    """Write every part of the case at ``path`` below ``folder``, which must not be there yet, and return how many.

    Names were held to be safe when they were read: none is absolute, leads upwards, or is one with another.

    :raises ContainerError: the file is not as the format has it.
    :raises OSError: as the file system says; :class:`FileExistsError` where ``folder`` is there.
    """
    with path.open("rb") as file:
        parts = read(file)
        folder.mkdir(parents=True, mode=0o700)
        for part in parts:
            place = folder / part.name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.writelines(data(file, part))
    return len(parts)
