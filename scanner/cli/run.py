"""Runs a scan: opens store, ledger and door, resolves names, drives the engine, judges and delivers."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import platform
import signal
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks import families
from scanner.cli import EXIT_INCOMPLETE, EXIT_INTERRUPTED, interrupt_on_term
from scanner.cli.law_day import LAW_TIME_ZONE
from scanner.cli.options import load_registry, names, select_rules
from scanner.cli.output import prepare_folder
from scanner.cli.progress import Lines, progress
from scanner.clock import steady
from scanner.discovery import Discovery, nmap_version
from scanner.engine import Engine, Plan
from scanner.errors import LocalError, PolicyRefusal, ResolveError, UsageError, ZijianError
from scanner.governor import Governor, Pace
from scanner.ledger import Ledger, reached, timestamp
from scanner.nmap_process import Worker
from scanner.paths import scan_folder
from scanner.ports import RISKY_TCP, RISKY_UDP, TOP, PortSpec, compress, parse_ports
from scanner.probes import Probe, Session
from scanner.probes.registry import probes
from scanner.records import ToolInfo
from scanner.resolvers import read_hosts_file
from scanner.said import Sentence, zh
from scanner.scope import Scope
from scanner.store import ScanRecord, Store, open_store
from scanner.transport import Door, OwnAddresses, StopSignal, can_send_raw
from scanner.version import VERSION

if TYPE_CHECKING:
    from scanner.cli.judge import Choice
    from scanner.facts import ServiceFacts
    from scanner.revocation import Responders

_LOAD_AFTER = 0.02
"""Seconds after which probes, rules and report begin to be imported, so that the first packet does not wait for them."""
_LOOK = 1.0
"""Seconds between two looks at this machine's clock."""
_HTTP_THREADS = 64
"""Threads for libraries that block; the governor, not this number, sets the pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asked for, beside the scope."""

    profile: str
    ports: PortSpec | None
    only: tuple[str, ...]
    skip: tuple[str, ...]
    law_date: date | None
    rate: float | None
    ca_file: Path | None
    revocation: str
    """``staple`` or ``online``."""
    fail_on: str | None
    output: Path | None
    quiet: bool
    lang: str
    formats: tuple[str, ...]
    checks_dir: Path | None


def start_scan(scan_id: str, scope: Scope, request: Request, worker: Worker) -> int:
    """Begin a new scan, with ``worker`` to run nmap; returns the exit code."""
    nmap = nmap_version()
    if not nmap:
        raise LocalError(
            "没有安装 nmap；请安装（Debian、Ubuntu：sudo apt-get install nmap）后重新运行",
            "nmap is not installed; install it (Debian, Ubuntu: sudo apt-get install nmap) and run again",
            kind="nmap_missing",
        )
    started = datetime.now(UTC)
    ports = ""
    if request.ports is not None:
        ports = ",".join(
            filter(None, (compress(request.ports.tcp), *(f"U:{port}" for port in sorted(request.ports.udp))))
        )
    record = ScanRecord(
        id=scan_id,
        mode=scope.record.mode,
        profile=request.profile,
        law_date=request.law_date or started.astimezone(LAW_TIME_ZONE).date(),
        started=started,
        finished=None,
        status="running",
        status_reason="",
        authorization=scope.record,
        options={
            "ports": ports,
            "checks": ",".join(request.only),
            "skip": ",".join(request.skip),
            "rate": "" if request.rate is None else f"{request.rate:g}",
            "revocation": request.revocation,
            "ca_file": str(request.ca_file.resolve()) if request.ca_file else "",
        },
        tool=ToolInfo(
            version=VERSION, nmap=nmap, python=platform.python_version(), openssl=ssl.OPENSSL_VERSION
        ),
        privileged=can_send_raw(),
        scope=scope.to_json(),
    )
    store = open_store()
    try:
        return _Run(store, record, scope, request, worker).start()
    finally:
        store.close()


def resume_scan(name: str, request: Request, worker: Worker) -> int:
    """Go on with a stored scan, with ``worker`` to run nmap; returns the exit code."""
    store = open_store()
    try:
        record = store.scan(name)
        if record.status == "completed" and store.result(record.id) is not None:
            raise UsageError(
                f"扫描 {record.id} 已经完成，无须继续（查看结果：zijian report {record.id}）",
                f"scan {record.id} is complete; there is nothing to resume (see: zijian report {record.id})",
            )
        scope = Scope.from_json(record.authorization, record.scope)
        now = datetime.now(UTC)
        scope.permit_moment(now)
        came_to = reached(scan_folder(record.id) / "ledger.jsonl")
        if came_to is not None and came_to > now:
            try:
                scope.permit_moment(came_to)
            except PolicyRefusal as refusal:
                raise PolicyRefusal(
                    f"本机时钟被拨回到 {timestamp(now)}，而扫描已经进行到 {timestamp(came_to)}：{zh(refusal)}",
                    f"this machine's clock was set back to {timestamp(now)}, but the scan had come to "
                    f"{timestamp(came_to)}: {refusal}",
                    kind=refusal.kind,
                ) from refusal
        options = record.options
        stored = replace(
            request,
            profile=record.profile,
            ports=parse_ports(options["ports"]) if options.get("ports") else None,
            only=request.only or names(options.get("checks")),
            skip=request.skip or names(options.get("skip")),
            rate=request.rate or (float(options["rate"]) if options.get("rate") else None),
            ca_file=request.ca_file or (Path(options["ca_file"]) if options.get("ca_file") else None),
            revocation=options.get("revocation", "staple"),
            law_date=request.law_date or record.law_date,
        )
        return _Run(store, record, scope, stored, worker, came_to).start(new=False)
    finally:
        store.close()


