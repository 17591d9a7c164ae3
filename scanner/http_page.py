"""What a page says, read from its bytes: pure, and bounded in time and memory whatever the page holds."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scanner.facts import FilingFacts
from scanner.text import printable

_CHARSET = re.compile(rb"""charset\s{0,8}=\s{0,8}["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_PROVINCES = "京津沪渝冀豫云滇辽黑湘皖鲁新苏浙赣鄂桂甘陇晋蒙陕秦吉闽贵黔粤青藏川蜀宁琼"
"""Short names of provinces that filing numbers begin with; some provinces have two."""
_HAN = "[\u4e00-\u9fff]"
_ICP = re.compile(
    rf"(?:({_HAN})\s{{0,3}})?ICP\s{{0,3}}([备证])\s{{0,3}}(?:案\s{{0,2}})?(?::\s{{0,2}})?"
    r"([A-Z]?[0-9]{1,2}-[0-9]{8}|[0-9](?:\s?[0-9]){4,15}(?=\s{0,3}号)|[0-9]{5,16}|[X*]{4,16})"
    r"\s{0,3}(号?)(?:\s{0,2}[-–—]\s{0,2}([0-9]{1,4}[A-Z]?)(?![0-9]))?",
    re.IGNORECASE,
)
"""ICP filing numbers (京ICP备12345678号-1) and licences (京ICP证030173号), also a template's 京ICP备XXXXXXXX号.

Text is normalised before; digits apart from one another belong together only where 号 ends them.
"""
_LICENCE = re.compile(
    rf"([{_PROVINCES}合])\s{{0,2}}(字?)\s{{0,2}}([A-D][12](?:\s?[.,、/]\s?[A-D][12]){{0,3}})\s?-\s?([0-9]{{8}})(?![0-9])"
)
"""Licences for telecommunication services (粤B2-20090059, 合字B1.B2-20210001)."""
_MPS = re.compile(
    rf"(?:([{_PROVINCES}])\s{{0,3}})?公\s{{0,3}}({_HAN}?)\s{{0,3}}网\s{{0,3}}安\s{{0,3}}备\s{{0,3}}(?:案\s{{0,2}})?(?:号\s{{0,2}})?"
    r"(?::\s{0,2})?([0-9]{14}(?![0-9])|[0-9][0-9 ]{0,30}(?=\s{0,3}号)|[0-9]{1,30}|[xX*]{4,30})(\s{0,3}号)?"
)
"""Public security filing numbers, also those of old that name the district's bureau (京公海网安备110108000829号)."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_WRITTEN_DIGITS = re.compile("[〇零一二三四五六七八九]{5,20}")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_TRADITIONAL = str.maketrans(
    "備號證網雲滬遼蘇贛晉陝貴瓊閩寧魯隴渝粵", "备号证网云沪辽苏赣晋陕贵琼闽宁鲁陇渝粤"
)
"""Characters of filing numbers as sites in traditional Chinese write them."""
_HIDDEN = ", ".join(
    (
        "[hidden]",
        *(
            f'[style*="{style}" i]'
            for style in ("display:none", "display: none", "visibility:hidden", "visibility: hidden")
        ),
    )
)
_REFRESH = re.compile(
    r"\s{0,9}([0-9]{1,3})(?:\.[0-9]{0,9})?\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?[\"']?([^\"'\s]{1,2000})",
    re.IGNORECASE,
)
_SOON = 10
"""Seconds within which a page that only leads on does so."""
_IN_SCRIPT = {
    "icp": re.compile(r"ICP\s{0,3}(?:[备证]|\\u5907|\\u8bc1)", re.IGNORECASE),
    "mps": re.compile(r"(?:公|\\u516c)(?:网|\\u7f51)(?:安|\\u5b89)(?:备|\\u5907)", re.IGNORECASE),
}
"""What a script that writes a filing number holds, as text or as JSON writes it."""
_RECORD_CODE = re.compile(r"(?:recordcode|code)=([0-9]{6,20})", re.IGNORECASE)
_ICP_HOSTS = (
    "beian.miit.gov.cn",
    "www.beian.miit.gov.cn",
    "www.miitbeian.gov.cn",
    "miitbeian.gov.cn",
    "www.miibeian.gov.cn",
)
_MPS_HOSTS = ("beian.mps.gov.cn", "www.beian.gov.cn", "beian.gov.cn")

_LISTING_TITLES = ("index of /", "directory listing for", "directory: /")
_DEFAULT_PAGES = (
    ("Welcome to nginx!", "nginx"),
    ("Test Page for the Nginx HTTP Server", "nginx"),
    ("Welcome to tengine!", "Tengine"),
    ("Welcome to OpenResty!", "OpenResty"),
    ("Apache2 Debian Default Page", "Apache"),
    ("Apache2 Ubuntu Default Page", "Apache"),
    ("Test Page for the Apache HTTP Server", "Apache"),
    ("HTTP Server Test Page", "Apache"),
    ("IIS Windows Server", "IIS"),
    ("placeholder page installed by the Debian release of the Lighttpd", "lighttpd"),
    ("Caddy works!", "Caddy"),
    ("Welcome to CentOS", "CentOS"),
    ("Welcome to XAMPP", "XAMPP"),
    ("恭喜，站点创建成功", "宝塔"),
)
_LOADER = re.compile(
    r"(?:^|/)jsLoader\.php\?(?:[^#]{0,200}&)?ver=([0-9]{1,3}(?:\.[0-9]{1,4}){1,3}[a-z0-9]{0,8})(?:&|$)"
)
"""Zabbix's script with the version of its pages (zabbix: ui/app/partials/layout.htmlpage.header.php)."""
_NUMBER = re.compile(r"[0-9]{1,4}\.[0-9][\w.-]{0,30}")
_TOMCAT = r"successfully installed Tomcat|you've setup Tomcat successfully"
_TEXT_LIMIT = 400_000
_DETAIL_LIMIT = 20_000
_FOUND_LIMIT = 10
_LINKS = 5000
_SCRIPTS = 50
_SCRIPT_FILES = 2
_LITTLE_TEXT = 200

_DEPTH = 512
"""Elements open at a time; browsers go no deeper. The parser's time grows with the number of tags times the depth."""
_TAGS = 40_000
"""Tags in all, so that even elements whose end tags count for nothing cannot pile up."""
_SEPARATORS = 4000
"""Signs that can part attributes in one tag; the parser's time grows with the square of a tag's attributes."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_ATTRIBUTES = re.compile(r"""<[a-zA-Z](?:[^>=]|=\s*"[^"]*"|=\s*'[^']*'|=)*""")
_CLOSED_BY_OTHERS = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup",
))  # fmt: skip
"""Elements that are void, or that the next one of their kind ends: many of them do not make a page deep."""


