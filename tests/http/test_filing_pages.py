"""Filing numbers on pages of every shape that Chinese sites have, served by a real nginx."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.facts import Endpoint, HttpFacts
from scanner.probes.http import PROBE
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.process import loopback_address
from tests.servers.web import nginx_pages

pytestmark = pytest.mark.server

NAME = "www.example.cn"
TEXT = "本单位承担全市的业务指导工作，欢迎访问我们的网站。" * 20
ICP, MPS = "京ICP备12345678号-1", "京公网安备11010102001234号"
LINKS = (
    f'<a href="https://beian.miit.gov.cn/">{ICP}</a>'
    f'<a href="https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234">{MPS}</a>'
)
SHOWN, MISSING, UNCLEAR = ("shown", "shown"), ("missing", "missing"), ("script_rendered", "script_rendered")


def page(body: str, head: str = "", charset: str = "utf-8") -> bytes:
    whole = f"<!DOCTYPE html><html><head><title>首页</title>{head}</head><body>{body}</body></html>"
    return whole.encode(charset)


META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
PAGES: dict[str, tuple[bytes, str, tuple[str, str]]] = {
    "text": (page(TEXT + ICP + MPS), "utf-8", SHOWN),
    "none": (page(TEXT), "utf-8", MISSING),
    "gbk said by the page": (page(TEXT + ICP + MPS, META.format("gb2312"), "gbk"), "", SHOWN),
    "gbk said by the header": (page(TEXT + ICP + MPS, "", "gbk"), "gbk", SHOWN),
    "gbk under a header that says utf-8": (page(TEXT + ICP + MPS, META.format("gbk"), "gbk"), "utf-8", SHOWN),
    "gb18030 with characters beyond gbk": (page(f"㐀𠮷{TEXT}{ICP}{MPS}", META.format("GB18030"), "gb18030"), "", SHOWN),
    "gbk said by nobody": (page(TEXT + ICP + MPS, "", "gbk"), "", SHOWN),
    "gbk without a number": (page(TEXT, META.format("gbk"), "gbk"), "", MISSING),
    "utf-16": (b"\xff\xfe" + page(TEXT + ICP + MPS, "", "utf-16-le"), "", SHOWN),
    "full-width digits": (page(f"{TEXT}京ＩＣＰ备１２３４５６７８号－１ 京公网安备１１０１０１０２００１２３４号"), "utf-8", SHOWN),
    "entities": (page(f"{TEXT}&#20140;ICP&#22791;12345678&#21495; 京公网安备&nbsp;11010102001234&nbsp;号"), "utf-8", SHOWN),
    "traditional characters": (page(f"{TEXT}京ICP備12345678號 京公網安備11010102001234號"), "utf-8", SHOWN),
    "in pieces": (page(f"{TEXT}<span>京</span>ICP备<b>12345678</b>号 <i>京公网安备</i>\n 11010102001234<em>号</em>"), "utf-8", SHOWN),
    "alternative texts": (page(f'{TEXT}<img src=a alt="{ICP}"><map><area alt="{MPS}"></map>'), "utf-8", SHOWN),
    "links alone": (page(f'{TEXT}<a href="https://beian.miit.gov.cn"><img src=a></a><a href="//beian.mps.gov.cn/#/query/webSearch?code=11010102001234"><img src=b></a>'), "utf-8", ("link_only", "shown")),
    "a link without a code": (page(f'{TEXT}<a href="https://beian.miit.gov.cn"><img src=a></a><a href="http://www.beian.gov.cn/portal"><img></a>'), "utf-8", ("link_only", "link_only")),
    "by script": (page("<div id=app></div><script src=/app.js></script>"), "utf-8", UNCLEAR),
    "written by a script of the page": (page(f"{TEXT}<script>document.write('{ICP} {MPS}')</script>"), "utf-8", UNCLEAR),
    "not displayed": (page(f'{TEXT}<div style="color:red; display:none">{ICP}</div><p hidden>{MPS}</p>'), "utf-8", UNCLEAR),
    "in a comment": (page(f"{TEXT}<!-- {ICP} {MPS} -->"), "utf-8", MISSING),
    "frameset": (b"<html><frameset rows=*><frame src=/main.html></frameset></html>", "utf-8", UNCLEAR),
    "a frame of one's own for the foot": (page(f"{TEXT}<iframe src=/foot.html></iframe>"), "utf-8", UNCLEAR),
    "a frame of others": (page(f"{TEXT}<iframe src=https://map.example.com/></iframe>"), "utf-8", MISSING),
    "led on by the page": (b"<meta http-equiv='Refresh' content='0; URL=/main.html'>", "utf-8", SHOWN),
    "led on within a folder": (page("正在跳转", '<meta http-equiv="refresh" content="3;url=main.html">'), "utf-8", SHOWN),
    "led on to nowhere": (page("", '<meta http-equiv="refresh" content="0;url=/none.html">'), "utf-8", ("no_page", "no_page")),
    "led on in a circle": (page("", '<meta http-equiv="refresh" content="0;url=/">'), "utf-8", MISSING),
    "shown afresh now and then": (page(TEXT + ICP + MPS, '<meta http-equiv="refresh" content="5;url=/none.html">'), "utf-8", SHOWN),
}  # fmt: skip


def test_pages_of_every_shape(scanner: Scanner, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    addresses = {name: loopback_address() for name in PAGES}
    for address in addresses.values():
        (tmp_path / address).mkdir()
        (tmp_path / address / "main.html").write_bytes(page(TEXT + LINKS))
    found = {}
    with nginx_pages(tmp_path, {addresses[name]: (body, charset) for name, (body, charset, _) in PAGES.items()}):  # fmt: skip
        for name, address in addresses.items():
            facts = scanner.probe(PROBE, address, 80, name=NAME, protocol="http")
            assert isinstance(facts, HttpFacts)
            subject = replace(service(facts, protocol="http"), endpoint=Endpoint(ip=address, port=80, name=NAME))  # fmt: skip
            found[name] = tuple(
                outcome
                for rule in ("filing/icp-number-shown", "filing/mps-number-shown")
                for outcome in outcomes(rule, subject)
            )
    assert found == {name: wanted for name, (*_, wanted) in PAGES.items()}


@pytest.mark.parametrize(
    ("body", "rule", "outcome", "says"),
    [
        ("京ICP备XXXXXXXX号", "filing/icp-number-malformed", "placeholder", "XXXXXXXX"),
        ("ICP备12345678号", "filing/icp-number-malformed", "no_province", "12345678"),
        (ICP, "filing/icp-number-malformed", "well_formed", "12345678"),
        ("沪公网安备11010102001234号", "filing/mps-number-malformed", "province_differs", "沪"),
        ("京公网安备99010102001234号", "filing/mps-number-malformed", "unknown_province", "99"),
        ("苏公网安备32059002001541号", "filing/mps-number-malformed", "unknown_division", "320590"),
        (MPS, "filing/mps-number-malformed", "well_formed", "东城区"),
        (ICP + MPS, "filing/filing-link", "icp_unlinked", "beian.miit.gov.cn"),
        (LINKS, "filing/filing-link", "linked", ""),
    ],
)
def test_numbers_and_their_links(
    scanner: Scanner, tmp_path: Path, address: str, body: str, rule: str, outcome: str, says: str
) -> None:
    tmp_path.chmod(0o755)
    with nginx_pages(tmp_path, {address: (page(TEXT + body), "utf-8")}):
        facts = scanner.probe(PROBE, address, 80, name=NAME, protocol="http")
    assert isinstance(facts, HttpFacts)
    subject = replace(service(facts, protocol="http"), endpoint=Endpoint(ip=address, port=80, name=NAME))
    found = findings(rule, subject)
    assert found[0].outcome == outcome
    assert says in found[0].detail.zh