@contextmanager
def _locked(folder: Path, scan_id: str) -> Iterator[None]:
    """Hold the scan's lock, which also tells ``zijian stop`` whom to signal.

    :raises UsageError: another process runs this scan.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whoever could write here could name the process that ``zijian stop`` signals.
        lock = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"扫描 {scan_id} 正在另一个进程中运行", f"scan {scan_id} is running in another process"
            ) from None
        try:
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
        except OSError as error:
            raise _cannot_write(folder, error) from error
        try:
            yield
        finally:
            os.ftruncate(lock, 0)
    finally:
        os.close(lock)


def _left_out(name: str, taken: int, left_out: int) -> Sentence:
    return Sentence(
        f"{name} 对应 {taken + left_out} 个地址，只取前 {taken} 个",
        f"{name} stands for {taken + left_out} addresses; only the first {taken} were taken",
    )


def _cannot_write(folder: Path, error: OSError) -> LocalError:
    kind = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "no_permission"
    return LocalError(
        f"无法写入 {folder} 中的扫描锁：{zh(error)}",
        f"cannot write the scan's lock in {folder}: {error.strerror}",
        kind=kind,
    )


class _Run:
    """One process's work on one scan."""

    def __init__(
        self,
        store: Store,
        record: ScanRecord,
        scope: Scope,
        request: Request,
        worker: Worker,
        came_to: datetime | None = None,
    ) -> None:
        self.store = store
        self.record = record
        self.scope = scope
        self.request = request
        self.worker = worker
        self.came_to = came_to
        """The moment that an earlier attempt came to."""
        self.stop = StopSignal()
        self.reason = ""
        self.folder = scan_folder(record.id)
        self.output = request.output or Path(f"zijian-{record.id}")
        self._loader = ThreadPoolExecutor(1, "zijian-loader")

    def start(self, *, new: bool = True) -> int:
        """Scan, judge, deliver."""
        with self._loader:
            # Rules are imported while the first packets travel; wrong --checks must be known before any packet, and
            # only the main thread can end a plug-in that hangs.
            if self.request.checks_dir or not {*self.request.only, *self.request.skip} <= families():
                self._rules = Future()
                self._rules.set_result(self._load_choice())
            prepare_folder(self.output)
            with _locked(self.folder, self.record.id):
                if new:
                    self.store.create_scan(self.record)
                else:
                    self.store.set_status(self.record.id, "running")
                try:
                    status = self._recorded(new=new)
                except LocalError as error:
                    raise self._resumable(error) from error
            return self._finish(status, self._rules.result())

    def _recorded(self, *, new: bool) -> str:
        """Scan, with every word of it in ledger and store; how it ended."""
        ledger = Ledger(self.folder / "ledger.jsonl")
        try:
            ledger.append("begin" if new else "resume", scan=self.record.id, mode=self.record.mode)
            if self.came_to is not None:
                ledger.compare_clock(self.came_to)
            try:
                status, reason = self._scan(ledger)
                # The loop took the handler with it; judging and writing can be interrupted too.
                interrupt_on_term()
            except ZijianError as error:
                ledger.append("end", status="failed", reason=str(error))
                self.store.set_status(self.record.id, "failed", reason=str(error), finished=datetime.now(UTC))
                raise
            ledger.append("end", status=status, reason=reason)
        finally:
            ledger.close()
        self.store.set_status(self.record.id, status, reason=reason, finished=datetime.now(UTC))
        return status

    def _resumable(self, error: LocalError) -> LocalError:
        """The error, with the command that goes on once its cause is mended."""
        command = f"zijian scan --resume {self.record.id}"
        return LocalError(
            f"{zh(error)}；已保存的内容仍在，继续扫描：{command}",
            f"{error}; what was stored stays, go on with: {command}",
            kind=error.kind,
        )

    @cached_property
    def _rules(self) -> Future[Choice]:
        """The rules, being imported since they were first asked for."""
        return self._loader.submit(self._load_choice)

    def _load_choice(self) -> Choice:
        from scanner.cli.data_tables import KINDS, judging
        from scanner.cli.judge import Choice

        for table in KINDS:
            judging(table)
        registry = load_registry(self.request.checks_dir)
        rules, left_out = select_rules(registry, self.request.only, self.request.skip)
        return Choice(
            registry=registry,
            rules=rules,
            left_out=left_out,
            law_date=self.request.law_date or self.record.law_date,
            provider_kinds=self.record.authorization.provider_kinds,
            event=self.record.authorization.event,
            law_date_given=self.request.law_date is not None,
        )

    def _scan(self, ledger: Ledger) -> tuple[str, str]:
        with progress(quiet=self.request.quiet) as observer, asyncio.Runner() as runner:
            try:
                status = runner.run(self._drive(ledger, observer))
            except LocalError as error:
                if error.kind == "nmap_missing":
                    raise
                # Partial results survive: what was stored is judged and delivered, and the reason is named.
                observer.note(error)
                return "partial", str(error)
        return status, self.stop.reason or self.reason

    async def _drive(self, ledger: Ledger, observer: Lines) -> str:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop.stop, f"stopped by {number.name}")
        loop.set_default_executor(ThreadPoolExecutor(_HTTP_THREADS, "zijian-http"))
        own = OwnAddresses()
        pace = Pace.from_rate(self.request.rate) if self.request.rate else Pace()
        own_pace = pace if self.request.rate else Pace.own_machine()
        door = Door(self.scope, Governor(pace, own_pace, own), ledger, self.stop)
        watching = asyncio.create_task(self._watch_clock(ledger, observer))
        try:
            scope = await self._pinned(door, observer)
            door.authority = scope
            user_agent = f"zijian/{VERSION} (+scan {self.record.id})"
            session = Session(
                door=door,
                scan_id=self.record.id,
                user_agent=user_agent,
                loop=loop,
                resolvers=scope.resolvers,
                ca_file=self.request.ca_file,
                responders=self._responders(door, user_agent, scope, own),
            )
            ledger.append("challenge", nonce=session.nonce)
            plan = Plan(
                scan_id=self.record.id,
                profile=self.record.profile,
                ports=self.request.ports,
                risky_tcp=frozenset(RISKY_TCP),
                risky_udp=frozenset(RISKY_UDP),
                top=TOP[self.record.profile],
            )
            async with Discovery(door, self.worker, privileged=can_send_raw()) as discovery:
                engine = Engine(
                    plan=plan,
                    scope=scope,
                    store=self.store,
                    session=session,
                    discovery=discovery,
                    identify=lambda: asyncio.wrap_future(self._identify),
                    probes=lambda: asyncio.wrap_future(self._probes),
                    observer=observer,
                    own_addresses=own,
                    second_look=self._second_look(),
                )
                loop.call_later(_LOAD_AFTER, self._load)
                status = await engine.run()
                self.reason = engine.reason
        finally:
            watching.cancel()
        steps = self.store.steps(self.record.id)
        if status == "completed" and (steps.get("unresolved") or steps.get("refused_pins")):
            # A name, or one of its addresses, was not examined: done, but not whole.
            status = "partial"
        return status

    def _responders(self, door: Door, user_agent: str, scope: Scope, own: OwnAddresses) -> Responders | None:
        if self.request.revocation != "online":
            return None
        from scanner.revocation import Responders

        return Responders(door, user_agent, scope.resolvers, read_hosts_file(), own)

    async def _watch_clock(self, ledger: Ledger, observer: Lines) -> None:
        """End the scan with the notified time, whatever is done to this machine's clock, and say what was done to it."""
        _, not_after = self.scope.window()
        now, begun = datetime.now(UTC), steady()
        left = (not_after - max(now, self.came_to or now)).total_seconds() if not_after else float("inf")
        while True:
            try:
                step = ledger.note_clock()
            except LocalError:
                # What is sent next fails by the same cause, and says so.
                return
            if step:
                observer.note(
                    Sentence(
                        f"扫描期间本机时钟被拨动了 {step:+.0f} 秒",
                        f"this machine's clock was set by {step:+.0f} s during the scan",
                    )
                )
            if not_after and (steady() - begun >= left or datetime.now(UTC) >= not_after):
                self.stop.stop("the notified time has ended")
                return
            await asyncio.sleep(min(_LOOK, max(0.0, left - (steady() - begun))))

    def _load(self) -> None:
        """Begin to import what the scan needs later, in the order in which it does, while it waits for its targets."""
        _ = self._identify, self._probes, self._rules
        self._loader.submit(self._load_delivery)

    @cached_property
    def _identify(self) -> Future[Probe]:
        """The probe that tells which protocol a port speaks."""
        return self._loader.submit(_load_identify)

    @cached_property
    def _probes(self) -> Future[tuple[Probe, ...]]:
        """All probes, or with ``--checks`` or ``--skip`` those alone whose facts a chosen rule needs."""
        rules = self._rules if self.request.only or self.request.skip else None
        return self._loader.submit(_load_probes, rules)

    def _load_delivery(self) -> None:
        from scanner.cli.deliver import prepare

        prepare(self.request.lang, self.request.law_date or self.record.law_date)

    def _second_look(self) -> Callable[[ServiceFacts], set[str]]:
        def probes_to_repeat(service: ServiceFacts) -> set[str]:
            from checks.runner import deviating_probes
            from scanner.cli.judge import settings_on
            from scanner.starttls import dialect_for

            chosen = self._rules.result()
            again = deviating_probes(chosen.rules, service, settings_on(chosen.law_date, self.scope.record))
            dialect = dialect_for(service)
            # A second survey would double what such a server counts against us.
            return again - {"tls"} if dialect is not None and dialect.sparing else again

        return probes_to_repeat

    async def _pinned(self, door: Door, observer: Lines) -> Scope:
        """The scope with its names pinned: resolved now, or as they were when the scan first began."""
        steps: dict[str, Any] = self.store.steps(self.record.id)
        scan_id = self.record.id
        if "resolved" not in steps:
            hosts = read_hosts_file()
            resolved: dict[str, list[str]] = {}
            unresolved: list[tuple[str, str, str]] = []
            failure: ResolveError | None = None
            chains: dict[str, list[str]] = {}
            for target in self.scope.targets:
                if target.name is None or target.name in resolved:
                    continue
                # Imported only where there is a name: a library for DNS is large.
                from scanner.resolve import resolve_name

                try:
                    found = await resolve_name(door, target.name, self.scope.resolvers, hosts)
                    resolved[target.name] = list(found.addresses)
                    chains[target.name] = list(found.chain)
                    if found.left_out:
                        said = _left_out(target.name, len(found.addresses), found.left_out)
                        unresolved.append((target.name, "too_large", str(said)))
                        observer.note(said)
                except ResolveError as error:
                    unresolved.append((target.name, error.kind, str(error)))
                    observer.note(error)
                    failure = error
            steps["resolved"] = resolved
            self.store.put_step(scan_id, "chains", chains)
            self.store.put_step(scan_id, "resolved", resolved)
            self.store.put_step(scan_id, "unresolved", unresolved)
            if failure and not any(target.networks for target in self.scope.targets) and not resolved:
                raise UsageError(failure.zh, str(failure))
        scope, refused = self.scope.with_pins(steps["resolved"])
        for name, ip in refused:
            message = f"{name} stands for {ip}, which the scope does not cover"
            door.ledger.append(
                "refused", remote=ip, purpose=f"resolve: {name}", reason="out_of_scope", message=message
            )
            observer.note(
                Sentence(
                    f"{name} 指向 {ip}，不在授权范围以内；不向该地址发送任何数据",
                    f"{name} stands for {ip}, which the scope does not cover; nothing is sent there",
                )
            )
        self.store.put_step(scan_id, "refused_pins", [list(pair) for pair in refused])
        if not scope.hosts():
            raise UsageError(
                "没有可以扫描的地址：目标的全部地址都在授权范围以外",
                "no address is left to scan: every address of the targets is outside the scope",
            )
        return scope

    def _finish(self, status: str, choice: Choice) -> int:
        from scanner.cli.deliver import deliver, exit_for_findings, keep_result, show
        from scanner.cli.judge import build_result

        ledger = self.folder / "ledger.jsonl"
        result = build_result(self.store, self.store.scan(self.record.id), ledger, choice)
        request = self.request
        try:
            keep_result(result, self.store)
        except LocalError as error:
            raise self._resumable(error) from error
        try:
            written = deliver(result, self.output, ledger, request.lang, request.formats)
        except LocalError as error:
            command = f"zijian report {self.record.id}"
            raise LocalError(
                f"{zh(error)}；结果已保存，重新写出：{command}",
                f"{error}; the result is kept, write it with: {command}",
                kind=error.kind,
            ) from error
        if not request.quiet:
            show(result, written, request.lang)
        if status == "interrupted":
            return EXIT_INTERRUPTED
        if status != "completed" or result.scan.status != "completed":
            return EXIT_INCOMPLETE
        return exit_for_findings(result.findings, self.request.fail_on)


def _load_identify() -> Probe:
    from scanner.probes.identify import PROBE

    return PROBE


def _load_probes(rules: Future[Choice] | None) -> tuple[Probe, ...]:
    """Every probe, or those that ``rules`` need; runs in the loader's thread, after ``rules`` were loaded there."""
    if rules is None:
        return probes()
    from checks.runner import facts_needed

    return probes(facts_needed(rules.result().rules))
