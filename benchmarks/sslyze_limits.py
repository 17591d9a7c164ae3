"""Runs sslyze's own command with other limits of concurrency, which only its Python API can set.

``python sslyze_limits.py CONNECTIONS_TO_ONE_SERVER SERVERS_AT_ONCE ARGUMENTS_OF_SSLYZE...``, with the Python of the environment that
sslyze is in: nothing of zijian's is loaded here.
"""

from __future__ import annotations

import functools
import sys

import sslyze.__main__ as command


def main() -> None:
    """Run it."""
    one, servers = int(sys.argv.pop(1)), int(sys.argv.pop(1))
    scanner = command.Scanner

    @functools.wraps(scanner)
    def limited(**settings: object) -> object:
        settings |= {"per_server_concurrent_connections_limit": one, "concurrent_server_scans_limit": servers}
        return scanner(**settings)

    command.Scanner = limited
    command.main()


if __name__ == "__main__":
    main()
