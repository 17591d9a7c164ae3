"""A program of its own that runs nmap and reads its XML with python-nmap.

It is started as a separate process and spoken to in JSON lines, for three reasons: nmap ends when this process does,
and this process ends when its standard input closes, so that nothing is sent after the scanner was killed; a huge or
broken XML costs the scanner nothing; and python-nmap (GPL) stays a separate program, as nmap is.

Requests: ``{"id": n, "arguments": [...], "targets": [...]}``, ``{"id": n, "top_ports": n}``, ``{"stop": true}``.
Answers: ``{"id": n, "ok": true, "hosts": [...], "complete": bool, "packets_sent": n | null, ...}`` or ``{"ok": false,
"error": ...}``; see :class:`scanner.discovery.Discovery`, the other end.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import nmap  # python-nmap

_END = b"</nmaprun>"
_HOST_END = b"</host>"
_TAIL = b'<runstats><finished time="0" elapsed="0" exit="cut"/><hosts up="0" down="0" total="0"/></runstats></nmaprun>'
_RAW = re.compile(r"Raw packets sent: (\d+) .*?Rcvd: (\d+)")

_PATIENCE = 2.0
"""Seconds for nmap to end by itself."""

_lock = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_stopping = False


def whole_hosts(xml: bytes) -> tuple[bytes, bool]:
    """The XML up to its last whole host, made well-formed, and whether it was whole to begin with."""
    if xml.rstrip().endswith(_END):
        return xml, True
    cut = xml.rfind(_HOST_END)
    if cut >= 0:
        return xml[: cut + len(_HOST_END)] + _TAIL, False
    start = xml.find(b"<nmaprun")
    end = xml.find(b">", start) + 1 if start >= 0 else 0
    return (xml[:end] or b"<nmaprun>") + _TAIL, False


def read_hosts(xml: bytes) -> list[dict[str, Any]]:
    """Hosts and ports as python-nmap understands them, with the tunnel that it leaves out."""
    result = nmap.PortScanner().analyse_nmap_xml_scan(xml.decode("utf-8", errors="replace"))
    tunnels, answered, silent = _left_out(xml)
    hosts: list[dict[str, Any]] = []
    for ip, host in result.get("scan", {}).items():
        ports = [
            {
                "port": number,
                "transport": transport,
                "state": port["state"],
                "reason": port["reason"],
                "name": port["name"],
                "product": port["product"],
                "version": port["version"],
                "extrainfo": port["extrainfo"],
                "confidence": port["conf"],
                "cpe": port["cpe"],
                "tunnel": tunnels.get((ip, transport, number), ""),
            }
            for transport in ("tcp", "udp")
            for number, port in sorted(host.get(transport, {}).items())
        ]
        ports += [_silent(number) for number in silent.get(ip, ())]
        hosts.append(
            {
                "ip": ip,
                "state": host["status"]["state"],
                "reason": host["status"]["reason"],
                "answered": ip in answered or any(port["state"] in {"open", "closed"} for port in ports),
                "ports": ports,
            }
        )
    return hosts


def _silent(number: int) -> dict[str, Any]:
    """A UDP port that nmap counted among many alike."""
    words = dict.fromkeys(("name", "product", "version", "extrainfo", "confidence", "cpe", "tunnel"), "")
    return {
        "port": number, "transport": "udp", "state": "open|filtered", "reason": "no-response", **words,
    }  # fmt: skip


def _left_out(
    xml: bytes,
) -> tuple[dict[tuple[str, str, int], str], set[str], dict[str, list[int]]]:
    """What python-nmap leaves out: TLS tunnels by port; hosts some of whose many alike ports are closed; and by host the
    UDP ports among many alike that may be open."""
    tunnels: dict[tuple[str, str, int], str] = {}
    answered: set[str] = set()
    silent: dict[str, list[int]] = {}
    for host in ET.fromstring(xml).iter("host"):  # noqa: S314 - nmap's own output, with its escaping
        address = host.find("address")
        ip = address.get("addr", "") if address is not None else ""
        if any(extra.get("state") == "closed" for extra in host.iter("extraports")):
            answered.add(ip)
        for extra in host.iter("extraports"):
            for reason in extra.iter("extrareasons"):
                if extra.get("state") == "open|filtered" and reason.get("proto") == "udp":
                    silent.setdefault(ip, []).extend(_numbers(reason.get("ports", "")))
        for port in host.iter("port"):
            service = port.find("service")
            if service is not None and service.get("tunnel"):
                key = (ip, port.get("protocol", ""), int(port.get("portid", "0")))
                tunnels[key] = service.get("tunnel", "")
    return tunnels, answered, silent


def _numbers(ranges: str) -> list[int]:
    """The ports of nmap's ``22,80-82``."""
    found: list[int] = []
    for part in filter(None, ranges.split(",")):
        low, _, high = part.partition("-")
        found.extend(range(int(low), int(high or low) + 1))
    return found


