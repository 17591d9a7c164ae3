"""What real programs show as they come: phpinfo, welcome pages, weak headers; and the same programs set well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scanner.facts import HttpFacts
from scanner.http_page import Page
from tests.conftest import Scanner
from tests.http.test_servers import deviating, judged, probed
from tests.servers.process import let_pass, loopback_address
from tests.servers.web import (
    CAREFUL,
    apache,
    careful_site,
    nginx_pages,
    nginx_site,
    php_cgi,
    php_site,
    tomcat,
)

pytestmark = pytest.mark.server

PHPINFO = "<?php phpinfo();"


@pytest.mark.parametrize("start", [php_site, php_cgi])
def test_phpinfo_of_a_real_php(scanner: Scanner, tmp_path: Path, start: object) -> None:
    found = {}
    for name in ("phpinfo.php", "other.php"):
        address, folder = loopback_address(), tmp_path / name
        folder.mkdir()
        (folder / name).write_text(PHPINFO)
        with start(folder, address, "<?php echo 'ok';", display_errors=False):  # type: ignore[operator]
            facts = probed(scanner, address, 80)
        found[name] = judged(facts)["web/phpinfo-exposed"]
        assert str(folder) not in repr(facts), "what phpinfo shows is not kept"
    assert found == {"phpinfo.php": "exposed", "other.php": "closed"}


WELCOME = {
    "Apache": Path("/usr/share/apache2/default-site/index.html"),
    "nginx": Path("/usr/share/nginx/html/index.html"),
    "lighttpd": Path("/usr/share/lighttpd/index.html"),
    "Caddy": Path("/usr/share/caddy/index.html"),
    "Tomcat": Path("/usr/share/tomcat10-root/default_root/index.html"),
}


def test_welcome_pages_as_their_packages_bring_them(scanner: Scanner, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    pages = {loopback_address(): (path.read_bytes(), "") for path in WELCOME.values()}
    with nginx_pages(tmp_path, pages):
        for product, address in zip(WELCOME, pages, strict=True):
            facts = probed(scanner, address, 80)
            assert (facts.default_page, judged(facts)["web/default-page"]) == (product, "untouched")


def test_the_welcome_page_of_tomcat_and_of_apache_by_themselves(scanner: Scanner, tmp_path: Path) -> None:
    seen = {}
    for name in ("tomcat", "apache"):
        address, folder = loopback_address(), tmp_path / name
        folder.mkdir()
        if name == "tomcat":
            with tomcat(folder, address, WELCOME["Tomcat"].read_text()):
                facts = probed(scanner, address, 80)
        else:
            let_pass(tmp_path)
            site = folder / "site"
            shutil.copytree(WELCOME["Apache"].parent, site)
            told = f"DocumentRoot {site}\nDirectoryIndex index.html\n<Directory {site}>\nRequire all granted\n</Directory>\n"
            with apache(folder, address, told):
                facts = probed(scanner, address, 80)
        seen[name] = judged(facts)["web/default-page"]
    assert seen == {"tomcat": "untouched", "apache": "untouched"}


LOADS = '<title>首页</title><img src="http://static.example.cn/a.png"><script src="http://static.example.cn/a.js"></script>'


def test_weak_headers_and_mixed_content(scanner: Scanner, tmp_path: Path) -> None:
    weak = {
        "hsts": 'server_tokens off;\nadd_header Strict-Transport-Security "max-age=600";\n'
        'add_header Referrer-Policy "unsafe-url";\n',
        "careful": CAREFUL,
    }
    rules = ("web/hsts-weak", "web/mixed-content", "web/referrer-policy-missing", "web/default-page", "web/csp-missing")  # fmt: skip
    found = {}
    for name, settings in weak.items():
        address, folder = loopback_address(), tmp_path / name
        folder.mkdir()
        site = careful_site(folder)
        if name == "hsts":
            (site / "index.html").write_text(LOADS + "<p>欢迎</p>")
        with nginx_site(folder, address, site, settings):
            facts = probed(scanner, address, 443, tls=True)
        assert isinstance(facts, HttpFacts)
        found[name] = deviating(facts, tls=True) & set(rules)
    assert found == {
        "hsts": {"web/hsts-weak", "web/mixed-content", "web/csp-missing", "web/referrer-policy-missing"},
        "careful": set(),
    }


def test_no_https_at_all(scanner: Scanner, tmp_path: Path, address: str) -> None:
    tmp_path.chmod(0o755)
    with nginx_pages(tmp_path, {address: (b"<title>x</title><p>text", "utf-8")}):
        facts = probed(scanner, address, 80)
    assert facts.https_offered is False
    assert judged(facts)["web/no-https"] == "none"


@pytest.mark.parametrize(
    ("markup", "software"),
    [
        # Zabbix 6.0: ui/app/partials/layout.htmlpage.header.php, as its package in Debian 12 writes it
        (
            '<script src="js/browsers.js"></script>'
            '<script src="jsLoader.php?lang=zh_CN&amp;ver=6.0.14&amp;showGuiMessaging=0"></script>'
            '<script src="jsLoader.php?ver=6.0.14&amp;lang=zh_CN&amp;files%5B0%5D=setup.js"></script>',
            ("Zabbix/6.0.14",),
        ),
        ('<script src="jsLoader.php?version=6.0.14"></script>', ()),
        ('<script src="other.php?ver=6.0.14"></script>', ()),
        # Atlassian: the head of Confluence's login page, and that of Jira's
        (
            '<meta name="confluence-request-time" content="1"><meta name="ajs-version-number" content="7.13.20">',
            ("Confluence/7.13.20",),
        ),
        ('<meta name="ajs-version-number" content="7.13.20">', ()),
        (
            '<meta name="application-name" content="JIRA" data-name="jira" data-version="8.20.10">',
            ("Jira/8.20.10",),
        ),
        ('<meta name="application-name" content="JIRA" data-name="jira" data-version="<b>1.2">', ()),
        ("<meta name='application-name' data-name='jira'>", ()),
    ],
)
def test_versions_that_login_pages_carry(markup: str, software: tuple[str, ...]) -> None:
    page = Page(f"<head>{markup}</head>".encode(), "text/html; charset=utf-8", "http://a/")
    assert page.software == software
