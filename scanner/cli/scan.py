"""``zijian scan``: from options to a scope, then run, judge and deliver."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.language import say, told
from scanner.cli.options import (
    DateType,
    checks_dir_option,
    chosen_formats,
    event_option,
    fail_on_option,
    formats_option,
    lang_option,
    names,
    new_id,
    provider_kinds,
    provider_option,
)
from scanner.errors import PolicyRefusal, UsageError
from scanner.nmap_process import nmap_worker
from scanner.said import Sentence, zh

if TYPE_CHECKING:
    from scanner.ports import PortSpec
    from scanner.records import HostedRange
    from scanner.scope import Scope


@click.command()
@click.argument("targets", nargs=-1, metavar="TARGET...")
@click.option(
    "--targets", "targets_file", type=click.Path(path_type=Path), help="Targets from a file: txt, csv, xlsx."
)
@click.option(
    "--scope", "scope_path", type=click.Path(path_type=Path), help="Authorisation and scope (scope.toml)."
)
@click.option("--mode", type=click.Choice(["self", "police"]), help="self unless the scope file says police.")
@click.option(
    "--authorized-by", default="", metavar="NAME", help="Who states the right to test these targets."
)
@click.option(
    "--profile", type=click.Choice(["quick", "standard", "full"]), default="standard", show_default=True
)
@click.option("--ports", metavar="SPEC", help="Ports instead of the profile's: 22,80-90,U:53.")
@click.option("--checks", "only", metavar="IDS", help="Only these rules or families, separated by commas.")
@click.option("--skip", metavar="IDS", help="Not these rules or families.")
@click.option(
    "--law-date", type=DateType(), help="Cite the law in force on this day; the scan's day by default."
)
@click.option(
    "--rate", type=click.FloatRange(min=0.1, max=1000), metavar="N", help="New connections a second per host."
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path), metavar="PEM", help="A further trust store to judge by."
)
@click.option(
    "--revocation",
    type=click.Choice(["staple", "online"]),
    default="staple",
    show_default=True,
    help="online: ask those whom a certificate names (OCSP, CRL), hosts outside the scope.",
)
@click.option(
    "--hosted",
    "hosted_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Addresses that third parties run (CDN, cloud load balancer): TOML of [[hosted]] name, networks, kind.",
)
@click.option("--dns-server", metavar="IP[:PORT]", help="Ask this DNS server for the targets' addresses.")
@click.option("--resume", metavar="SCAN", help="Go on with an interrupted scan.")
@provider_option
@event_option
@fail_on_option
@formats_option()
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the report's files."
)
@click.option("--quiet", "-q", is_flag=True, help="Neither progress nor table; the files alone.")
@lang_option
@checks_dir_option
def scan(
    targets: tuple[str, ...],
    targets_file: Path | None,
    scope_path: Path | None,
    mode: str | None,
    authorized_by: str,
    profile: str,
    ports: str | None,
    only: str | None,
    skip: str | None,
    law_date: date | None,
    rate: float | None,
    ca_file: Path | None,
    revocation: str,
    hosted_path: Path | None,
    dns_server: str | None,
    resume: str | None,
    provider: str | None,
    event: bool,
    fail_on: str | None,
    formats: str,
    output: Path | None,
    quiet: bool,
    lang: str,
    checks_dir: Path | None,
) -> int:
    """Scan TARGETs, judge what was seen, and write report.html, result.json (or what --format names) and ledger.jsonl.

    A TARGET is an address, CIDR, range (192.0.2.1-20), name, host:port or URL. Targets other than this machine need a
    person who states the right to test them: --authorized-by, or a scope file.
    """
    with nmap_worker() as worker:
        from scanner.cli.run import Request, resume_scan, start_scan

        request = Request(
            profile=profile,
            ports=_ports(ports),
            only=names(only),
            skip=names(skip),
            law_date=law_date,
            rate=rate,
            ca_file=_readable(ca_file),
            revocation=revocation,
            fail_on=fail_on,
            output=output,
            quiet=quiet,
            lang=lang,
            formats=chosen_formats(formats),
            checks_dir=checks_dir,
        )
        if resume is not None:
            given = (
                targets
                or targets_file
                or scope_path
                or mode
                or ports
                or dns_server
                or hosted_path
                or provider
                or event
            )
            if given or revocation != "staple":
                raise UsageError(
                    "--resume 沿用原来的目标、授权范围、端口、--hosted、--revocation、--provider 和 --event，不能再次指定",
                    "--resume goes on with the stored targets, scope, ports, --hosted, --revocation, --provider and --event; give none of them again",
                )
            return resume_scan(resume, request, worker)
        kinds = provider_kinds(provider)
        scan_id = new_id(datetime.now(UTC))
        hosted = _hosted(hosted_path)
        scope = _scope(scan_id, targets, targets_file, scope_path, mode, authorized_by.strip(), dns_server)
        record = scope.record
        record = replace(
            record,
            hosted=(*record.hosted, *hosted),
            provider_kinds=kinds or record.provider_kinds,
            event=event or record.event,
        )
        return start_scan(scan_id, replace(scope, record=record), request, worker)


def _ports(text: str | None) -> PortSpec | None:
    from scanner.ports import parse_ports

    return parse_ports(text) if text is not None else None


def _hosted(path: Path | None) -> tuple[HostedRange, ...]:
    from scanner.scope import read_hosted_file

    return read_hosted_file(path) if path is not None else ()


def _readable(path: Path | None) -> Path | None:
    if path is not None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"无法读取 --ca-file {path}：{zh(error)}", f"cannot read --ca-file {path}: {error.strerror}"
            ) from error
        if b"-----BEGIN CERTIFICATE-----" not in data:
            raise UsageError(
                f"--ca-file {path} 中没有 PEM 格式的证书", f"--ca-file {path} holds no PEM certificate"
            )
    return path


def _scope(
    scan_id: str,
    texts: tuple[str, ...],
    targets_file: Path | None,
    scope_path: Path | None,
    mode: str | None,
    authorized_by: str,
    dns_server: str | None,
) -> Scope:
    """The scope, or a refusal that is on record."""
    from scanner.resolvers import parse_dns_server, system_resolvers
    from scanner.scope import build_scope, parse_target, read_scope_file
    from scanner.targets_file import read_targets
    from scanner.transport import OwnAddresses

    written = tuple(parse_target(text) for text in texts)
    if targets_file is not None:
        written += read_targets(targets_file)
    scope_file = read_scope_file(scope_path) if scope_path is not None else None
    if scope_file is not None and mode is not None and mode != scope_file.record.mode:
        raise UsageError(
            f"--mode {mode} 与 {scope_file.path} 中的 mode = {scope_file.record.mode!r} 不一致",
            f"--mode {mode} contradicts {scope_file.path}, which says mode = {scope_file.record.mode!r}",
        )
    resolvers = (parse_dns_server(dns_server),) if dns_server else system_resolvers()
    chosen = mode or (scope_file.record.mode if scope_file else "self")

    own = OwnAddresses()

    def build(name: str) -> Scope:
        return build_scope(chosen, written, scope_file, authorized_by=name, own=own, resolvers=resolvers)

    try:
        try:
            scope = build(authorized_by)
        except PolicyRefusal as refusal:
            if refusal.kind != "no_statement" or not sys.stdin.isatty():
                raise
            scope = build(_ask_for_statement(tuple(target.text for target in written)))
        scope.permit_moment(datetime.now(UTC))
    except PolicyRefusal as refusal:
        _record_refusal(scan_id, chosen, refusal, [target.text for target in written], scope_path)
        raise
    return scope


def _ask_for_statement(targets: tuple[str, ...]) -> str:
    shown = ", ".join(targets)[:200]
    say(
        f"目标不是本机：{shown}\n检测他人的系统，应当得到授权。",
        f"These targets are not this machine: {shown}\nWhoever scans must have the right to test them.",
        err=True,
    )
    question = Sentence("声明有权检测这些目标的人的姓名", "Name of the person who states that right")
    name: str = click.prompt(told(question), err=True)
    return name.strip()


def _record_refusal(
    scan_id: str, mode: str, refusal: PolicyRefusal, targets: list[str], scope: Path | None
) -> None:
    from scanner.ledger import Ledger
    from scanner.paths import data_home

    ledger = Ledger(data_home() / "refusals.jsonl")
    try:
        ledger.append(
            "refused",
            scan=scan_id,
            mode=mode,
            reason=refusal.kind,
            message=str(refusal),
            targets=targets[:1000],
            scope_file=str(scope) if scope else "",
        )
    finally:
        ledger.close()
