"""Real NSD servers with zones of test names, which stand for the whole of DNS: scans ask them as their ``--dns-server``."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec

from tests.servers.process import program, running

_HEAD = """$TTL 60
@ IN SOA {mname} hostmaster.invalid. {serial} 3600 600 86400 60
"""


def zone(records: str, *, mname: str = "ns1.invalid.", serial: int = 1) -> str:
    """A zone file: SOA, then ``records``."""
    return _HEAD.format(mname=mname, serial=serial) + records


@contextlib.contextmanager
def nsd(
    folder: Path, address: str, zones: Mapping[str, str], *, transfer: bool = False, options: str = ""
) -> Iterator[None]:
    """An NSD on port 53 of ``address`` with ``zones`` (name without the last point -> zone file); ``transfer`` hands them to all."""
    home = folder / f"nsd-{address}"
    home.mkdir()
    stated = []
    for name, text in zones.items():
        file = home / f"{name or 'root'}.zone"
        file.write_text(text)
        allowed = "provide-xfr: 0.0.0.0/0 NOKEY" if transfer else ""
        stated.append(f'zone:\n  name: "{name or "."}"\n  zonefile: "{file}"\n  {allowed}\n')
    config = home / "nsd.conf"
    config.write_text(
        f'server:\n  ip-address: {address}@53\n  zonesdir: "{home}"\n  database: ""\n  pidfile: "{home}/nsd.pid"\n'
        f'  xfrdfile: "{home}/xfrd.state"\n  zonelistfile: "{home}/zone.list"\n  xfrdir: "{home}"\n  username: ""\n'
        f"  server-count: 1\n  {options}\nremote-control:\n  control-enable: no\n" + "".join(stated)
    )
    with running([program("nsd"), "-d", "-c", str(config)], address=address, port=53, log=home / "log"):
        yield


def signed(name: str, text: str, *, ended: bool = False, tampered: bool = False) -> tuple[str, str]:
    """Zone file ``text`` with a key and signatures over SOA and keys, and the DS record (presentation format) for its parent.

    ``ended`` signs for a time that is over; ``tampered`` signs another serial.
    """
    origin = dns.name.from_text(name)
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
    soa_line = next(line for line in text.splitlines() if " SOA " in line)
    soa = dns.rrset.from_text(origin, 60, "IN", "SOA", soa_line.partition(" SOA ")[2])
    keys = dns.rrset.from_rdata(origin, 60, key)
    now = datetime.datetime.now(datetime.UTC)
    begins, ends = (
        (
            datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC),
            datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC),
        )
        if ended
        else (now - datetime.timedelta(days=1), now + datetime.timedelta(days=10))
    )
    lines = [f"@ IN DNSKEY {key.to_text()}"]
    over = soa
    if tampered:
        parts = soa[0].to_text().split()
        parts[2] = str(int(parts[2]) + 7)
        over = dns.rrset.from_text(origin, 60, "IN", "SOA", " ".join(parts))
    for records in (over, keys):
        made = dns.dnssec.sign(records, private, origin, key, inception=begins, expiration=ends)
        lines.append(f"@ IN RRSIG {made.to_text()}")
    return text + "\n".join(lines) + "\n", dns.dnssec.make_ds(origin, key, "SHA256").to_text()
