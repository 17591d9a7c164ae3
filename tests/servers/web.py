"""nginx, Apache, PHP's own server and Tomcat, careless and careful."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.process import program, running, wait_for_port
from tests.servers.tls import Issued, issue

PAGE = """<!DOCTYPE html><html lang=zh><head><meta charset=utf-8><title>某某公司</title></head><body>
<h1>某某公司</h1><p>欢迎访问。</p><footer><a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>
<a href="https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234">京公网安备 11010102001234号</a></footer>
</body></html>"""

CAREFUL = """
    server_tokens off;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
    add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'self'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header Referrer-Policy no-referrer always;
    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header Set-Cookie "SESSIONID=x; Secure; HttpOnly; SameSite=Lax" always;
    location ~ /\\.(?!well-known) { deny all; }
"""

CARELESS = """
    server_tokens on;
    add_header Set-Cookie "SESSIONID=secret-value; Path=/" always;
    add_header Access-Control-Allow-Origin $http_origin always;
    add_header Access-Control-Allow-Credentials true always;
    location = / { if ($request_method = OPTIONS) { add_header Allow "GET, PUT, DELETE, TRACE" always; return 204; } }
    location = /nginx_status { stub_status; }
"""


def careless_site(folder: Path) -> Path:
    """A site with everything lying about that should not."""
    site = folder / "site"
    files = {
        "index.html": "<title>登录</title><script src=/static/app.js?v=1></script><form><input name=user><input type=password name=pw></form>"
        + f"<p>{'本单位办公系统。' * 40}</p>",
        ".git/HEAD": "ref: refs/heads/main\n",
        ".svn/entries": "10\n\ndir\n1\n",
        ".env": "DB_USER=root\nDB_PASSWORD=hunter2secret\n",
        "backup.zip": "PK\x03\x04rest",
        "backup.sql": "-- MySQL dump 10.13\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\n",
        "phpinfo.php": "<title>phpinfo()</title><h1>PHP Version 8.2.1</h1>",
        "actuator": '{"_links":{"self":{"href":"http://x/actuator/"},"env":{"href":"http://x/actuator/env"}}}',
        "v2/api-docs": '{"swagger":"2.0","paths":{}}',
        "druid/index.html": "<title>Druid Stat Index</title><script>druid.common.init()</script>",
        "nacos/index.html": "<html><title>Nacos</title></html>",
        "wwwroot.rar": "Rar!\x1a\x07\x01\x00rest",
        "www.example.cn.zip": "PK\x03\x04rest",
        "config.php.bak": "<?php\n$password = 'hunter2secret';\n",
        ".DS_Store": "\x00\x00\x00\x01Bud1 names",
        "web.config": '<?xml version="1.0"?>\n<configuration><connectionStrings>secret-value</connectionStrings></configuration>',
        "WEB-INF/web.xml": '<?xml version="1.0"?><web-app><servlet-name>secret-value</servlet-name></web-app>',
        "static/app.js": "var a=1",
        "static/app.js.map": '{"version":3,"sources":["../src/secret-value.ts"],"mappings":""}',
        "access.log": '203.0.113.9 - - [23/Nov/2026:10:00:00 +0800] "GET / HTTP/1.1" 200 1\n',
    }
    for name, text in files.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return site


def careful_site(folder: Path) -> Path:
    """A site with its page, its filing numbers and nothing else."""
    site = folder / "site"
    (site / ".well-known").mkdir(parents=True)
    (site / "index.html").write_text(PAGE, encoding="utf-8")
    (site / ".well-known" / "security.txt").write_text(
        "Contact: mailto:security@example.cn\nExpires: 2099-12-31T00:00:00Z\n"
    )
    return site


@contextlib.contextmanager
def nginx_site(
    folder: Path,
    address: str,
    site: Path,
    settings: str,
    *,
    name: str = "www.example.cn",
    issued: tuple[Issued, ...] = (),
) -> Iterator[None]:
    """nginx serving ``site`` on 80 and, with a certificate of its own or the chain ``issued``, on 443."""
    leaf, *chain = issued or (issue(name, san=[name]),)
    certificate, key = leaf.write(folder, "site", *chain)
    temporary = "\n".join(
        f"  {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    body = f"    root {site};\n    index index.html;\n{settings}"
    plain = (
        body
        if settings == CARELESS
        else "    return 301 https://$host$request_uri;\n    server_tokens off;\n"
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\nuser root;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n  access_log {folder}/access.log;\n  types {{ text/html html; }}\n"
        f"  default_type text/plain;\n  charset utf-8;\n{temporary}\n"
        f"  server {{\n    listen {address}:80;\n    server_name {name};\n{plain}  }}\n"
        f"  server {{\n    listen {address}:443 ssl;\n    server_name {name};\n    ssl_certificate {certificate};\n"
        f"    ssl_certificate_key {key};\n{body}  }}\n}}\n"
    )
    command = [
        program("nginx"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "start.log"),
    ]
    with running(command, address=address, port=80, more_ports=(443,), log=folder / "nginx.log"):
        yield


@contextlib.contextmanager
def apache(folder: Path, address: str, settings: str) -> Iterator[None]:
    """Apache on port 80 with Debian's modules; ``settings`` go into the server's configuration."""
    modules = Path("/usr/lib/apache2/modules")
    names = (
        "mpm_event",
        "authz_core",
        "dir",
        "autoindex",
        "mime",
        "status",
        "headers",
        "alias",
        "authz_host",
    )
    loads = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)

    (folder / "mime.types").touch()
    (folder / "apache.conf").write_text(
        f"ServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\nListen {address}:80\n{loads}\n"
        f"User www-data\nGroup www-data\nServerName www.example.cn\nTypesConfig {folder}/mime.types\n"
        f"DefaultRuntimeDir {folder}\nAddType text/html .html\n{settings}\n"
    )
    command = [program("apache2"), "-D", "FOREGROUND", "-f", str(folder / "apache.conf")]
    with running(command, address=address, port=80, log=folder / "apache.log"):
        yield


@contextlib.contextmanager
def php_site(folder: Path, address: str, page: str, *, display_errors: bool) -> Iterator[None]:
    """PHP's built-in server on port 80, with ``page`` for its home page."""
    (folder / "index.php").write_text(page, encoding="utf-8")
    shown = "1" if display_errors else "0"
    command = [
        program("php"),
        "-n",
        "-d",
        f"display_errors={shown}",
        "-d",
        "html_errors=1",
        "-d",
        "expose_php=0",
    ]
    command += ["-S", f"{address}:80", "-t", str(folder)]
    with running(command, address=address, port=80, log=folder / "php.log"):
        yield


