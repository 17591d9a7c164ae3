"""``python -m scanner`` is ``zijian``."""

from scanner.cli import main

main()