def decode(body: bytes, content_type: str) -> str:
    """The page as text: by its byte order mark, the charset of the header, of the page, else UTF-8, else GB 18030."""
    names = [name for mark, name in _MARKS if body.startswith(mark)]
    for source in (content_type.encode("ascii", "replace"), body[:4096]):
        if match := _CHARSET.search(source):
            names.append(match.group(1).decode("ascii").lower())
    # GB 18030 holds GBK and GB 2312, and decodes what pages really send under those names.
    names = [
        "gb18030" if name in {"gbk", "gb2312", "gb_2312", "gb_2312-80", "x-gbk"} else name for name in names
    ]
    for name in [*names, "utf-8", "gb18030"]:
        try:
            if not codecs.lookup(name)._is_text_encoding:
                continue
            # A page that was cut may end within a character.
            return codecs.getincrementaldecoder(name)("strict").decode(body)
        except (LookupError, UnicodeError, ValueError):
            continue
    return body.decode(names[0] if names and _known(names[0]) else "utf-8", errors="replace")


def _known(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def parseable(source: str) -> tuple[str, bool]:
    """The part of ``source`` that can be parsed in time, and whether that is all of it.

    Only pages made to burn the reader's time are cut: none that a browser shows nests 512 elements or gives one tag
    thousands of attributes.
    """
    end, depth = len(source), 0
    opened: Counter[str] = Counter()
    for number, match in enumerate(_TAG.finditer(source)):
        name = match.group(2).lower()
        if number >= _TAGS:
            depth = _DEPTH + 1
        elif name in _CLOSED_BY_OTHERS:
            continue
        elif not match.group(1):
            opened[name] += 1
            depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > _DEPTH:
            end = match.start()
            break
    for match in _ATTRIBUTES.finditer(source, 0, end):
        tag = match.group()
        if len(tag) > _SEPARATORS and sum(map(tag.count, "\t\n\f\r /\"'")) > _SEPARATORS:
            end = match.start()
            break
    return source[:end], end == len(source)


_INLINE = "PHP error"
"""What servers put into pages that are no errors otherwise."""
_DETAILS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Django DEBUG", re.compile(r"You.re seeing this error because you have\s{1,4}DEBUG = True")),
    ("Laravel Ignition", re.compile(r"Whoops! There was an error|Illuminate\\[A-Z][A-Za-z]+\\[A-Za-z\\]{1,80}")),
    ("ThinkPHP", re.compile(r"\[[0-9]{1,5}\]\s{0,4}[A-Za-z\\]{0,60}(?:Exception|Error) in [A-Za-z]{1,40}\.php line [0-9]{1,6}")),
    ("Werkzeug", re.compile(r"Werkzeug Debugger|The debugger caught an exception in your WSGI application")),
    ("Python stack trace", re.compile(r"Traceback \(most recent call last\):")),
    ("Java stack trace", re.compile(r"\b[a-z][\w$]{0,40}(?:\.[\w$<>]{1,60}){2,12}\((?:[\w$]{1,60}\.java:[0-9]{1,6}|Native Method|Unknown Source)\)")),
    ("ASP.NET stack trace", re.compile(r"Server Error in '[^']{0,80}' Application\..{0,4000}?Stack Trace:", re.DOTALL)),
    (".NET stack trace", re.compile(r"\bat [A-Z][\w.`]{3,120}\([^)]{0,200}\) in [^\n]{1,200}:line [0-9]{1,6}")),
    (_INLINE, re.compile(r"(?:Fatal error|Parse error|Warning|Notice|Deprecated)\s?:\s.{1,200}?\sin\s(?:/|[A-Z]:\\)[^\s:]{1,120}\.php(?:\([0-9]+\))?(?: on line |:)\s?[0-9]{1,6}")),
    ("Node.js stack trace", re.compile(r"\bat (?:[\w.<>$ ]{1,80} )?\(?(?:/|[A-Z]:\\)[^\s():]{1,200}\.[cm]?js:[0-9]{1,6}:[0-9]{1,6}\)?")),
    ("Ruby on Rails", re.compile(r"Rails\.root: \S|Application Trace\s{1,4}\| Framework Trace")),
)  # fmt: skip
_SOFTWARE = re.compile(
    r"\b(Apache Tomcat|Apache|nginx|openresty|Tengine|Jetty|JBoss Web|GlassFish Server Open Source Edition|WebLogic Server"
    r"|Werkzeug|PHP|lighttpd|Jetty\(|IIS|JBossWeb|Resin|WildFly)[/ ]?v?([0-9]{1,4}\.[0-9][\w.+-]{0,30})"
)