@contextlib.contextmanager
def php_cgi(
    folder: Path, address: str, page: str, *, display_errors: bool, issued: tuple[Issued, ...] = ()
) -> Iterator[None]:
    """nginx before PHP's FastCGI server, the usual pair, on port 80; with the chain ``issued`` on 443 too, and careful there."""
    (folder / "index.php").write_text(page, encoding="utf-8")
    secure = ""
    if issued:
        certificate, key = issued[0].write(folder, "site", *issued[1:])
        secure = f"    listen {address}:443 ssl;\n    ssl_certificate {certificate};\n    ssl_certificate_key {key};\n{CAREFUL}"
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\nuser root;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n  access_log off;\n  fastcgi_temp_path {folder}/fastcgi;\n  client_body_temp_path {folder}/body;\n"
        f"  proxy_temp_path {folder}/proxy;\n  uwsgi_temp_path {folder}/uwsgi;\n  scgi_temp_path {folder}/scgi;\n"
        f"  server {{\n    listen {address}:80;\n{secure}    root {folder};\n    index index.php;\n"
        f"    location ~ \\.php$ {{\n      try_files $uri =404;\n      fastcgi_pass {address}:9000;\n"
        "      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n"
        "      fastcgi_param REQUEST_METHOD $request_method;\n      fastcgi_param REDIRECT_STATUS 200;\n    }\n  }\n}\n"
    )
    shown = "1" if display_errors else "0"
    told = [f"display_errors={shown}", "expose_php=0"]
    php = [
        program("php-cgi"),
        "-n",
        *(part for setting in told for part in ("-d", setting)),
        "-b",
        f"{address}:9000",
    ]
    nginx = [
        program("nginx"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "start.log"),
    ]
    with (
        running(php, address=address, port=9000, log=folder / "php.log"),
        running(nginx, address=address, port=80, log=folder / "nginx.log"),
    ):
        yield


