"""nmap's XML (nmap.dtd, ``-oX``): open ports, and what its vulnerability scripts call vulnerable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from checks.model import Severity
from reports.other_tools.model import (
    Entry,
    ForeignError,
    ForeignReport,
    address,
    counted,
    moment,
    number,
    text,
)
from scanner.said import zh

_VULNERABLE = re.compile(r"\bVULNERABLE\b")
_NOT = re.compile(r"NOT VULNERABLE")
_CWE = re.compile(r"\bCWE-\d{1,5}\b")


def read(data: bytes) -> ForeignReport:
    """Read a run of nmap; one that was cut short is refused, since XML that breaks off cannot be trusted.

    :raises ForeignError: it is none.
    """
    try:
        root = fromstring(data, forbid_dtd=False)
    except ParseError as error:
        raise ForeignError(f"不是完整的 XML：{zh(error)}", f"it is no whole XML: {error}") from error
    except (DefusedXmlException, ValueError, RecursionError) as error:
        raise ForeignError(
            f"不是 nmap 会写出的 XML：{type(error).__name__}",
            f"it is XML of a kind that nmap never writes: {type(error).__name__}",
        ) from error
    if root.tag != "nmaprun":
        raise ForeignError(
            f"根元素是 <{text(root.tag, 40)}>，不是 <nmaprun>",
            f"its root element is <{text(root.tag, 40)}>, not <nmaprun>",
        )
    return ForeignReport(
        tool="nmap",
        version=text(root.get("version"), 40),
        ran=moment(root.get("start")),
        entries=counted(entry for host in root.iter("host") for entry in _entries(host)),
    )


def _entries(host: Element) -> Iterator[Entry]:
    ip = next((found for one in host.findall("address") if (found := address(one.get("addr")))), "")
    named = host.find("hostnames/hostname")
    name = text(named.get("name"), 253) if named is not None else ""
    seen = moment(host.get("endtime") or host.get("starttime"))
    for port in host.findall("ports/port"):
        state, service = port.find("state"), port.find("service")
        if state is None or state.get("state") != "open":
            continue
        known = {
            "host": name or ip, "ip": ip, "port": number(port.get("portid")), "seen": seen,
            "transport": "udp" if port.get("protocol") == "udp" else "tcp",
        }  # fmt: skip
        words = [service.get(part) for part in ("name", "product", "version")] if service is not None else []
        label = text(" ".join(word for word in words if word))
        yield Entry(**known, rule="open-port", title="open port", severity=Severity.INFO, message=label)  # type: ignore[arg-type]
        for script in port.findall("script"):
            output = script.get("output") or ""
            if _VULNERABLE.search(_NOT.sub("", output)):
                yield Entry(
                    **known,  # type: ignore[arg-type]
                    rule=text(script.get("id"), 80),
                    title=text(script.get("id"), 80),
                    severity=Severity.HIGH,
                    message=text(output),
                    cwe=tuple(dict.fromkeys(_CWE.findall(output)))[:10],
                )
