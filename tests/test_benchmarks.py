"""What the benchmarks say of programs beside each other: nothing is passed over in silence, and a missing key is no answer."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import peers
from benchmarks.peers import OPEN, Compared, compare
from benchmarks.tls import _ratio


def test_all_that_either_says_is_under_one_heading() -> None:
    ours = {
        "a": True, "suites": frozenset("xy"), "chain": ("1", "2"), "b": OPEN, "c": 7, "d": OPEN, "e": 1, "f": OPEN,
    }  # fmt: skip
    theirs = {
        "a": True, "suites": frozenset("yz"), "chain": ("1",), "b": False, "c": OPEN, "d": OPEN, "g": frozenset("q"),
        "h": OPEN,
    }  # fmt: skip
    assert compare(ours, theirs) == Compared(
        alike=("a",),
        differing=(("chain", "1, 2", "1"), ("suites", "x", "z")),
        open_here=(("b", "False"),),
        open_there=(("c", "7"),),
        open_both=("d",),
        only_here=("e",),
        only_there=("g",),
    )


def test_what_testssl_did_not_write_it_did_not_say(tmp_path: Path) -> None:
    entries = {
        "TLS1_2": "offered", "SSLv3": "not offered", "TLS1_3": "test failed", "OCSP_stapling": "not offered",
        "sessionresumption_ticket": "check failed", "fallback_SCSV": "no protocol below TLS 1.2 offered",
        "PFS_ECDHE_curves": "prime256v1 X25519", "cipher-tls1_2_xc02f": "TLS 1.2 xc02f ECDHE-RSA-AES128-GCM-SHA256 ECDH",
    }  # fmt: skip
    path = tmp_path / "out.json"
    path.write_text(
        json.dumps([{"id": "engine_problem", "ip": "/", "port": "443", "finding": ""}]
        + [{"id": key, "ip": "x/127.0.0.9", "port": "443", "finding": told} for key, told in entries.items()])
    )  # fmt: skip
    assert peers.testssl(path) == {
        "127.0.0.9:443": {
            "TLSv1.2": True,
            "SSLv3": False,
            "stapled": False,
            "curves": frozenset({"secp256r1", "x25519"}),
            "suites TLSv1.2": frozenset({"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}),
        }
    }


def test_a_version_that_nmap_does_not_list_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "out.xml"
    path.write_text(
        "<nmaprun><host><address addr='127.0.0.9'/><ports><port portid='443'><script id='ssl-enum-ciphers'>"
        "<table key='TLSv1.2'><table key='ciphers'><table><elem key='name'>TLS_A</elem></table></table>"
        "<elem key='cipher preference'>indeterminate</elem></table></script></port></ports></host></nmaprun>"
    )
    assert peers.nmap(path) == {
        "127.0.0.9:443": {"TLSv1.2": True, "suites TLSv1.2": frozenset({"TLS_A"}), "server's order": OPEN}
    }


def test_a_ratio_is_of_pairs() -> None:
    assert _ratio([1, 4, 9], [2, 2, 3]) == "2 (0.5 to 3)"
    assert _ratio([3, 5], [6]) == "0.5"
    assert _ratio([1], [0]) == "-"
