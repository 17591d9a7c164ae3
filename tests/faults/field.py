"""A small field of real servers in one process tree of its own, so that it can stand in any network namespace.

``python -m tests.faults.field FOLDER FIRST SECOND`` starts them on two loopback addresses, says ``ready``, and ends them
when its standard input closes.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.process import loopback_address, program, running
from tests.servers.tls import issue, nginx, rsa_key

PORTS = "22,6379,7000,8000,8080,8443"
_GREETER = """
import socketserver, sys
class Greeter(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"WELCOME to the turbine, cabinet 7\\r\\n")
        self.request.settimeout(1)
        try:
            self.request.recv(4096)
        except OSError:
            pass
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
Server((sys.argv[1], 7000), Greeter).serve_forever()
"""
"""A protocol that nobody knows: nmap's service detection is asked about it."""


@contextlib.contextmanager
def _nginx_clear(folder: Path, address: str) -> Iterator[None]:
    site = folder / "site"
    (site / ".git").mkdir(parents=True)
    (site / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (site / "index.html").write_text("<title>首页</title><p>京ICP备12345678号-1</p><input type=password>")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    configuration = folder / "clear.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {folder}/clear.pid; error_log {folder}/clear.log; events {{}}\n"
        f"http {{ access_log off; {temporary}\n"
        f" server {{ listen {address}:8080; root {site}; default_type text/html; }} }}\n"
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(configuration)]
    with running(command, address=address, port=8080, log=folder / "clear-start.log"):
        yield


def _sshd(folder: Path, address: str) -> list[str]:
    key = folder / "host_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    configuration = folder / "sshd_config"
    configuration.write_text(
        f"ListenAddress {address}:22\nHostKey {key}\nPidFile none\nUsePAM no\nStrictModes no\nMaxStartups 100:30:200\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    return [program("sshd"), "-D", "-e", "-f", str(configuration)]


def _redis(address: str, *more: str) -> list[str]:
    return [program("redis-server"), "--bind", address, "--port", "6379", "--save", "", *more]


@contextlib.contextmanager
def _servers(folder: Path, first: str, second: str) -> Iterator[None]:
    files = issue("zijian.test", key=rsa_key(2048), san=["zijian.test"]).write(folder, "leaf")
    secure = f"ssl_certificate {files[0]}; ssl_certificate_key {files[1]}; ssl_protocols TLSv1.2 TLSv1.3;"
    greeter = [sys.executable, "-c", _GREETER, first]
    simple = [
        sys.executable,
        "-m",
        "http.server",
        "8000",
        "--bind",
        second,
        "--directory",
        str(folder / "site"),
    ]
    with contextlib.ExitStack() as stack:
        stack.enter_context(_nginx_clear(folder, first))
        stack.enter_context(nginx(folder, first, 8443, secure))
        for command, address, port in (
            (_redis(first, "--protected-mode", "no"), first, 6379),
            (_redis(second, "--requirepass", "not-to-be-guessed"), second, 6379),
            (_sshd(folder, first), first, 22),
            (greeter, first, 7000),
            (simple, second, 8000),
        ):
            log = folder / f"{Path(command[0]).name}-{address}-{port}.log"
            stack.enter_context(running(command, address=address, port=port, log=log, cwd=folder))
        yield


@contextlib.contextmanager
def field(folder: Path, *, within: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """The field in a process of its own, started by ``within`` (such as ``nsenter``); its two addresses."""
    addresses = (loopback_address(), loopback_address())
    command = [*within, sys.executable, "-m", "tests.faults.field", str(folder), *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield addresses
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def main() -> None:
    """Serve until standard input closes."""
    folder, first, second = sys.argv[1:]
    with _servers(Path(folder), first, second):
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
