"""Third parties that carry services: what shows one, and what only looks like one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dated import TableError
from checks.hosting.recognise import Recogniser, Stated
from checks.hosting.table import read, shipped
from checks.model import Hosting, HostingKind
from scanner.facts import Endpoint, HttpFacts, RedirectFacts, ServiceFacts
from tests.checks.judging import PUBLIC, service

NAME = "www.example.cn"


def known(**named: object) -> Recogniser:
    return Recogniser(shipped(), **named)  # type: ignore[arg-type]


def web(*, name: str | None = None, redirected_to: str = "", **headers: str) -> ServiceFacts:
    facts = HttpFacts(
        status=200,
        headers={key.replace("_", "-"): value for key, value in headers.items()},
        redirects=(RedirectFacts(status=301, location=redirected_to, followed=True),)
        if redirected_to
        else (),
        final_url=redirected_to,
    )
    return service(facts, endpoint=Endpoint(ip=PUBLIC, port=443, name=name))


def carried(found: Hosting | None) -> tuple[str, str] | None:
    return (found.by, found.provider.zh) if found is not None else None


CNAMES = [
    ("www.example.cn.w.kunlunaq.com", "阿里云 CDN"),
    ("www.example.cn.w.kunlunle.com", "阿里云 CDN"),
    ("www.example.cn.w.cdngslb.com", "阿里云 CDN"),
    ("bucket.oss-cn-hangzhou.aliyuncs.com", "阿里云 OSS"),
    ("www.example.cn.cdn.dnsv1.com", "腾讯云 CDN"),
    ("www.example.cn.eo.dnse2.com", "腾讯云 EdgeOne"),
    ("b-125.cos.ap-beijing.myqcloud.com", "腾讯云 COS"),
    ("c1.cdnhwc1.com", "华为云 CDN"),
    ("www.example.cn.wscdns.com", "网宿科技"),
    ("cncdn.xgslb.net", "蓝汛"),
    ("www.example.cn.bsclink.cn", "白山云"),
    ("www.example.cn.bdydns.com", "百度智能云 CDN"),
    ("abc.yunjiasu-cdn.net", "百度云加速"),
    ("xxx.aicdn.com", "又拍云"),
    ("idv5.qiniudns.com", "七牛云"),
    ("www.example.cn.cdn.cloudflare.net", "Cloudflare"),
    ("e1.a.akamaiedge.net", "Akamai"),
    ("d111111abcdef8.cloudfront.net", "Amazon CloudFront"),
    ("dualstack.j.sni.global.fastly.net", "Fastly"),
    ("lb-1.cn-north-1.elb.amazonaws.com.cn", None),
    ("lb.elb.cn-north-1.amazonaws.com.cn", "Amazon 弹性负载均衡"),
    ("someone.github.io", "GitHub Pages"),
    # Names that only look alike.
    ("www2.example.cn", None),
    ("kunlunxin.com", None),
    ("notcloudfront.net", None),
    ("cloudfront.net.example.cn", None),
    ("aliyuncs.com", None),
]  # fmt: skip


@pytest.mark.parametrize(("target", "provider"), CNAMES)
def test_by_the_names_that_a_name_leads_to(target: str, provider: str | None) -> None:
    recogniser = known(chains={NAME: (target,)}, names={PUBLIC: (NAME,)})
    expected = None if provider is None else ("cname", provider)
    assert carried(recogniser.of(web(name=NAME))) == expected
    # The address is the third party's by whatever name it is asked, or by none.
    assert carried(recogniser.of(web())) == expected
    assert carried(known(chains={"other.example.cn": (target,)}).of(web(name=NAME))) is None


def test_the_whole_chain_is_the_evidence() -> None:
    chain = ("www.example.cn.w.kunlunaq.com", "all.ovslegodl.sched.ovscdns.com")
    found = known(chains={NAME: chain}).of(web(name=NAME))
    assert found is not None
    (item,) = found.evidence
    assert item.fact == "dns.cname"
    assert item.value == " → ".join((NAME, *chain))


HEADERS = [
    ({"cf_ray": "8a1b2c3d4e5f-HKG", "server": "cloudflare"}, "Cloudflare"),
    ({"eagleid": "3b258ea916191633699787917e", "via": "cache45.l2cn1832[38,304-0,M]", "server": "Tengine"}, "阿里云 CDN"),
    ({"server": "ESA"}, "阿里云 CDN"),
    ({"x_nws_log_uuid": "1"}, "腾讯云 CDN"),
    ({"eo_cache_status": "HIT", "eo_log_uuid": "4105283880544427145"}, "腾讯云 EdgeOne"),
    ({"x_ws_request_id": "1"}, "网宿科技"),
    ({"x_amz_cf_id": "x", "via": "1.1 abc.cloudfront.net (CloudFront)"}, "Amazon CloudFront"),
    ({"x_served_by": "cache-hkg17932-HKG", "x_cache_hits": "1"}, "Fastly"),
    ({"server": "AkamaiGHost"}, "Akamai"),
    # Software that anyone may run.
    ({"server": "Tengine/2.3.2"}, None),
    ({"x_cache": "HIT"}, None),
    ({"via": "1.1 varnish (Varnish/7.1)", "x_cache": "MISS", "x_served_by": "web1"}, None),
    ({"server": "nginx", "via": "1.1 squid"}, None),
    ({"x_amz_cf_id": "x"}, None),
    ({"eagleid": "x"}, None),
    ({}, None),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "provider"), HEADERS)
def test_by_the_headers_of_the_answer(headers: dict[str, str], provider: str | None) -> None:
    expected = None if provider is None else ("header", provider)
    assert carried(known().of(web(**headers))) == expected


def test_headers_of_another_server_that_a_redirect_led_to_say_nothing() -> None:
    ray = {"cf_ray": "8a1b2c3d4e5f-HKG"}
    assert known().of(web(name=NAME, redirected_to="https://cdn.example.cn/", **ray)) is None
    assert known().of(web(name=NAME, redirected_to=f"https://{NAME}/", **ray)) is not None


def test_what_the_user_states_comes_first_and_the_rest_is_evidence() -> None:
    block = Stated("某云负载均衡", HostingKind.LOAD_BALANCER, (ipaddress.ip_network(f"{PUBLIC}/32"),))
    chains = {NAME: ("www.example.cn.cdn.dnsv1.com",)}
    found = known(stated=(block,), chains=chains).of(web(name=NAME, cf_ray="8a1b-HKG"))
    assert found is not None
    assert (found.by, found.provider.zh, found.kind) == ("range", "某云负载均衡", "load_balancer")
    assert [item.fact for item in found.evidence] == ["hosted.networks", "dns.cname", "http.headers.cf-ray"]
    elsewhere = Stated(
        "x", HostingKind.CDN, (ipaddress.ip_network("203.0.113.0/24"), ipaddress.ip_network("2001:db8::/32"))
    )
    assert known(stated=(elsewhere,)).of(web()) is None


def test_the_table_that_ships_knows_whom_a_chinese_operator_meets() -> None:
    names = " ".join(provider.name for provider in shipped().providers.values())
    for wanted in (
        "阿里云",
        "腾讯云",
        "华为云",
        "网宿",
        "蓝汛",
        "白山",
        "百度云加速",
        "又拍云",
        "七牛",
        "Cloudflare",
        "Akamai",
        "CloudFront",
        "Fastly",
    ):
        assert wanted in names


SMALL = """
table = "hosting"
schema = 1
date = 2026-11-01
[providers.thing]
name = "某某"
name_en = "Thing"
kind = "cdn"
source = "its makers"
url = "https://example.org/"
checked = 2026-10-02
cnames = ["cdn.example.org"]
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "cdn"', 'kind = "friend"'), "kind"),
        (("[providers.thing]", "[providers.thing"), "not a TOML file"),
        (('cnames = ["cdn.example.org"]', ""), "neither cnames nor headers"),
        (("cdn.example.org", "CDN.example.org"), "no suffix of host names"),
        (("cdn.example.org", "org"), "no suffix of host names"),
        (("cdn.example.org", "*.*.*.example.org"), "no suffix of host names"),
        (("checked = 2026-10-02", "checked = 2027-01-01"), "after the table's date"),
        (('cnames = ["cdn.example.org"]', 'headers = [{ "X-A" = "" }]'), "not in lower case"),
        (('cnames = ["cdn.example.org"]', "headers = [{}]"), "is empty"),
        (('url = "https://example.org/"', 'url = "example.org"'), "no source and address"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_where(change: tuple[str, str], says: str) -> None:
    assert change[0] in SMALL
    with pytest.raises(TableError, match=says):
        read(SMALL.replace(*change, 1).encode())


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=20), st.text(max_size=300), max_size=5))
def test_hostile_names_and_headers_cost_nothing(name: str, headers: dict[str, str]) -> None:
    facts = service(HttpFacts(status=200, headers=headers), endpoint=Endpoint(ip=PUBLIC, port=80, name=NAME))
    known(chains={NAME: (name,)}).of(facts)