def error_detail(text: str, status: int) -> str | None:
    """What a page tells of the program that failed: the kind alone, nothing of what it says.

    Pages without an error status may quote such things on purpose; there only PHP's own messages count.
    """
    head = text[:_DETAIL_LIMIT]
    told = (kind for kind, pattern in _DETAILS if (status >= 400 or kind == _INLINE) and pattern.search(head))
    return next(told, None)


def error_software(text: str) -> str | None:
    """Software and version that an error page signs itself with."""
    match = _SOFTWARE.search(text[:_DETAIL_LIMIT])
    return printable(f"{match[1]}/{match[2]}", 80) if match else None


class Page:
    """A parsed page; every list is short and every text printable."""

    def __init__(self, body: bytes, content_type: str, url: str) -> None:
        source, self.whole = parseable(decode(body, content_type))
        """Whether all of ``body`` was parsed."""
        self._url = url
        self._tree = LexborHTMLParser(source)
        self._read_sources()
        for node in self._tree.css("script, style, noscript, template"):
            node.decompose()
        self._set_hidden_apart()
        root = self._tree.body
        self.text = (root.text(separator=" ", strip=True) if root is not None else "")[:_TEXT_LIMIT]

    def _read_sources(self) -> None:
        """What is told by elements that the text is then read without."""
        tree = self._tree
        self._scripted = bool(tree.css_first("script"))
        scripts = [node.text()[:_TEXT_LIMIT] for node in tree.css("script:not([src])")[:_SCRIPTS]]
        self._in_script = tuple(
            kind for kind, pattern in _IN_SCRIPT.items() if any(map(pattern.search, scripts))
        )
        self._framed = bool(tree.css_first("frameset, iframe[src]"))
        self._own_frame = any(map(self._is_own, tree.css("iframe[src], frame[src]")[:_SCRIPTS]))
        found: dict[str, None] = {}
        selectors = (
            ("script", "src"),
            ("link[rel~=stylesheet i]", "href"),
            ("iframe", "src"),
            ("img", "src"),
            ("audio", "src"),
            ("video", "src"),
            ("source", "src"),
            ("object", "data"),
            ("form", "action"),
        )
        for selector, attribute in selectors:
            for node in tree.css(f"{selector}[{attribute}]"):
                value = _attribute(node, attribute)
                if value.lower().startswith("http://") and len(found) < _FOUND_LIMIT:
                    found[printable(value, 200)] = None
        self._scripts = tuple(dict.fromkeys(self._own_scripts()))[:_SCRIPT_FILES]
        self.insecure_sources = tuple(found)
        """What the page loads, or sends forms to, over http."""
        self.software = tuple(dict.fromkeys(self._software()))
        """Products and versions that the markup names where the product itself puts them."""

    def _software(self) -> Iterator[str]:
        tree = self._tree
        for script in tree.css("script[src*='jsLoader.php']")[:_SCRIPTS]:
            if told := _LOADER.search(_attribute(script, "src")):
                yield f"Zabbix/{told[1]}"
        confluence = tree.css_first("meta[name='confluence-request-time'], body#com-atlassian-confluence")
        for product, selector, attribute, whose in (
            ("Confluence", "meta[name='ajs-version-number']", "content", confluence is not None),
            ("Jira", "meta[name='application-name'][data-name='jira']", "data-version", True),
        ):
            node = tree.css_first(selector) if whose else None
            if node is not None and _NUMBER.fullmatch(value := _attribute(node, attribute).strip()):
                yield f"{product}/{value}"

    def _is_own(self, node: LexborNode) -> bool:
        """Whether what ``node`` shows comes from the page's own host."""
        try:
            host = urlsplit(urljoin(self._base, _attribute(node, "src"))).hostname
        except ValueError:
            return False
        return host is not None and host == urlsplit(self._url).hostname

    def _set_hidden_apart(self) -> None:
        """Take elements that are not displayed out of the text; numbers in them may be shown by script."""
        hidden = self._tree.css(_HIDDEN)[:_LINKS]
        kept = _plain(" ".join(node.text(separator=" ") for node in hidden)[:_TEXT_LIMIT])
        kinds = {"icp": _ICP, "mps": _MPS}
        self._in_script += tuple(
            kind for kind, pattern in kinds.items() if kind not in self._in_script and pattern.search(kept)
        )
        for node in hidden:
            node.decompose()

    @property
    def leads_on(self) -> str | None:
        """Where a page without a text of its own sends the reader within seconds (WHATWG HTML: the refresh pragma), or None."""
        told = _REFRESH.match(self.meta.get("refresh", ""))
        if told is None or int(told[1]) > _SOON or len(self.text) >= _LITTLE_TEXT:
            return None
        try:
            target: str = urljoin(self._base, told[2])
        except ValueError:
            return None
        return target

    def _own_scripts(self) -> Iterator[str]:
        here = urlsplit(self._url)
        for node in self._tree.css("script[src]")[:_SCRIPTS]:
            try:
                parts = urlsplit(urljoin(self._base, _attribute(node, "src")))
            except ValueError:
                continue
            own = (parts.scheme, parts.netloc) == (here.scheme, here.netloc)
            if own and re.fullmatch(r"/[\x21-\x7e]{1,200}\.m?js", parts.path):
                yield parts.path

    @property
    def title(self) -> str:
        """The title, printable."""
        node = self._tree.css_first("title")
        return printable(" ".join(node.text().split()), 200) if node is not None else ""

    @property
    def meta(self) -> dict[str, str]:
        """``<meta>`` elements that stand for a header: lower-case ``http-equiv`` name, or ``referrer``."""
        found: dict[str, str] = {}
        for node in self._tree.css("meta[content]")[:200]:
            name = _attribute(node, "http-equiv").lower()
            if not name and _attribute(node, "name").lower() == "referrer":
                name = "referrer"
            if name and len(found) < _FOUND_LIMIT:
                found.setdefault(printable(name, 60), printable(_attribute(node, "content"), 2000))
        return found

    @property
    def scripts(self) -> tuple[str, ...]:
        """Paths of the scripts that the page loads from its own origin, the first few, without their queries."""
        return self._scripts

    @property
    def login_form(self) -> bool:
        """A password field is on the page."""
        return self._password_field() is not None

    @property
    def login_action(self) -> str | None:
        """Where the form with the password field sends it; None when no form of the page does."""
        node = self._password_field()
        for _ in range(_DEPTH):
            if node is None or node.tag == "form":
                break
            node = node.parent
        if node is None or node.tag != "form":
            return None
        try:
            return printable(urljoin(self._base, _attribute(node, "action")), 500)
        except ValueError:
            return None

    @property
    def _base(self) -> str:
        node = self._tree.css_first("base[href]")
        try:
            return urljoin(self._url, _attribute(node, "href")) if node is not None else self._url
        except ValueError:
            return self._url

    def _password_field(self) -> LexborNode | None:
        return self._tree.css_first('input[type="password" i]')

    @property
    def directory_listing(self) -> bool:
        """The page is a server's listing of a folder: it says so as servers do, and links stand in its body."""
        title = self.title.lower()
        said = title.startswith(_LISTING_TITLES) or "[to parent directory]" in self.text[:5000].lower()
        return said and self._tree.css_first("a[href]") is not None

    @property
    def default_page(self) -> str | None:
        """Product whose untouched welcome page this is."""
        head = f"{self.title}\n{self.text[:2000]}"
        if "Apache Tomcat" in self.title and re.search(_TOMCAT, self.text):
            return "Tomcat"
        if self.text.strip() == "It works!":
            return "Apache"
        return next((product for marker, product in _DEFAULT_PAGES if marker in head), None)

    @property
    def filing(self) -> FilingFacts:
        """ICP and public-security filing numbers: in text, images' descriptions and links."""
        described = " ".join(_described(self._tree.css("[alt], [title]")[:_LINKS]))
        text = _plain(f"{self.text} {described[:_TEXT_LIMIT]}")
        links = [_attribute(node, "href") for node in self._tree.css("a[href], area[href]")[:_LINKS]]
        icp_link = _link_to(links, _ICP_HOSTS)
        mps_link = _link_to(links, _MPS_HOSTS)
        mps = [_mps_number(match) for match in _MPS.finditer(text)]
        if mps_link and not mps:
            mps = [match.group(1) for match in _RECORD_CODE.finditer(mps_link)]
        return FilingFacts(
            icp=_few(
                chain(
                    (_icp_number(match) for match in _ICP.finditer(text)),
                    (_licence(match) for match in _LICENCE.finditer(text)),
                )
            ),
            icp_link=printable(icp_link, 300) if icp_link else None,
            mps=_few(mps),
            mps_link=printable(mps_link, 300) if mps_link else None,
            # Frames are filled from elsewhere just as well: what they hold was not read either.
            script_rendered=self._own_frame
            or ((self._scripted or self._framed) and len(self.text) < _LITTLE_TEXT),
            in_script=self._in_script,
        )


def _attribute(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").strip()


def _described(nodes: Iterable[LexborNode]) -> Iterator[str]:
    for node in nodes:
        for name in ("alt", "title"):
            if value := _attribute(node, name):
                yield value[:500]


def _plain(text: str) -> str:
    """Full-width and written digits as ASCII ones, traditional characters as simplified, without what nobody sees."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_TRADITIONAL)
    return _WRITTEN_DIGITS.sub(lambda run: run.group().translate(_DIGITS), text)


def _icp_number(match: re.Match[str]) -> str:
    province, kind, number, sign, site = match.groups()
    return f"{province or ''}ICP{kind}{''.join(number.split())}{sign}" + (f"-{site}" if site else "")


def _licence(match: re.Match[str]) -> str:
    province, sign, kinds, number = match.groups()
    return f"{province}{sign}{''.join(kinds.split())}-{number}"


def _mps_number(match: re.Match[str]) -> str:
    province, bureau, number, sign = match.groups()
    return f"{province or ''}公{bureau}网安备{''.join(number.split())}{'号' if sign else ''}"


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
