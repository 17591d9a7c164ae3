"""Real MariaDB and PostgreSQL servers with data folders of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.tls import Issued, issue, rsa_key


@contextlib.contextmanager
def _folder_of(user: str) -> Iterator[Path]:
    """A short-named folder that ``user`` owns: the servers refuse to run as root, and their sockets want short paths."""
    with short_folder() as folder:
        shutil.chown(folder, user, user)
        folder.chmod(0o700)
        yield folder


def _certificate(folder: Path, user: str, issued: tuple[Issued, ...]) -> tuple[Path, Path]:
    """Files of the chain ``issued``, or of a self-signed certificate."""
    leaf, *chain = issued or (issue("localhost", key=rsa_key()),)
    certificate, key = leaf.write(folder, "server", *chain)
    for path in (key, certificate):
        shutil.chown(path, user, user)
        path.chmod(0o600)
    return key, certificate


@contextlib.contextmanager
def mariadb_server(
    *, tls: bool, let_in: bool, issued: tuple[Issued, ...] = (), options: Sequence[str] = ()
) -> Iterator[str]:
    """A fresh MariaDB on port 3306 of an address of its own, with further ``options``; ``let_in`` makes an account for any host."""
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
            "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--skip-name-resolve", "--skip-log-bin", *options,
        ]  # fmt: skip
        if let_in:
            accounts = folder / "accounts.sql"
            accounts.write_text("CREATE USER 'app'@'%' IDENTIFIED BY 'not-guessed-by-anyone';\n")
            accounts.chmod(0o644)
            command += [f"--init-file={accounts}"]
        if tls:
            key, certificate = _certificate(folder, "mysql", issued)
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
def postgres_server(
    hba: str, *, tls: bool, issued: tuple[Issued, ...] = (), settings: Sequence[str] = ()
) -> Iterator[str]:
    """A fresh PostgreSQL on port 5432 of an address of its own, with ``hba`` as its pg_hba.conf and further ``settings``."""
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
        command += [part for setting in settings for part in ("-c", setting)]
        if tls:
            key, certificate = _certificate(folder, "postgres", issued)
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
