"""Real services that speak HTTP, each on a loopback address of its own, as they come and as they should be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers.process import loopback_address, program, running

_HASH = "$2y$05$I6ZpKzZyF5Q7.5QLUJU2FOZlOp6iPC9kTTqqjb7W7ctYWOqzYpa2q"
"""bcrypt of a password that nobody tries."""


def _web_config(folder: Path) -> str:
    """A Prometheus web configuration that asks for a password."""
    path = folder / "web.yml"
    path.write_text(f"basic_auth_users:\n  tester: {_HASH}\n")
    return str(path)


@contextlib.contextmanager
def _of_prometheus(folder: Path, name: str, port: int, *options: str, password: bool) -> Iterator[str]:
    """One of Prometheus' programs on ``port``, which asks for a password or not."""
    address = loopback_address()
    command = [program(name), f"--web.listen-address={address}:{port}", *options]
    if password:
        command.append(f"--web.config.file={_web_config(folder)}")
    with running(command, address=address, port=port, log=folder / f"{name}.log"):
        yield address


def prometheus_server(folder: Path, *, password: bool) -> AbstractContextManager[str]:
    """Prometheus on port 9090."""
    settings = folder / "prometheus.yml"
    settings.write_text("scrape_configs: []\n")
    options = f"--config.file={settings}", f"--storage.tsdb.path={folder}/data"
    return _of_prometheus(folder, "prometheus", 9090, *options, password=password)


def node_exporter(folder: Path, *, password: bool) -> AbstractContextManager[str]:
    """Prometheus' exporter of the machine's metrics on port 9104."""
    return _of_prometheus(folder, "prometheus-node-exporter", 9104, password=password)


def alertmanager(folder: Path, *, password: bool) -> AbstractContextManager[str]:
    """Alertmanager on port 9093."""
    settings = folder / "alertmanager.yml"
    settings.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    options = f"--config.file={settings}", f"--storage.path={folder}/data", "--cluster.listen-address="
    return _of_prometheus(folder, "prometheus-alertmanager", 9093, *options, password=password)


@contextlib.contextmanager
def docker_registry(folder: Path, *, password: bool) -> Iterator[str]:
    """The Distribution registry on port 5000."""
    address = loopback_address()
    settings = folder / "registry.yml"
    auth = ""
    if password:
        users = folder / "htpasswd"
        users.write_text(f"tester:{_HASH}\n")
        auth = f"auth:\n  htpasswd:\n    realm: registry\n    path: {users}\n"
    settings.write_text(
        f"version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {folder}/images\nhttp:\n  addr: {address}:5000\n{auth}"
    )
    command = [program("docker-registry"), "serve", str(settings)]
    with running(command, address=address, port=5000, log=folder / "registry.log"):
        yield address


@contextlib.contextmanager
def influxdb_server(folder: Path, *, password: bool) -> Iterator[str]:
    """InfluxDB 1.x on port 8086."""
    address = loopback_address()
    settings = folder / "influxdb.conf"
    settings.write_text(
        f'reporting-disabled = true\nbind-address = "{address}:8088"\n[meta]\ndir = "{folder}/meta"\n'
        f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\n'
        f'[http]\nbind-address = "{address}:8086"\nauth-enabled = {str(password).lower()}\n'
    )
    command = [program("influxd"), "-config", str(settings)]
    with running(command, address=address, port=8086, log=folder / "influxdb.log"):
        yield address


@contextlib.contextmanager
def jupyter_server(folder: Path, *, token: str) -> Iterator[str]:
    """A Jupyter notebook server on port 8888; an empty ``token`` lets everyone in."""
    address = loopback_address()
    command = [
        program("jupyter-notebook"), "--allow-root", "--no-browser", f"--ip={address}", "--port=8888",
        f"--NotebookApp.token={token}", "--NotebookApp.password=", f"--notebook-dir={folder}",
        *(["--NotebookApp.tornado_settings={'headers': {'Server': 'notebook'}}"] if token else []),
    ]  # fmt: skip
    environment = {"HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(folder / "run")}
    with running(
        command, address=address, port=8888, log=folder / "jupyter.log", environment=environment, cwd=folder
    ):
        yield address


@contextlib.contextmanager
def cupsd(folder: Path, *, password: bool) -> Iterator[str]:
    """CUPS on port 631; with ``password`` the whole of it asks for one."""
    # Of its own machine CUPS takes no other name than this, whatever ServerAlias says.
    address = "127.0.0.1"
    wants = "AuthType Basic\nRequire valid-user\n" if password else ""
    files, settings = folder / "cups-files.conf", folder / "cupsd.conf"
    kinds = {
        "ServerRoot": "root",
        "CacheDir": "cache",
        "StateDir": "state",
        "TempDir": "temp",
        "RequestRoot": "spool",
    }
    for name in kinds.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    folders = "".join(f"{option} {folder / name}\n" for option, name in kinds.items())
    files.write_text(
        f"{folders}AccessLog {folder}/access.log\nErrorLog stderr\nPageLog {folder}/page.log\nSystemGroup lpadmin\n"
    )
    settings.write_text(
        f"Listen {address}:631\nServerTokens {'ProductOnly' if password else 'Full'}\nWebInterface Yes\nBrowsing No\nDefaultAuthType Basic\n"
        f"<Location />\nOrder allow,deny\nAllow all\n{wants}</Location>\n"
    )
    command = [program("cupsd"), "-f", "-c", str(settings), "-s", str(files)]
    with running(command, address=address, port=631, log=folder / "cupsd.log"):
        yield address


@contextlib.contextmanager
def haproxy_stats(folder: Path, *, password: bool) -> Iterator[str]:
    """HAProxy's statistics on port 8404."""
    address = loopback_address()
    wants = "stats auth tester:not-guessed\nstats hide-version" if password else ""
    settings = folder / "haproxy.cfg"
    settings.write_text(
        "defaults\nmode http\ntimeout connect 5s\ntimeout client 5s\ntimeout server 5s\n"
        f"frontend s\nbind {address}:8404\nstats enable\nstats uri /\n{wants}\n"
    )
    with running(
        [program("haproxy"), "-f", str(settings)], address=address, port=8404, log=folder / "haproxy.log"
    ):
        yield address


@contextlib.contextmanager
def netdata_server(folder: Path) -> Iterator[str]:
    """Netdata on port 19999, without plugins."""
    address = loopback_address()
    settings = folder / "netdata.conf"
    (folder / "cache").mkdir()
    settings.write_text(
        f"[global]\nrun as user = root\n[db]\nmode = none\n[directories]\ncache = {folder}/cache\nlib = {folder}/cache\nlog = {folder}\n"
        f"lock = {folder}/cache\n[logs]\nerror = stderr\naccess = none\ndebug = none\n[web]\nbind to = {address}\ndefault port = 19999\n"
        "[ml]\nenabled = no\n[health]\nenabled = no\n[plugins]\n"
        + "".join(
            f"{name} = no\n"
            for name in (
                "proc",
                "diskspace",
                "cgroups",
                "tc",
                "idlejitter",
                "timex",
                "apps",
                "statsd",
                "enable running new plugins",
            )
        )
    )
    command = [program("netdata"), "-D", "-c", str(settings), "-P", str(folder / "netdata.pid")]
    with running(command, address=address, port=19999, log=folder / "netdata.log"):
        yield address
