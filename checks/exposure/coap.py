"""A CoAP device lists its resources to strangers.

How it is seen: one GET of /.well-known/core (RFC 6690 §4); 2.05 in answer shows that strangers read, 4.01 that credentials are wanted.
How it is judged: a device that lets anybody read its list usually lets anybody use what is on it. What it cannot show: the resources
themselves, of which none is read or set.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import CoapFacts

RULE = access_rule(
    id="exposure/coap",
    name=Text("CoAP 物联网设备", "A CoAP device"),
    facts=CoapFacts,
    rationale=Text(
        "CoAP 用于物联网设备。明文端口没有认证，外人可以读取传感器数据，甚至下发控制。应答比请求大，而 "
        "UDP 的来源地址可以伪造，会被用来放大流量、攻击他人。",
        "CoAP is for devices of the internet of things. On its clear-text port there is no "
        "authentication: strangers may read sensors, or give orders. Its answers are larger than the "
        "questions, and senders of datagrams can be forged: it is used to amplify attacks on others.",
    ),
    remediation=Text(
        "改用 CoAPs（DTLS，UDP 5684）并启用预共享密钥或者证书，关闭 UDP 5683；只允许平台服务器访问。"
        "libcoap：coap-server -k 密钥 -h 提示；　Californium：只建 DTLSConnector 端点；　使用 OSCORE（"
        "RFC 8613）保护资源。",
        "Use CoAPs (DTLS, UDP 5684) with pre-shared keys or certificates, and close UDP 5683; let the "
        "platform's servers in alone. libcoap: coap-server -k KEY -h HINT. Californium: endpoints with a "
        "DTLSConnector only. Or protect resources by OSCORE (RFC 8613).",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("RFC 7252 §11", "https://www.rfc-editor.org/rfc/rfc7252"),
        Reference("RFC 6690 §4", "https://www.rfc-editor.org/rfc/rfc6690"),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.LOW,
)
