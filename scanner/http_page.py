"""What a page says, read from its bytes: pure, and bounded whatever the page holds."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from scanner.facts import FilingFacts
from scanner.text import printable

_CHARSET = re.compile(rb"""charset\s{0,8}=\s{0,8}["']?([A-Za-z0-9_:-]{1,40})""")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_ICP = re.compile(
    rf"[{_PROVINCES}]\s{{0,3}}ICP\s{{0,3}}[备证]\s{{0,3}}[0-9]{{6,12}}\s{{0,3}}号?(?:\s{{0,2}}[-－—]\s{{0,2}}[0-9]{{1,4}})?"
)
_MPS = re.compile(rf"[{_PROVINCES}]?\s{{0,3}}公网安备\s{{0,3}}[0-9][0-9\s]{{0,30}}\s{{0,3}}号?")
_RECORD_CODE = re.compile(r"(?:recordcode|code)=([0-9]{6,20})", re.IGNORECASE)
_ICP_HOSTS = ("beian.miit.gov.cn", "www.beian.miit.gov.cn", "www.miitbeian.gov.cn")
_MPS_HOSTS = ("beian.mps.gov.cn", "www.beian.gov.cn", "beian.gov.cn")

_LISTING_TITLES = ("index of /", "directory listing for", "directory: /")
_DEFAULT_PAGES = (
    ("Welcome to nginx!", "nginx"),
    ("Apache2 Debian Default Page", "Apache"),
    ("Apache2 Ubuntu Default Page", "Apache"),
    ("Test Page for the Apache HTTP Server", "Apache"),
    ("HTTP Server Test Page", "Apache"),
    ("Welcome to OpenResty!", "OpenResty"),
    ("IIS Windows Server", "IIS"),
    ("Welcome to CentOS", "CentOS"),
)
_TEXT_LIMIT = 200_000
_FOUND_LIMIT = 10
_LITTLE_TEXT = 200


def decode(body: bytes, content_type: str) -> str:
    """The page as text: the charset of the header, of the page, else UTF-8, else GB 18030."""
    names: list[str] = []
    for source in (content_type.encode("ascii", "replace"), body[:2048]):
        if match := _CHARSET.search(source):
            names.append(match.group(1).decode("ascii").lower())
    # GB 18030 holds GBK and GB 2312, and decodes what pages really send under those names.
    names = ["gb18030" if name in {"gbk", "gb2312", "gb_2312", "x-gbk"} else name for name in names]
    for name in [*names, "utf-8", "gb18030"]:
        try:
            if codecs.lookup(name)._is_text_encoding:
                return body.decode(name, errors="strict")
        except (LookupError, UnicodeError, ValueError):
            continue
    return body.decode("utf-8", errors="replace")


class Page:
    """A parsed page; every list is short and every text printable."""

    def __init__(self, body: bytes, content_type: str, url: str) -> None:
        self._source = decode(body, content_type)
        self._url = url
        self._tree = LexborHTMLParser(self._source)
        for node in self._tree.css("script, style, noscript, template"):
            node.decompose()
        root = self._tree.body
        self.text = (root.text(separator=" ", strip=True) if root is not None else "")[:_TEXT_LIMIT]

    @property
    def title(self) -> str:
        """The title, printable."""
        node = self._tree.css_first("title")
        return printable(node.text(strip=True), 200) if node is not None else ""

    @property
    def login_form(self) -> bool:
        """A password field is on the page."""
        return self._tree.css_first('input[type="password" i]') is not None

    @property
    def directory_listing(self) -> bool:
        """The page is a server's listing of a folder: its title says so, and links stand in its body."""
        title = self.title.lower()
        return title.startswith(_LISTING_TITLES) and self._tree.css_first("a[href]") is not None

    @property
    def default_page(self) -> str | None:
        """Product whose untouched welcome page this is."""
        head = f"{self.title}\n{self.text[:2000]}"
        if "Apache Tomcat" in self.title and "successfully installed Tomcat" in self.text:
            return "Tomcat"
        return next((product for marker, product in _DEFAULT_PAGES if marker in head), None)

    @property
    def mixed_content(self) -> tuple[str, ...]:
        """Sub-resources that an https page loads over http."""
        tree = LexborHTMLParser(self._source)
        found: dict[str, None] = {}
        selectors = (
            ("script", "src"),
            ("link[rel~=stylesheet]", "href"),
            ("iframe", "src"),
            ("img", "src"),
            ("form", "action"),
        )
        for selector, attribute in selectors:
            for node in tree.css(f"{selector}[{attribute}]"):
                value = (node.attributes.get(attribute) or "").strip()
                if value.lower().startswith("http://"):
                    found[printable(value, 200)] = None
                if len(found) >= _FOUND_LIMIT:
                    return tuple(found)
        return tuple(found)

    @property
    def filing(self) -> FilingFacts:
        """ICP and public-security filing numbers: in text, images' descriptions and links."""
        described = " ".join(
            value
            for node in self._tree.css("[alt], [title]")
            for value in (node.attributes.get("alt"), node.attributes.get("title"))
            if value
        )
        text = f"{self.text} {described[:_TEXT_LIMIT]}"
        links = [href for node in self._tree.css("a[href]") if (href := node.attributes.get("href"))][:5000]
        icp_link = _link_to(links, _ICP_HOSTS)
        mps_link = _link_to(links, _MPS_HOSTS)
        mps = [re.sub(r"\s+", "", match.group()) for match in _MPS.finditer(text)]
        if mps_link and not mps:
            mps = [match.group(1) for match in _RECORD_CODE.finditer(mps_link)]
        return FilingFacts(
            icp=_few(re.sub(r"\s+", "", match.group()) for match in _ICP.finditer(text)),
            icp_link=printable(icp_link, 300) if icp_link else None,
            mps=_few(mps),
            mps_link=printable(mps_link, 300) if mps_link else None,
            script_rendered=self._script_rendered(),
        )

    def _script_rendered(self) -> bool:
        scripts = self._source.lower().count("<script")
        return scripts > 0 and len(self.text) < _LITTLE_TEXT


def _few(values: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        found[printable(value, 80)] = None
        if len(found) >= _FOUND_LIMIT:
            break
    return tuple(found)


def _link_to(links: list[str], hosts: tuple[str, ...]) -> str | None:
    for link in links:
        try:
            host = urlsplit(link if "//" in link else f"//{link}").hostname
        except ValueError:
            continue
        if host in hosts:
            return link
    return None