@contextlib.contextmanager
def phpmyadmin(folder: Path, address: str, *, database: str | None = None) -> Iterator[None]:
    """Debian's phpMyAdmin on port 80, under /phpmyadmin/: it asks for a login, or is logged in to the MariaDB on ``database``
    (:func:`tests.servers.databases.mariadb_server`)."""
    settings = f"$cfg['blowfish_secret'] = str_repeat('x', 32);\n$cfg['TempDir'] = '{folder}';\n"
    if database is not None:
        server = {"host": database, "auth_type": "config", "user": "app", "password": "not-guessed-by-anyone"}
        settings += "".join(f"$cfg['Servers'][1]['{key}'] = '{value}';\n" for key, value in server.items())
    (folder / "config.inc.php").write_text(f"<?php\n{settings}")
    # Its settings lie in one place, which this server alone sees otherwise.
    shell = f"mount --bind {folder}/config.inc.php /etc/phpmyadmin/config.inc.php && exec {program('php')} -S {address}:80 -t /usr/share"
    with running(
        [program("unshare"), "--mount", "sh", "-c", shell], address=address, port=80, log=folder / "php.log"
    ):
        yield


TOMCAT_HOME = Path("/usr/share/tomcat10")


@contextlib.contextmanager
def tomcat(
    folder: Path, address: str, page: str, *, valve: str = "", issued: tuple[Issued, ...] = ()
) -> Iterator[None]:
    """Tomcat on port 80, and with the chain ``issued`` on 443, with ``page`` (JSP) for its home page and ``valve`` in its host."""
    for name in ("conf", "logs", "temp", "work", "webapps/ROOT"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "web.xml").write_text((TOMCAT_HOME / "etc" / "web.xml").read_text(encoding="utf-8"))
    (folder / "webapps" / "ROOT" / "index.jsp").write_text(page, encoding="utf-8")
    secure = ""
    if issued:
        certificate, key = issued[0].write(folder, "site", *issued[1:])
        secure = (
            f'<Connector port="443" address="{address}" protocol="HTTP/1.1" SSLEnabled="true" scheme="https" secure="true">'
            f'<SSLHostConfig protocols="TLSv1.2+TLSv1.3" honorCipherOrder="true"><Certificate certificateFile="{certificate}" '
            f'certificateKeyFile="{key}"/></SSLHostConfig></Connector>'
        )
    (folder / "conf" / "server.xml").write_text(
        '<Server port="-1"><Service name="Catalina">'
        f'<Connector port="80" address="{address}" protocol="HTTP/1.1"/>{secure}'
        '<Engine name="Catalina" defaultHost="localhost">'
        f'<Host name="localhost" appBase="webapps">{valve}</Host></Engine></Service></Server>\n'
    )
    environment = {"CATALINA_HOME": str(TOMCAT_HOME), "CATALINA_BASE": str(folder), "JAVA_OPTS": "-Xmx128m"}
    command = [str(TOMCAT_HOME / "bin" / "catalina.sh"), "run"]
    with running(command, address=address, port=80, log=folder / "tomcat.log", environment=environment):
        # The page is compiled when it is first asked for, which a busy machine takes its time for.
        first = http.client.HTTPConnection(address, 80, timeout=120)
        first.request("GET", "/")
        first.getresponse().read()
        first.close()
        yield


@contextlib.contextmanager
def nginx_pages(folder: Path, pages: Mapping[str, tuple[bytes, str]]) -> Iterator[None]:
    """nginx with one site for each address of ``pages``, on port 80: its home page, and the charset of its header.

    Other files of ``folder`` / address are served beside it.
    """
    servers = []
    for address, (page, charset) in pages.items():
        site = folder / address
        site.mkdir(exist_ok=True)
        (site / "index.html").write_bytes(page)
        servers.append(
            f"  server {{ listen {address}:80; root {site}; default_type text/html;"
            f" {f'charset {charset}; override_charset on;' if charset else ''} }}\n"
        )
    paths = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\nuser root;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n  access_log off;\n  server_tokens off;\n  types {{ text/html html; }}\n{paths}{''.join(servers)}}}\n"
    )
    command = [
        program("nginx"),
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "start.log"),
    ]
    with running(command, address=next(iter(pages)), port=80, log=folder / "nginx.log") as process:
        for address in pages:
            wait_for_port(address, 80, process=process)
        yield
