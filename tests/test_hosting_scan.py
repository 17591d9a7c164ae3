"""Third parties that carry services, through a whole scan: a real BIND with CNAMEs, and nginx with a CDN's headers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.servers.dns import named
from tests.servers.process import loopback_address
from tests.servers.web import careful_site, nginx_site
from tests.test_scan import Zijian

pytestmark = pytest.mark.server

RAY = 'add_header CF-Ray "8a1b2c3d4e5f6a7b-HKG" always;\nserver_tokens off;\n'
"""No Cloudflare can be had on loopback: nginx sends the header that it sends."""
PLAIN = "server_tokens off;\nadd_header X-Cache HIT always;\n"


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path, "zh")


def zone(folder: Path, **records: str) -> str:
    path = folder / "root.zone"
    lines = ["$TTL 60", ". IN SOA ns. hostmaster. 1 60 60 60 60", ". IN NS ns.", "ns. IN A 127.0.0.1"]
    lines += [f"{name.replace('_', '.')}. IN {value}" for name, value in records.items()]
    path.write_text("\n".join(lines) + "\n")
    return f'zone "." {{ type primary; file "{path}"; }};'


def hosting(result: dict[str, Any]) -> dict[str, dict[str, Any] | None]:
    return {service["id"]: service["hosting"] for service in result["services"]}


def test_a_name_that_leads_to_a_cdn(zijian: Zijian, tmp_path: Path) -> None:
    edge, own = loopback_address(), loopback_address()
    records = {
        "www_example_cn": "CNAME www.example.cn.w.kunlunaq.com.",
        "www_example_cn_w_kunlunaq_com": "CNAME all.sched.ovscdns.com.",
        "all_sched_ovscdns_com": f"A {edge}",
        "own_example_cn": f"A {own}",
    }
    (tmp_path / "own").mkdir()
    with (
        named(
            tmp_path, options="recursion no; allow-query { any; };", zones=zone(tmp_path, **records)
        ) as port,
        nginx_site(tmp_path, edge, careful_site(tmp_path), PLAIN),
        nginx_site(tmp_path / "own", own, careful_site(tmp_path / "own"), PLAIN, name="own.example.cn"),
    ):
        done = zijian(
            "scan", "www.example.cn", "own.example.cn", "--authorized-by", "张三", "--dns-server", f"127.0.0.1:{port}",
            "--ports", "443", "--checks", "certificate,web", "-o", "out",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    found = hosting(result)
    carried = found[f"www.example.cn@{edge}:443/tcp"]
    assert carried is not None
    assert carried["by"] == "cname"
    assert carried["provider"] == {"zh": "阿里云 CDN", "en": "Alibaba Cloud CDN"}
    assert carried["evidence"] == [
        {
            "fact": "dns.cname",
            "value": "www.example.cn → www.example.cn.w.kunlunaq.com → all.sched.ovscdns.com",
        }
    ]
    assert found[f"own.example.cn@{own}:443/tcp"] is None
    for finding in result["findings"]:
        assert (finding["hosting"] is not None) == (finding["target"] == "www.example.cn")
    # The certificate that nobody trusts is a deviation on both, and the duty's reason tells them apart.
    touched = [duty for duty in result["duties"] if duty["status"] in ("nonconforming", "at_risk")]
    assert touched
    assert all("见于第三方（阿里云 CDN）的节点" in duty["reason"]["zh"] for duty in touched)
    assert all("Alibaba Cloud CDN" in duty["reason"]["en"] for duty in touched)
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "不是运营者自己的机器" in report
    assert {table["name"] for table in result["scan"]["tool"]["tables"]} == {"lifecycle", "hosting"}
    again = zijian("assess", "--quiet", "-o", "again", "--checks", "certificate,web")
    assert again.returncode == 0, again.stderr
    assert hosting(json.loads((tmp_path / "again" / "result.json").read_text())) == found


def test_a_cdn_that_shows_by_its_headers_and_one_that_the_user_states(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    stated = tmp_path / "hosted.toml"
    stated.write_text(
        f'[[hosted]]\nname = "某云负载均衡"\nkind = "load_balancer"\nnetworks = ["{address}"]\n',
        encoding="utf-8",
    )
    with nginx_site(tmp_path, address, careful_site(tmp_path), RAY):
        arguments = ("scan", address, "--ports", "443", "--checks", "web", "-o")
        done = zijian(*arguments, "seen")
        assert done.returncode == 0, done.stderr
        assert "第三方承载：Cloudflare" in done.stdout
        assert zijian(*arguments, "told", "--quiet", "--hosted", str(stated)).returncode == 0
    service_id = f"{address}:443/tcp"
    seen = hosting(zijian.result("seen"))[service_id]
    assert seen is not None
    assert (seen["by"], seen["provider"]["zh"]) == ("header", "Cloudflare")
    told = hosting(zijian.result("told"))[service_id]
    assert told is not None
    assert (told["by"], told["provider"]["zh"], told["kind"]) == ("range", "某云负载均衡", "load_balancer")
    assert len(told["evidence"]) == 2
    report = (tmp_path / "told" / "report.html").read_text(encoding="utf-8")
    assert "声明由第三方承载的地址" in report


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "无法读取 --hosted"),
        ("hosted = 1", "hosted"),
        ('[[hosted]]\nname = "x"\nnetworks = ["here"]\n', "networks"),
        ('[[hosted]]\nname = ""\nnetworks = ["192.0.2.1"]\n', "name 是空的"),
        ('[[hosted]]\nname = "x"\nnetworks = []\n', "没有写 networks"),
        ('[[hosted]]\nname = "x"\nkind = "friend"\nnetworks = ["192.0.2.1"]\n', "kind"),
    ],
)
def test_a_file_of_third_parties_that_is_wrong_is_refused_before_anything_is_sent(
    zijian: Zijian, tmp_path: Path, text: str | None, says: str
) -> None:
    path = tmp_path / "hosted.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    done = zijian("scan", "127.0.0.1", "--hosted", str(path), "--quiet")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
