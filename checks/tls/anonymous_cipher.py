"""The server accepts anonymous suites.

How it is seen: every suite the server chooses when offered all it has not chosen yet, for each version. How
it is judged: any such suite counts; a list that could not be read forbids a pass. Between mail servers (SMTP on port
25) nobody checks the certificate unless a policy says so (RFC 7435, RFC 7672 §8.2), so that anonymous suites, which
Postfix offers by itself, take nothing away there and are told as information.

Source: RFC 9325 section 4.1; RFC 7672 section 8.2 for mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.opportunistic import between_mail_servers
from checks.tls.suites import is_anonymous, judge_suites, not_tlcp_alone
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the suites' names."""
    relay = between_mail_servers(service)
    for outcome in judge_suites(service, is_anonymous):
        yield (replace(outcome, name="opportunistic") if relay and outcome.name == "offered" else outcome)


RULE = Rule(
    id="tls/anonymous-cipher",
    title=Text("接受匿名密码套件", "Anonymous suites are accepted"),
    rationale=Text(
        "服务器不出示证书，通信双方无从核实身份，线路上的攻击者可以居中读取和篡改全部内容。",
        "The server shows no certificate: neither side knows whom it talks to, and anyone on the path "
        "can read and change everything.",
    ),
    remediation=Text(
        "nginx：ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL;　Apache：SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL　Tomcat：在 SSLHostConfig 的 ciphers 中只列出上述套"
        "件　IIS：用组策略“SSL 密码套件顺序”只保留 ECDHE 加 GCM 的套件。修改后重新加载服务并复测。",
        "nginx: ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL; Apache: SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL; Tomcat: list only these in ciphers of "
        'SSLHostConfig; IIS: keep only ECDHE with GCM in the group policy "SSL Cipher Suite Order". '
        "Reload the service and test again.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(
            status=Status.FAIL, severity=Severity.HIGH, detail=Text("接受 {suites}。", "Accepted: {suites}.")
        ),
        "opportunistic": Declared(
            status=Status.INFO,
            detail=Text(
                "接受 {suites}。邮件服务器之间（25 端口）的加密是机会性的，一般不核对证书，因此不作为问题；要求核对证书的，见 DANE、MTA-STS。",
                "Accepted: {suites}. Between mail servers (port 25) encryption is opportunistic and the certificate is not "
                "checked as a rule, so this is no fault; DANE and MTA-STS are how checking is asked for.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "none": Declared(status=Status.PASS, detail=Text("不接受匿名密码套件。", "No anonymous suites.")),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(
        Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),
        Reference("RFC 7672 §8.2", "https://www.rfc-editor.org/rfc/rfc7672#section-8.2"),
    ),
)
