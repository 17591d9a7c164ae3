"""Real MariaDB and PostgreSQL servers with data folders of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running, short_folder


@contextlib.contextmanager
def _folder_of(user: str) -> Iterator[Path]:
    """A short-named folder that ``user`` owns: the servers refuse to run as root, and their sockets want short paths."""
    with short_folder() as folder:
        shutil.chown(folder, user, user)
        folder.chmod(0o700)
        yield folder


def _certificate(folder: Path, user: str) -> tuple[Path, Path]:
    key, certificate = folder / "server.key", folder / "server.crt"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    for path in (key, certificate):
        shutil.chown(path, user, user)
        path.chmod(0o600)
    return key, certificate


@contextlib.contextmanager
def mariadb_server(*, tls: bool, let_in: bool) -> Iterator[str]:
    """A fresh MariaDB on port 3306 of an address of its own; ``let_in`` makes an account for any host."""
    address = loopback_address()
    with _folder_of("mysql") as folder:
        data = folder / "data"
        subprocess.run(
            [
                program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--user=mysql",
                "--auth-root-authentication-method=socket", "--skip-test-db",
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        command = [
            program("mariadbd", "mysqld"), "--no-defaults", f"--datadir={data}", f"--bind-address={address}",
            "--port=3306", f"--socket={folder}/s", f"--pid-file={folder}/pid", "--user=mysql",
            "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--skip-name-resolve", "--skip-log-bin",
        ]  # fmt: skip
        if let_in:
            accounts = folder / "accounts.sql"
            accounts.write_text("CREATE USER 'app'@'%' IDENTIFIED BY 'not-guessed-by-anyone';\n")
            accounts.chmod(0o644)
            command += [f"--init-file={accounts}"]
        if tls:
            key, certificate = _certificate(folder, "mysql")
            command += [f"--ssl-cert={certificate}", f"--ssl-key={key}"]
        with running(command, address=address, port=3306, log=folder / "log"):
            yield address


def wait_for_postgres(programs: Path, address: str) -> None:
    """Return once a PostgreSQL lets people in: its port is open before that, and turns everyone away."""
    ready = [str(programs / "pg_isready"), "-h", address, "-p", "5432"]
    for _ in range(400):
        if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"the PostgreSQL on {address}:5432 lets nobody in")


@contextlib.contextmanager
def postgres_server(hba: str, *, tls: bool) -> Iterator[str]:
    """A fresh PostgreSQL on port 5432 of an address of its own, with ``hba`` as its pg_hba.conf."""
    address = loopback_address()
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        raise RuntimeError("PostgreSQL is not installed; run ./test.sh, which installs what the tests need")
    bin_folder = programs[-1]
    with _folder_of("postgres") as folder:
        data = folder / "data"
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [
                str(bin_folder / "initdb"), "-D", str(data), "--auth=reject", "--no-sync", "-U", "postgres",
            ],
            check=True, capture_output=True, user="postgres", group="postgres", cwd=folder, env=environment,
        )  # fmt: skip
        (data / "pg_hba.conf").write_text(hba)
        command = [
            str(bin_folder / "postgres"), "-D", str(data), "-h", address, "-p", "5432", "-k", str(folder),
            "-c", "fsync=off", "-c", "shared_buffers=8MB",
        ]  # fmt: skip
        if tls:
            key, certificate = _certificate(folder, "postgres")
            command += ["-c", "ssl=on", "-c", f"ssl_cert_file={certificate}", "-c", f"ssl_key_file={key}"]
        with running(
            command,
            address=address,
            port=5432,
            log=folder / "log",
            cwd=folder,
            user="postgres",
            environment=environment,
        ):
            wait_for_postgres(bin_folder, address)
            yield address
