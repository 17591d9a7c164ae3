"""Encryption between mail servers, where nobody checks who the other is unless a policy says so."""

from __future__ import annotations

from checks.model import Declared, Reference, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_SMTP_RELAY = 25
OPPORTUNISTIC = "opportunistic"
"""Name of the outcome below, in every rule that has it."""

OPPORTUNISTIC_OUTCOME = Declared(
    status=Status.INFO,
    detail=Text(
        "邮件服务器之间（25 端口）的加密是机会性的，发信方一般不核对证书，因此不作为问题；要求核对证书的，见 DANE、MTA-STS。",
        "Between mail servers (port 25) encryption is opportunistic and senders do not check the certificate as a rule, so "
        "this is no fault; DANE and MTA-STS are how checking is asked for.",
    ),
)
OPPORTUNISTIC_REFERENCE = Reference("RFC 7672 §1.3", "https://www.rfc-editor.org/rfc/rfc7672#section-1.3")


def between_mail_servers(service: ServiceFacts) -> bool:
    """Whether this is SMTP on port 25, gone into TLS by STARTTLS: opportunistic security (RFC 7435, RFC 7672 §1.3).

    On the submission ports people log in, and their clients check the certificate.
    """
    return service.need(TlsFacts).starttls == "smtp" and service.endpoint.port == _SMTP_RELAY
