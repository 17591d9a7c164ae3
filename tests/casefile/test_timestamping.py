"""Time stamps by a real authority over HTTP: openssl's ``ts`` behind a small server."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from reports.casefile import timestamp
from scanner.errors import UsageError
from scanner.ledger import records
from scanner.timestamping import ask
from tests.casefile.conftest import Tsa


@contextmanager
def serving(address: str, answer: Callable[[bytes], tuple[int, bytes]]) -> Iterator[str]:
    """The URL of a server that answers each POST of a request with ``answer``'s status and body."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer((address, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{address}:{server.server_port}/tsa"
        server.shutdown()


def test_openssl_stamps_over_http(tsa: Tsa, tmp_path: Path) -> None:
    with serving("127.83.1.1", lambda asked: (200, tsa.reply(asked))) as url:
        answer = ask(url, timestamp.request(b"signed"), tmp_path / "ledger.jsonl")
    root = x509.load_pem_x509_certificate(tsa.root.read_bytes())
    assert timestamp.check(answer, b"signed", [root]).trusted
    opened = [record["remote"] for record in records(tmp_path / "ledger.jsonl") if record["kind"] == "open"]
    assert opened == [url.split("/")[2]]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://tsa.example/", "give an http:// address"),
        ("ftp://tsa.example/", "give an http:// address"),
        ("http://user@tsa.example/", "names no public host"),
        ("http://127.83.1.2:1/", "refused the connection"),
    ],
)
def test_what_is_no_authority_is_said_in_one_sentence(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        ask(url, b"", tmp_path / "ledger.jsonl")


def test_a_failing_authority_is_said(tmp_path: Path) -> None:
    with (
        serving("127.83.1.3", lambda _: (500, b"sorry")) as url,
        pytest.raises(UsageError, match="has the status 500"),
    ):
        ask(url, b"", tmp_path / "ledger.jsonl")


def test_an_authority_that_never_ends_is_cut(tmp_path: Path) -> None:
    with (
        serving("127.83.1.4", lambda _: (200, bytes(1 << 20))) as url,
        pytest.raises(UsageError, match="more than"),
    ):
        ask(url, b"", tmp_path / "ledger.jsonl")
