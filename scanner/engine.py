"""The run of one scan: discovery, identification, probes and second looks, stored as they come.

Everything done is a step or a probe run in the store, so a scan that was killed goes on where it stopped: what is
stored is not asked again, and at most the runs in flight are repeated. The engine judges nothing; which probes deserve
a second look is told by a function that it is given.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ParamSpec, Protocol, TypeVar

from scanner.discovery import Discovery, HostState, NmapAnswer, PortState
from scanner.errors import (
    ConnectError,
    LocalError,
    NotOffered,
    PolicyRefusal,
    Stopped,
    Throttled,
    ZijianError,
)
from scanner.facts import (
    Endpoint,
    HostFacts,
    IdentifyFacts,
    NmapServiceFacts,
    ProbeRun,
    RunStatus,
    ServiceFacts,
    Transport,
    service_names,
)
from scanner.governor import Governor
from scanner.ports import PortSpec, batches, compress
from scanner.privacy import without_personal_data
from scanner.probes import Probe, Session
from scanner.scope import Scope
from scanner.store import Store
from scanner.transport import CONNECTIONS

_GROUP = 8
"""Hosts in one nmap run: small, so that their services are probed soon."""
_GROUPS_AT_ONCE = 4
_FEW = 16
"""Up to so many addresses are scanned without asking first whether they answer."""
_NAMED = 8
"""Up to so many ports that were named for a host are connected to at once; of more, nmap tells which are open."""
_MANY_SILENT = 32
"""Of so many open ports of one host that say nothing to any question, and are none where something exposed usually lives,
the rest are not asked: a tarpit holds every one of them for seconds, and has thousands."""
_PROBE_SECONDS = 240.0
"""Longest one probe run may take; a probe's own limits are far below."""

_DISCOVERED = ("alive:", "tcp:", "udp:")
"""How the keys of discovery's steps begin."""
_SHUT = {"refused": "port_closed", "timeout": "port_filtered", "unreachable": "port_filtered"}
"""How a connection to a port fails that is closed, or behind a filter, and what is said of it where a target names the port."""

_LOST = "open ports could not be reached meanwhile: silence tells nothing"
_CUT = "nmap was cut short"

_BY_NATURE = frozenset(
    {"no_permission", "udp_silent", "many_silent", "port_closed", "port_filtered", "port_not_open"}
)
"""Reasons that are said in the report and are no failure of the scan: lacking privilege is how the operator chose to run,
over UDP silence is all that most closed or filtered ports give, a tarpit would say no more if asked again, and to be shut is a
port's right."""

NOT_REACHED = "not_reached"
"""Reason of what a network that was cut, or a host that went away, may have kept from being seen."""
_ASK_AGAIN = frozenset({NOT_REACHED, "timeout", "unreachable", "throttled"})
"""Reasons for which a stored run is repeated when the scan is resumed: nothing, or not all, was answered."""
_PROMPTLY = 6.0
"""Seconds after a silence within which it shows that the host is out of reach: the next connection has failed by then."""
_BROKEN_OFF = frozenset({"reset", "closed"})

P = ParamSpec("P")
T = TypeVar("T")


class Observer(Protocol):
    """Told of progress; must return at once and never raise."""

    def hosts_planned(self, number: int) -> None:
        """So many hosts will be examined."""

    def host_done(self, ip: str) -> None:
        """A host is finished."""

    def service_found(self, endpoint: Endpoint) -> None:
        """An open port was found."""

    def probe_done(self, run: ProbeRun) -> None:
        """A probe run ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do."""

    scan_id: str
    profile: str
    ports: PortSpec | None = None
    """From ``--ports``; None takes the profile's."""
    risky_tcp: frozenset[int] = frozenset()
    risky_udp: frozenset[int] = frozenset()
    """Those that identification has a question for."""
    top: int = 1000


@dataclass(slots=True)
class Unfinished:
    """What could not be completed, for the report and the exit code."""

    what: str
    subject: str
    name: str
    reason: str
    message: str