def scan(arguments: list[str], targets: list[str]) -> dict[str, Any]:
    """Run nmap once and return what it found."""
    with tempfile.TemporaryDirectory(prefix="zijian-nmap-") as folder:
        xml_path, text_path = Path(folder) / "out.xml", Path(folder) / "out.txt"
        with text_path.open("wb") as text_file, _lock:
            if _stopping:
                return {"ok": False, "error": "stopped", "kind": "stopped"}
            process = subprocess.Popen(
                ["nmap", *arguments, "-v", "-oX", str(xml_path), *targets],
                stdin=subprocess.DEVNULL,
                stdout=text_file,
                stderr=subprocess.PIPE,
            )
            _running.add(process)
        _, errors = process.communicate()
        with _lock:
            _running.discard(process)
        xml, complete = whole_hosts(xml_path.read_bytes() if xml_path.exists() else b"")
        text = text_path.read_text(errors="replace")
    raw = _RAW.search(text)
    answer: dict[str, Any] = {
        "ok": True,
        "complete": complete and process.returncode == 0,
        "exit_code": process.returncode,
        "packets_sent": int(raw.group(1)) if raw else None,
        "packets_received": int(raw.group(2)) if raw else None,
        "message": errors.decode("utf-8", errors="replace").strip()[:500],
    }
    try:
        answer["hosts"] = read_hosts(xml)
    except (nmap.PortScannerError, ET.ParseError, KeyError, ValueError) as error:
        answer.update(ok=False, error=f"nmap's output could not be read: {error}"[:500], kind="nmap_failed")
    if process.returncode < 0 and not answer["message"]:
        answer["message"] = f"nmap was ended by {signal.Signals(-process.returncode).name}"
    if not complete and not answer["hosts"] and process.returncode > 0:
        answer.update(
            ok=False,
            error=answer["message"] or f"nmap ended with code {process.returncode}",
            kind="nmap_failed",
        )
    return answer


def top_ports(number: int) -> dict[str, Any]:
    """The ``number`` most frequent TCP ports by nmap's own table, in no order."""
    done = subprocess.run(
        ["nmap", "--top-ports", str(number), "-v", "-oG", "-"], capture_output=True, text=True, check=False
    )
    match = re.search(r"TCP\(\d+;([0-9,-]+)\)", done.stdout)
    # The list of one that was killed may be cut short.
    ports = _numbers(match.group(1)) if match and done.returncode >= 0 else []
    return {"ok": bool(ports), "ports": ports, "error": "" if ports else "nmap did not list its ports"}


def _answer(request: dict[str, Any]) -> None:
    try:
        if "top_ports" in request:
            answer = top_ports(int(request["top_ports"]))
        else:
            answer = scan(request["arguments"], request["targets"])
    except OSError as error:
        answer = {
            "ok": False,
            "error": f"{error.filename or 'nmap'}: {error.strerror}",
            "kind": "nmap_failed",
        }
    except Exception as error:
        # Whoever asked waits for as long as there is no answer.
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"[:500], "kind": "nmap_failed"}
    line = json.dumps({"id": request["id"], **answer}) + "\n"
    with _lock:
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever asked is gone; what is left in the buffer must not fail again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop() -> None:
    """End every nmap that runs, and start no more: by SIGTERM, so that it writes what it knows; by SIGKILL when that hangs it."""
    global _stopping  # noqa: PLW0603
    with _lock:
        _stopping = True
        running = tuple(_running)
        for process in running:
            process.terminate()
    deadline = time.monotonic() + _PATIENCE
    for process in running:
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> None:
    """Serve requests until standard input closes, then end every nmap that still runs and remove its files."""
    serving: list[threading.Thread] = []
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("stop"):
            _stop()
            continue
        thread = threading.Thread(target=_answer, args=(request,), daemon=True)
        thread.start()
        serving.append(thread)
    _stop()
    for thread in serving:
        thread.join(timeout=1)


if __name__ == "__main__":
    main()
