"""Real Java programs: one that may be debugged, an RMI registry, and Tomcat's AJP connector."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from scanner.probes.ajp import CPING
from tests.servers.process import loopback_address, program, running
from tests.servers.web import TOMCAT_HOME

_SMALL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m")
_SLEEPER = "public class Sleeper { public static void main(String[] a) throws Exception { Thread.sleep(600000); } }\n"


@contextlib.contextmanager
def debugged(folder: Path, port: int = 5005) -> Iterator[str]:
    """A program that sleeps, and lets debuggers in."""
    address = loopback_address()
    (folder / "Sleeper.java").write_text(_SLEEPER)
    agent = f"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address={address}:{port}"
    command = [program("java"), *_SMALL, agent, str(folder / "Sleeper.java")]
    with running(command, address=address, port=port, log=folder / "java.log", wait=False) as process:
        # To connect and hang up would take the agent's one place from the test.
        log = folder / "java.log"
        _wait_for_line(log, "Listening for transport", process)
        yield address


def _wait_for_line(log: Path, line: str, process: object) -> None:
    import time

    deadline = time.monotonic() + 60
    while not log.exists() or line not in log.read_text(errors="replace"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"no {line!r} in {log}")
        time.sleep(0.05)


@contextlib.contextmanager
def jmx(folder: Path) -> Iterator[str]:
    """A program with a JMX agent, whose registry is on port 1099."""
    address = loopback_address()
    (folder / "Sleeper.java").write_text(_SLEEPER)
    agent = "-Dcom.sun.management.jmxremote"
    options = [
        f"{agent}.port=1099",
        f"{agent}.ssl=false",
        f"{agent}.authenticate=false",
        f"{agent}.host={address}",
    ]
    command = [
        program("java"), *_SMALL, *options, f"-Djava.rmi.server.hostname={address}", str(folder / "Sleeper.java"),
    ]  # fmt: skip
    with running(command, address=address, port=1099, log=folder / "java.log", patience=60):
        yield address


@contextlib.contextmanager
def ajp_connector(folder: Path, secret: str = "") -> Iterator[str]:
    """Tomcat with an AJP connector on port 8009, and a ``secret`` if there is one."""
    address = loopback_address()
    for name in ("conf", "logs", "temp", "work", "webapps/ROOT"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "web.xml").write_text((TOMCAT_HOME / "etc" / "web.xml").read_text(encoding="utf-8"))
    (folder / "webapps" / "ROOT" / "index.html").write_text("<title>inside</title>")
    wants = f'secretRequired="true" secret="{secret}"' if secret else 'secretRequired="false"'
    (folder / "conf" / "server.xml").write_text(
        '<Server port="-1"><Service name="Catalina">'
        f'<Connector port="8009" address="{address}" protocol="AJP/1.3" {wants}/>'
        '<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>'
        "</Service></Server>\n"
    )
    environment = {"CATALINA_HOME": str(TOMCAT_HOME), "CATALINA_BASE": str(folder), "JAVA_OPTS": "-Xmx128m"}
    command = [str(TOMCAT_HOME / "bin" / "catalina.sh"), "run"]
    log = folder / "tomcat.log"
    with running(command, address=address, port=8009, log=log, environment=environment):
        # It listens before its applications are there, and answers after.
        with socket.create_connection((address, 8009), timeout=120) as first:
            first.sendall(CPING)
            first.recv(5)
        yield address
