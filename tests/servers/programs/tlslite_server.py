"""A tlslite-ng server: ``tlslite_server.py ADDRESS PORT SETTINGS``, the settings a JSON object.

``chain`` and ``key`` name PEM files; ``alpn`` lists names; ``anon`` takes anonymous suites; ``ask_certificate`` asks for
one; all else goes into tlslite's HandshakeSettings. It runs as a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
from pathlib import Path

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey


def main() -> None:
    address, port, options = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    chain = X509CertChain()
    chain.parsePemList(Path(options.pop("chain")).read_text())
    key = parsePEMKey(Path(options.pop("key")).read_text(), private=True)
    alpn = [name.encode() for name in options.pop("alpn", [])] or None
    anonymous, ask = options.pop("anon", False), options.pop("ask_certificate", False)
    settings = HandshakeSettings()
    for name, value in options.items():
        if not hasattr(settings, name):
            raise SystemExit(f"tlslite has no setting {name}")
        setattr(settings, name, tuple(value) if name.endswith("Version") else value)
    # A supported_versions extension is answered from this list, whatever minVersion and maxVersion say.
    settings.versions = [v for v in settings.versions if settings.minVersion <= v <= settings.maxVersion]
    settings.ticketKeys = [bytearray(32)]
    settings = settings.validate()

    def serve(sock: socket.socket) -> None:
        with sock, contextlib.suppress(Exception):
            sock.settimeout(20)
            connection = TLSConnection(sock)
            if anonymous:
                connection.handshakeServer(anon=True, settings=settings)
            else:
                connection.handshakeServer(
                    certChain=chain, privateKey=key, reqCert=ask, settings=settings, alpn=alpn
                )
            connection.read(min=1, max=1)

    with socket.create_server((address, port), backlog=64) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()


main()
