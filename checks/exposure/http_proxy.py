"""An HTTP proxy passes on strangers' requests, or can be reached.

How it is seen: it is asked for an unused port of its own host, and for itself (RFC 9112 §3.2.2); no other host is ever asked for. How it is judged: a proxy that tries to
connect works for everybody; 403 and 407 show that it does not. What it cannot show: whether it also connects to inside addresses or
to the internet, which are not touched.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import HttpProxyFacts

RULE = access_rule(
    id="exposure/http-proxy",
    name=Text("HTTP 代理", "An HTTP proxy"),
    facts=HttpProxyFacts,
    rationale=Text(
        "开放的代理会被用来隐藏攻击来源、跳入内网；运营者还可能因此提供了未经许可的转接，日志中也分不清是"
        "谁的访问。",
        "An open proxy hides attackers and leads into the inside network; its operator passes on "
        "strangers' traffic, and logs no longer tell whose it was.",
    ),
    remediation=Text(
        "只监听内网地址并限制来源。Squid（squid.conf）：http_port 内网地址:3128，http_access allow "
        "localnet 之后 http_access deny all，需要时 auth_param；　tinyproxy.conf：Listen 内网地址、Allow "
        '内网网段、BasicAuth；\u3000Apache：ProxyRequests Off，或者 <Proxy "*"> Require ip；\u3000nginx 不要用变'
        "量拼 proxy_pass；　不用时停用。"
        "　IIS：在 ARR 的“服务器代理设置”中取消“启用代理”。",
        "Listen inside and restrict sources. Squid (squid.conf): http_port INSIDE:3128, http_access deny "
        "all after allow localnet, auth_param where needed. tinyproxy.conf: Listen INSIDE, Allow "
        'networks, BasicAuth. Apache: ProxyRequests Off, or <Proxy "*"> Require ip. nginx: no proxy_pass '
        "made of variables. Else stop it."
        " IIS: clear Enable proxy under ARR's Server Proxy Settings.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 9112 §3.2.2", "https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2"),
        Reference("Squid: http_access", "http://www.squid-cache.org/Doc/config/http_access/"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.LOW,
    basis=Basis.HTTP,
)