@dataclass(slots=True)
class Engine:
    """One scan. :meth:`run` returns ``completed``, ``partial`` or ``interrupted``."""

    plan: Plan
    scope: Scope
    store: Store
    session: Session
    discovery: Discovery
    identify: Callable[[], Awaitable[Probe]]
    """The probe that is run on every open TCP port, to learn which protocol it speaks."""
    probes: Callable[[], Awaitable[Sequence[Probe]]]
    """The others; both are asked for when the first service was found."""
    observer: Observer
    own_addresses: Container[str]
    second_look: Callable[[ServiceFacts], Iterable[str]]
    unfinished: list[Unfinished] = field(default_factory=list)
    reason: str = ""
    """Why the scan as a whole is not complete, where it is one reason."""
    _steps: dict[str, Any] = field(default_factory=dict)
    _runs: dict[tuple[str, str, int], ProbeRun] = field(default_factory=dict)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "zijian-store"))
    _hosts: dict[str, HostFacts] = field(default_factory=dict)
    _shut: set[str] = field(default_factory=set)
    """Endpoints that were named and are not open: their identification failed by nature."""
    _turns: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    """How many of a host's open TCP ports are identified at once."""
    _stale: set[tuple[str, str, int]] = field(default_factory=set)
    """Runs in the store that do not count any more: they are repeated, or belong to such."""
    _met_silence: list[tuple[tuple[str, str, int], float, float]] = field(default_factory=list)
    """Runs of this process that had a connection without an answer, from when to when."""
    _silent: Counter[str] = field(default_factory=Counter)
    """How many open TCP ports of a host, other than likely ones, said nothing to any question."""

    @property
    def _governor(self) -> Governor:
        return self.session.door.governor

    async def run(self) -> str:
        """Do everything that is not in the store yet.

        :raises LocalError: this machine cannot go on (disk full, no nmap); what was stored stays.
        """
        stop = self.session.door.stop
        await self._take_up()
        work = asyncio.create_task(self._work())

        def cancel() -> None:
            work.cancel()

        try:
            with stop.calling(cancel):
                await work
                await self._doubt()
        except asyncio.CancelledError:
            if not stop.stopped:
                raise
            status = "interrupted"
        except Stopped as error:
            status, self.reason = "interrupted", str(error)
        except BaseExceptionGroup as group:
            first = _first(group)
            if not isinstance(first, Stopped):
                raise first from group
            status, self.reason = "interrupted", str(first)
        else:
            status = "partial" if self._incomplete() else "completed"
        finally:
            self._writer.shutdown(wait=True)
        self.store.put_step(self.plan.scan_id, "unfinished", [asdict(entry) for entry in self.unfinished])
        return status

    async def _take_up(self) -> None:
        """Read what the store knows of this scan, but for what is to be asked again."""
        plan = self.plan
        self._steps = await self._stored(self.store.steps, plan.scan_id)
        runs = {
            (run.endpoint.id, run.probe, run.attempt): run
            for run in await self._stored(self.store.runs, plan.scan_id)
        }
        again = {(endpoint, probe) for (endpoint, probe, _), run in runs.items() if run.reason in _ASK_AGAIN}
        # Two looks are compared, so they are of one time: with one of them the other is repeated.
        self._stale = {key for key in runs if key[:2] in again}
        self._runs = {key: run for key, run in runs.items() if key not in self._stale}
        hosts = await self._stored(self.store.hosts, plan.scan_id)
        if not any(host.up for host in hosts):
            # Nothing answered so far: that may have been the network, so nothing of it counts.
            self._steps = {
                key: value for key, value in self._steps.items() if not key.startswith(_DISCOVERED)
            }
            return
        self._hosts = {host.ip: host for host in hosts}
        for host in hosts:
            for number, _, transport in (text.partition("/") for text in host.ports_open):
                if transport == "tcp":
                    self.session.door.reach.is_open(host.ip, int(number))

    def _incomplete(self) -> bool:
        if self._hosts and not any(host.up for host in self._hosts.values()):
            self.reason = "no host gave any answer: a filter, or this machine's network, may lie in between"
            return True
        return any(entry.reason not in _BY_NATURE for entry in self.unfinished) or any(
            run.reason == NOT_REACHED
            or (run.status is RunStatus.FAILED and run.endpoint.id not in self._shut)
            for run in self._runs.values()
        )

    async def _stored(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        # One writer thread: the store is never used by two at once, and the loop never waits for the disk.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: function(*args, **kwargs))

    async def _step(self, key: str, value: Any) -> None:
        self._steps[key] = value
        await self._stored(self.store.put_step, self.plan.scan_id, key, value)

    # ------------------------------------------------------------------ discovery

    async def _work(self) -> None:
        for ip, target, names in self.scope.hosts():
            # What the store knows of a host stays: the steps that found it out are not repeated.
            self._hosts.setdefault(
                ip, HostFacts(target=target, ip=ip, names=names, own_address=ip in self.own_addresses)
            )
        tcp_all, udp_all = await self._ports()
        groups = self._group(await self._answering(), tcp_all)
        self.observer.hosts_planned(sum(len(group) for group, _ in groups))
        gate = asyncio.Semaphore(_GROUPS_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for name in self.scope.domains():
                tasks.create_task(self._domain(name))
            for group, tcp in groups:
                tasks.create_task(self._examine(group, tcp, udp_all, gate))

    async def _ports(self) -> tuple[frozenset[int], frozenset[int]]:
        plan = self.plan
        if plan.ports is not None:
            return plan.ports.tcp, plan.ports.udp
        udp = frozenset() if plan.profile == "quick" else plan.risky_udp
        if all(self.scope.ports_for(ip) is not None for ip in self._hosts):
            # Each host is granted ports of its own: no list of likely ones is of use.
            return plan.risky_tcp, udp
        return plan.risky_tcp | await self.discovery.top_ports(plan.top), udp

    async def _answering(self) -> list[str]:
        """Addresses worth scanning: all when they are few or were named one by one, else those that answer."""
        explicit = {
            str(network.network_address)
            for target in self.scope.targets
            for network in target.networks
            if network.num_addresses == 1
        }
        explicit |= {ip for ips in self.scope.pins.values() for ip in ips}
        # Host discovery touches ports of its own choice, so it is not for hosts of which only some ports are granted.
        wide = {ip: None for ip in self._hosts if ip not in explicit and self.scope.ports_for(ip) is None}
        if len(wide) <= _FEW:
            return list(self._hosts)
        chosen = [ip for ip in self._hosts if ip not in wide]
        for family in (4, 6):
            candidates = [ip for ip in wide if (":" in ip) == (family == 6)]
            for start in range(0, len(candidates), 256):
                chunk = candidates[start : start + 256]
                key = f"alive:{chunk[0]}:{len(chunk)}"
                if key not in self._steps:
                    begun = time.monotonic()
                    answer = await self.discovery.alive(
                        chunk, rate=self._governor.pace_for(chunk[0]).nmap_rate
                    )
                    up = [host.ip for host in answer.hosts if host.state == "up"]
                    for ip in up:
                        self.session.door.reach.answered(ip)
                    missing = [ip for ip in chunk if ip not in up]
                    cut = not answer.complete
                    if cut or (missing and not await self._carries(missing[0], begun)):
                        # What was not asked, or not reached, is not absent: it is named, and asked when the scan is resumed.
                        message = answer.message or _CUT if cut else _LOST
                        reason = "nmap_cut" if cut else NOT_REACHED
                        self.unfinished.extend(
                            Unfinished("discovery", ip, "nmap", reason, message) for ip in missing
                        )
                        chosen.extend(up)
                        continue
                    await self._step(key, up)
                chosen.extend(self._steps[key])
                for ip in set(chunk) - set(self._steps[key]):
                    note = "no answer to host discovery; not scanned"
                    await self._save_host(replace(self._hosts[ip], up=False, note=note))
        return chosen

    def _group(self, addresses: list[str], tcp: frozenset[int]) -> list[tuple[list[str], frozenset[int]]]:
        """Groups of hosts that share address family, ports and pace."""
        alike: dict[tuple[bool, frozenset[int] | None, int], list[str]] = {}
        for ip in addresses:
            key = (":" in ip, self.scope.ports_for(ip), self._governor.pace_for(ip).nmap_rate)
            alike.setdefault(key, []).append(ip)
        return [
            (found[start : start + _GROUP], self._granted_tcp(granted, tcp))
            for (_, granted, _), found in alike.items()
            for start in range(0, len(found), _GROUP)
        ]

    def _granted_tcp(self, granted: frozenset[int] | None, tcp: frozenset[int]) -> frozenset[int]:
        """The TCP ports to scan where only some are granted: all of those, unless ``--ports`` names fewer."""
        if granted is None:
            return tcp
        return granted if self.plan.ports is None else granted & tcp

    async def _examine(
        self, group: list[str], tcp: frozenset[int], udp: frozenset[int], gate: asyncio.Semaphore
    ) -> None:
        async with asyncio.TaskGroup() as tasks, gate:
            plan: list[tuple[Transport, Sequence[int]]] = [
                ("tcp", ports) for ports in batches(tcp, self.plan.risky_tcp)
            ]
            udp_ports = self._allowed_udp(group, udp)
            if udp_ports:
                plan.insert(1, ("udp", udp_ports))
            for transport, ports in plan:
                for ip, found in (await self._scan(group, ports, transport)).items():
                    if found:
                        tasks.create_task(self._services(ip, transport, found))
        scanned = ",".join(
            filter(None, (compress(tcp), *([f"U:{compress(udp_ports)}"] if udp_ports else ())))
        )
        for ip in group:
            note = self._hosts[ip].note
            if self._governor.given_up(ip):
                note = "left alone after repeated trouble"
                self.unfinished.append(Unfinished("host", ip, "", "throttled", note))
            await self._save_host(replace(self._hosts[ip], note=note, ports_scanned=scanned))
            self.observer.host_done(ip)

    def _allowed_udp(self, group: list[str], udp: frozenset[int]) -> tuple[int, ...]:
        """UDP ports to look at: without raw sockets those alone that can be asked a question of their protocol."""
        granted = self.scope.ports_for(group[0])
        wanted = tuple(sorted(udp if granted is None else udp & granted))
        if self.discovery.privileged:
            return wanted
        asked = tuple(port for port in wanted if self._can_ask(port))
        unseen = compress(set(wanted) - set(asked))
        parts = []
        if asked:
            parts.append(
                f"UDP ports {compress(asked)} were only asked in the protocol that usually lives there: "
                "nmap's UDP scan needs raw sockets (root)"
            )
        if unseen:
            parts.append(f"UDP ports {unseen} need raw sockets (root); they were not looked at")
        if parts:
            for ip in group:
                self.unfinished.append(Unfinished("discovery", ip, "udp", "no_permission", "; ".join(parts)))
        return asked

    def _can_ask(self, port: int) -> bool:
        """Whether identification has a question for what usually lives on this UDP port."""
        return port in self.plan.risky_udp

    async def _scan(
        self, group: list[str], ports: Sequence[int], transport: Transport
    ) -> dict[str, list[tuple[int, NmapServiceFacts | None]]]:
        """Open ports of each host in one batch; asked of nmap only when the store does not know them.

        Identification finds out for itself which of few ports that were named are open. Of UDP it is also given those of
        which nmap cannot tell, and without raw sockets all of them, since nmap cannot look.
        """
        if self._named(group[0], ports) if transport == "tcp" else not self.discovery.privileged:
            return {ip: [(port, None) for port in ports] for ip in group}
        range_ = compress(ports)

        def key(ip: str) -> str:
            return f"{transport}:{ip}:{range_}"

        todo = [ip for ip in group if key(ip) not in self._steps]
        if todo:
            rate = self._governor.pace_for(todo[0]).nmap_rate
            scan = self.discovery.open_ports if transport == "tcp" else self.discovery.open_udp_ports
            begun = time.monotonic()
            answer: NmapAnswer = await scan(todo, ports, rate=rate)
            seen = {host.ip: host for host in answer.hosts}
            for host in answer.hosts:
                if host.answered:
                    self.session.door.reach.answered(host.ip)
            for ip in todo:
                found = seen.get(ip)
                if found is not None and not await self._reached(found, begun):
                    self.unfinished.append(Unfinished("discovery", ip, "nmap", NOT_REACHED, _LOST))
                    continue
                await self._keep_ports(key(ip), ip, found, answer)
        for ip in group:
            if transport == "tcp" and key(ip) in self._steps and self.scope.ports_for(ip) is not None:
                self._say_shut(ip, set(ports) - set(self._steps[key(ip)]), "port_not_open")
        return {
            ip: [
                (port, facts)
                for port in self._steps.get(key(ip), [])
                if (facts := self._nmap_facts(Endpoint(ip=ip, port=port, transport=transport))) is not None
            ]
            for ip in group
        }

    async def _reached(self, host: HostState, begun: float) -> bool:
        """Whether what nmap says of the host since ``begun`` is the host's word, and not that of a network that was cut."""
        if self.session.door.reach.lost_since(host.ip, begun):
            return False
        return host.answered or await self._carries(host.ip, begun)

    async def _carries(self, ip: str, begun: float) -> bool:
        """Whether the network carries, which a host's silence since ``begun`` does not tell.

        Where nothing was heard since, a port that was open before is connected to once; where there is none, nobody can tell.
        """
        door = self.session.door
        if door.reach.heard_since(ip, begun):
            return True
        witness = door.reach.witness(ip)
        if witness is None:
            return True
        try:
            async with door.tcp(*witness, "reach: is the network still there"):
                return True
        except ConnectError as error:
            return error.kind in {"refused", "reset"}
        except (Throttled, PolicyRefusal) as error:
            if error.kind == "outside_window":
                raise Stopped(str(error)) from error
            return False

    def _say_shut(self, ip: str, ports: Collection[int], reason: str) -> None:
        """Say of TCP ports that the targets name for this host, and that are not open, that they were looked at."""
        if ports:
            host = f"[{ip}]" if ":" in ip else ip
            self.unfinished.append(Unfinished("port", f"{host}:{compress(ports)}/tcp", "", reason, ""))

    def _named(self, ip: str, ports: Sequence[int]) -> bool:
        """Whether these are few ports that the targets name for this host."""
        return len(ports) <= _NAMED and self.scope.ports_for(ip) is not None

    async def _keep_ports(self, key: str, ip: str, host: HostState | None, answer: NmapAnswer) -> None:
        if host is None:
            message = answer.message or "nmap gave no result for this host"
            self.unfinished.append(Unfinished("discovery", ip, "nmap", "nmap_cut", message))
            return
        found = await self._keep_nmap(host)
        opened = [f"{port.port}/{port.transport}" for port in found if port.facts.state == "open"]
        await self._note_open(ip, opened, answered=host.answered)
        await self._step(key, [port.port for port in found])

    async def _note_open(self, ip: str, opened: Iterable[str], *, answered: bool) -> None:
        """Keep that these ports (``53/udp``) are open, and that the host is there."""
        known = self._hosts[ip]
        ports = {*known.ports_open, *opened}
        up = True if answered or ports else known.up
        now = replace(known, up=up, ports_open=tuple(sorted(ports, key=_port_order)))
        if now != known:
            await self._save_host(now)

    async def _keep_nmap(self, host: HostState) -> list[PortState]:
        """Store nmap's word on the host's open ports as probe runs, and on UDP ports that may be open; the ports."""
        found = [
            port
            for port in host.ports
            if port.facts.state == "open"
            or (port.facts.state == "open|filtered" and port.transport == "udp" and self._can_ask(port.port))
        ]
        moment = datetime.now(UTC)
        for port in found:
            if port.transport == "tcp":
                self.session.door.reach.is_open(host.ip, port.port)
            await self._save_run(
                ProbeRun(
                    probe="nmap",
                    endpoint=Endpoint(ip=host.ip, port=port.port, transport=port.transport),
                    status=RunStatus.COMPLETED,
                    started=moment,
                    finished=moment,
                    facts=port.facts,
                )
            )
        return found

    async def _save_host(self, host: HostFacts) -> None:
        self._hosts[host.ip] = host
        await self._stored(self.store.put_host, self.plan.scan_id, host)

    # ------------------------------------------------------------------ services

    async def _services(
        self, ip: str, transport: Transport, found: list[tuple[int, NmapServiceFacts | None]]
    ) -> None:
        """Identify, ask nmap for the rest, probe, look again."""
        host = self._hosts[ip]
        services: list[ServiceFacts] = []
        for port, facts in found:
            name = host.names[0] if host.names else None
            endpoint = Endpoint(ip=ip, port=port, transport=transport, name=name)
            service = ServiceFacts(endpoint=endpoint, target=host.target, own_address=host.own_address)
            services.append(self._best_named(service, None, facts))
        if transport == "udp":
            services = list(await asyncio.gather(*(self._identify(service) for service in services)))
            services = await self._answering_udp(ip, services)
        else:
            services = list(await asyncio.gather(*(self._identify_in_turn(service) for service in services)))
            services = await self._open_tcp(ip, services)
        services = [await self._with_nmap(service) for service in await self._versions(ip, services)]
        async with asyncio.TaskGroup() as tasks:
            for service in services:
                tasks.create_task(self._probe_service(service))
                for name in host.names[1:]:
                    other = replace(service, endpoint=replace(service.endpoint, name=name), runs={})
                    tasks.create_task(self._probe_service(other, only_per_name=True))

    async def _answering_udp(self, ip: str, asked: list[ServiceFacts]) -> list[ServiceFacts]:
        """The UDP services among what was asked: those that answered us in their protocol, or anything to nmap.

        A port that kept silent is no service and no failure; that it was asked is said.
        """
        services: list[ServiceFacts] = []
        silent: list[int] = []
        for service in asked:
            nmap = self._nmap_facts(service.endpoint)
            run = service.runs.get("identify")
            own = service.get(IdentifyFacts)
            if (own is not None and own.by != "none") or (nmap is not None and nmap.state == "open"):
                self.observer.service_found(service.endpoint)
                services.append(service)
            elif run is not None and run.status is RunStatus.COMPLETED:
                silent.append(service.endpoint.port)
        await self._note_open(ip, (f"{one.endpoint.port}/udp" for one in services), answered=False)
        if silent:
            message = (
                f"UDP ports {compress(silent)} gave no answer to the question of the protocol that usually lives there; "
                "over UDP, silence cannot be told from a filter"
            )
            self.unfinished.append(Unfinished("discovery", ip, "udp_silent", "udp_silent", message))
        return services

    async def _open_tcp(self, ip: str, asked: list[ServiceFacts]) -> list[ServiceFacts]:
        """The open ports among those that nmap found open, or that were named and not asked of nmap."""
        services: list[ServiceFacts] = []
        shut: dict[str, set[int]] = {}
        for service in asked:
            run = service.runs.get("identify")
            if (
                run is not None
                and self._nmap_run(service.endpoint) is None
                and run.status is RunStatus.FAILED
                and run.reason in _SHUT
            ):
                self._shut.add(run.endpoint.id)
                shut.setdefault(_SHUT[run.reason], set()).add(run.endpoint.port)
            else:
                self.observer.service_found(service.endpoint)
                services.append(service)
        for reason, ports in sorted(shut.items()):
            self._say_shut(ip, ports, reason)
        opened = (f"{one.endpoint.port}/tcp" for one in services)
        await self._note_open(ip, opened, answered="port_closed" in shut)
        if unasked := [one.endpoint.port for one in services if "identify" not in one.runs]:
            message = (
                f"{self._silent[ip]} open ports said nothing to any question, as a tarpit does; TCP ports "
                f"{compress(unasked)} are open too and were not asked: what they are is not known"
            )
            self.unfinished.append(Unfinished("discovery", ip, "many_silent", "many_silent", message))
        return services

    def _nmap_run(self, endpoint: Endpoint) -> ProbeRun | None:
        return self._runs.get((replace(endpoint, name=None).id, "nmap", 1))

    def _nmap_facts(self, endpoint: Endpoint) -> NmapServiceFacts | None:
        run = self._nmap_run(endpoint)
        return run.facts if run is not None and isinstance(run.facts, NmapServiceFacts) else None

    async def _with_nmap(self, service: ServiceFacts) -> ServiceFacts:
        """The service with nmap's word among its runs, kept under the name that it is asked by."""
        run = self._nmap_run(service.endpoint)
        if run is None:
            return service
        run = replace(run, endpoint=service.endpoint)
        await self._save_run(run)
        return replace(service, runs={**service.runs, run.probe: run})

    @staticmethod
    def _best_named(
        service: ServiceFacts, own: IdentifyFacts | None, nmap: NmapServiceFacts | None
    ) -> ServiceFacts:
        """The service with the best name known: our own word first, nmap's where ours is silent and nmap is sure."""
        sure = nmap if nmap is not None and (nmap.confidence or 0) >= service_names.SURE else None
        named = service_names.ours(sure.name) if sure is not None else None
        udp_guess = None
        if service.endpoint.transport == "udp" and nmap is not None and nmap.state == "open":
            # It answered nmap: the port's usual name is all there is, unless our own question found out more.
            udp_guess = service_names.ours(nmap.name)
        return replace(
            service,
            protocol=(own.protocol if own else None) or named or udp_guess,
            tls=bool(own and own.tls) or bool(sure and sure.tunnel == "ssl"),
            product=(own.product if own else None) or (sure.product if sure else None),
            version=(own.version if own else None) or (sure.version if sure else None),
        )

    async def _identify(self, service: ServiceFacts) -> ServiceFacts:
        if service.endpoint.transport == "udp" and not self._can_ask(service.endpoint.port):
            return service
        run = await self._run(await self.identify(), service, attempt=1)
        own = run.facts if isinstance(run.facts, IdentifyFacts) else None
        named = self._best_named(service, own, self._nmap_facts(service.endpoint))
        return replace(named, runs={**named.runs, run.probe: run})

    async def _identify_in_turn(self, service: ServiceFacts) -> ServiceFacts:
        """Identify what is on an open TCP port, unless so many of the host's kept silent that it is one of a tarpit's."""
        ip = service.endpoint.ip
        turns = self._turns.setdefault(ip, asyncio.Semaphore(self._governor.pace_for(ip).host_open))
        async with turns:
            stored = (service.endpoint.id, IdentifyFacts.PROBE, 1) in self._runs
            if not stored and not self._likely(service) and self._silent[ip] >= _MANY_SILENT:
                return service
            service = await self._identify(service)
        if not self._likely(service) and _said_nothing(service):
            self._silent[ip] += 1
        return service

    def _likely(self, service: ServiceFacts) -> bool:
        """Whether something that should not be exposed usually lives on the port, or the targets name it."""
        port = service.endpoint.port
        return port in self.plan.risky_tcp or self._nmap_run(service.endpoint) is None

    def _worth_nmap(self, ip: str, service: ServiceFacts) -> bool:
        """Whether nmap's service detection is asked about an open TCP port: of a tarpit's, only about likely ones."""
        if self.plan.profile != "full" and service.protocol is not None:
            return False
        mute = "identify" not in service.runs or _said_nothing(service)
        return not (mute and self._silent[ip] >= _MANY_SILENT and not self._likely(service))

    async def _versions(self, ip: str, services: list[ServiceFacts]) -> list[ServiceFacts]:
        """nmap's service detection: on what is still unnamed, or on all open TCP ports in the full profile."""
        if self.plan.profile == "quick":
            return services
        wanted = [
            service.endpoint.port
            for service in services
            if service.endpoint.transport == "tcp" and self._worth_nmap(ip, service)
        ]
        key = f"versions:{ip}:{compress(wanted)}"
        if not wanted:
            return services
        if key not in self._steps:
            begun = time.monotonic()
            answer = await self.discovery.versions(ip, wanted, rate=self._governor.pace_for(ip).nmap_rate)
            reached = all([await self._reached(host, begun) for host in answer.hosts])
            for host in answer.hosts if reached else ():
                await self._keep_nmap(host)
            if answer.complete and reached:
                await self._step(key, True)
            else:
                reason, message = ("nmap_cut", answer.message or _CUT) if reached else (NOT_REACHED, _LOST)
                self.unfinished.append(Unfinished("discovery", ip, "versions", reason, message))
        return [
            self._best_named(service, service.get(IdentifyFacts), self._nmap_facts(service.endpoint))
            for service in services
        ]

    async def _domain(self, name: str) -> None:
        """Ask about a domain that the targets name: what DNS says of it, not what its hosts do."""
        subject = ServiceFacts(endpoint=Endpoint.of_domain(name), target=name, protocol="domain")
        if any(probe.applies(subject) for probe in await self.probes()):
            await self._probe_service(subject)

    async def _probe_service(self, service: ServiceFacts, *, only_per_name: bool = False) -> None:
        await self._stored(self.store.put_service, self.plan.scan_id, service)
        chosen = [
            probe
            for probe in await self.probes()
            if probe.name != IdentifyFacts.PROBE
            and (probe.per_name or not only_per_name)
            and probe.applies(service)
        ]
        runs = await asyncio.gather(*(self._run(probe, service, attempt=1) for probe in chosen))
        service = replace(service, runs={**service.runs, **{run.probe: run for run in runs}})
        again = set(self.second_look(service))
        for probe in chosen:
            key = (service.endpoint.id, probe.name, 2)
            if key in self._stale and probe.name not in again:
                # Its first look was repeated and needs no second any more.
                await self._stored(self.store.drop_run, self.plan.scan_id, *key)
        await asyncio.gather(
            *(self._run(probe, service, attempt=2) for probe in chosen if probe.name in again)
        )

    async def _run(self, probe: Probe, service: ServiceFacts, *, attempt: int) -> ProbeRun:
        """Run a probe and store what came of it; a stored run is returned as it is. Never raises for the target."""
        key = (service.endpoint.id, probe.name, attempt)
        if key in self._runs:
            return self._runs[key]
        connections: list[int] = []
        CONNECTIONS.set(connections)
        started, begun = datetime.now(UTC), time.monotonic()
        status, reason, message, facts = RunStatus.FAILED, None, None, None
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                facts = await probe.run(self.session, service)
            status = RunStatus.COMPLETED
            if message := self._unanswered(service.endpoint.ip, connections, begun):
                reason = NOT_REACHED
        except (Stopped, LocalError):
            raise
        except TimeoutError:
            reason, message = "timeout", f"not done after {_PROBE_SECONDS:g} s"
        except PolicyRefusal as error:
            if error.kind == "outside_window":
                raise Stopped(str(error)) from error
            reason, message = error.kind, str(error)
        except NotOffered as error:
            status, reason, message = RunStatus.SKIPPED, error.kind, str(error)
        except ZijianError as error:
            reason, message = error.kind, str(error)
            if reason in _BROKEN_OFF and self.session.door.reach.lost_since(service.endpoint.ip, begun):
                reason = NOT_REACHED
        except Exception:
            # A fault in zijian is a result of its own: it must not cost the other probes.
            reason, message = "tool_fault", traceback.format_exc(limit=-6)[-2000:]
        run = ProbeRun(
            probe=probe.name,
            endpoint=service.endpoint,
            attempt=attempt,
            status=status,
            started=started,
            finished=datetime.now(UTC),
            reason=reason,
            message=message,
            facts=facts,
            ledger=tuple(connections),
        )
        self.session.door.stop.raise_if_stopped()
        run = await self._save_run(run)
        if any(self.session.door.reach.was_silent(seq) for seq in connections):
            self._met_silence.append((key, begun, time.monotonic()))
        self.observer.probe_done(run)
        return run

    def _unanswered(
        self, ip: str, connections: Collection[int], begun: float, until: float = float("inf")
    ) -> str | None:
        """What of a run may be missing because its host was out of reach for a while; None when nothing is."""
        reach = self.session.door.reach
        silent = sum(reach.was_silent(seq) for seq in connections)
        if not silent and not self._governor.given_up(ip):
            return None
        if not reach.was_lost(connections) and not reach.lost_since(ip, begun, until):
            return None
        return (
            f"{silent} of {len(connections)} connections got no answer, while packets to the host were lost"
        )

    async def _doubt(self) -> None:
        """Look back on runs that met silence and were done before it showed that the host was out of reach."""
        for key, begun, ended in self._met_silence:
            run = self._runs[key]
            message = self._unanswered(run.endpoint.ip, run.ledger, begun, ended + _PROMPTLY)
            if message and run.reason is None:
                await self._save_run(replace(run, reason=NOT_REACHED, message=message))

    async def _save_run(self, run: ProbeRun) -> ProbeRun:
        """Store the run without what is personal or secret in it, and return what was stored."""
        run = without_personal_data(run)
        await self._stored(self.store.put_run, self.plan.scan_id, run)
        self._runs[run.endpoint.id, run.probe, run.attempt] = run
        return run


def _said_nothing(service: ServiceFacts) -> bool:
    """Whether a port took every question of identification and said not one byte."""
    own = service.get(IdentifyFacts)
    return own is not None and own.by == "none" and not own.tls and not own.banner


def _port_order(text: str) -> tuple[str, int]:
    port, _, transport = text.partition("/")
    return transport, int(port)


def _first(group: BaseExceptionGroup[ZijianError]) -> ZijianError:
    """The first plain error in a group of groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            return _first(error)
        return error
    raise AssertionError("an exception group is never empty")
