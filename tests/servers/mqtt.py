"""Real MQTT brokers: Mosquitto."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def mosquitto_server(folder: Path, *, anonymous: bool, port: int = 1883) -> Iterator[str]:
    """A Mosquitto that lets clients without a password in, or wants one."""
    address = loopback_address()
    users = folder / "users"
    users.write_text("tester:not-guessed-by-anyone\n")
    subprocess.run(["mosquitto_passwd", "-U", str(users)], check=True, capture_output=True)
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {port} {address}\npersistence false\nuser root\nallow_anonymous {str(anonymous).lower()}\n"
        f"password_file {users}\n"
    )
    command = [program("mosquitto"), "-c", str(settings)]
    with running(command, address=address, port=port, log=folder / "mosquitto.log"):
        yield address
