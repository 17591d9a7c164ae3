"""Fuzz one target with atheris, by hand.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris -r requirements.lock
    /tmp/fuzz/bin/python -m tests.fuzz.run certificate -max_total_time=600 /tmp/fuzz/certificate

The first argument is a target of ``targets.py``; the others go to libFuzzer: options, and a folder for what it finds
new. The stored corpus is the start. An input that fails is written to ``crash-*``: mend the reader and keep the input,
made as small as can be (``-minimize_crash=1``), in ``tests/fuzz/corpus/<target>``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris


def main() -> None:
    """Run until libFuzzer has enough, or a target fails."""
    name, *arguments = sys.argv[1:]
    with atheris.instrument_imports(include=["scanner", "asn1crypto"]):
        from tests.fuzz.targets import CORPUS, TARGETS
    folders = [argument for argument in arguments if not argument.startswith("-")]
    for folder in folders:
        Path(folder).mkdir(parents=True, exist_ok=True)
    stored = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    atheris.Setup([sys.argv[0], *arguments, *stored], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
