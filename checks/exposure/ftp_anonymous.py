"""FTP lets anyone in by the name ``anonymous``.

How it is seen: ``USER anonymous`` and an address-like password, as RFC 1635 describes; the answer 230 is a login. The probe
lists and reads nothing. How it is judged: a risk, not a failure by itself, since a public archive may be meant to be
open; whether that is so must be asked. What it cannot show: which files are there, and whether they can be written.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import on_loopback
from scanner.facts import FtpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the answer to the anonymous login."""
    facts = service.need(FtpFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("ftp.anonymous", str(facts.anonymous)), Evidence("ftp.greeting", facts.greeting))
    if facts.anonymous:
        yield Outcome("let_in_locally" if on_loopback(service) else "let_in", values, evidence)
    elif facts.anonymous is False:
        yield Outcome("refused", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="exposure/ftp-anonymous",
    title=Text("FTP 允许匿名登录", "FTP allows anonymous login"),
    rationale=Text(
        "匿名登录意味着任何人不经认证就能进入文件服务器：可能看到不该公开的文件；如果还有可写目录，"
        "会被用来存放恶意程序、违法内容，或者替换供他人下载的文件。",
        "With anonymous login anyone enters the file server without authentication: files not meant for the public may be "
        "seen, and a folder that can be written is used to store malware or unlawful content, or to replace downloads.",
    ),
    remediation=Text(
        "不需要公开下载的，关闭匿名登录。vsftpd：anonymous_enable=NO；　ProFTPD：删除 <Anonymous> 配置段；　"
        "Pure-FTPd：NoAnonymous yes；　IIS：在“FTP 身份验证”中禁用“匿名身份验证”。"
        "确需公开的，目录只读（vsftpd：anon_upload_enable=NO、write_enable=NO），只放可以公开的文件，并建议改用 HTTPS 提供。"
        "　FileZilla Server：删除 anonymous 用户。",
        "If no public download is meant, switch it off. vsftpd: anonymous_enable=NO; ProFTPD: remove the <Anonymous> "
        "section; Pure-FTPd: NoAnonymous yes; IIS: disable Anonymous Authentication under FTP Authentication. If it is "
        "meant, keep it read-only (vsftpd: anon_upload_enable=NO, write_enable=NO), hold public files only, and consider "
        "HTTPS in its place."
        " FileZilla Server: remove the user anonymous.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(FtpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "let_in": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 接受了匿名登录（应答 230）；未列目录、未读文件，其中有什么须现场核实。",
                "{service} accepted an anonymous login (answer 230); nothing was listed or read, so what is there has to "
                "be looked at on site.",
            ),
        ),
        "let_in_locally": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "回环地址 {service} 上的 FTP 接受了匿名登录（应答 230）；外部能否访问未经证实。",
                "FTP on the loopback address {service} accepted an anonymous login (answer 230); that it can be reached "
                "from outside is not shown.",
            ),
        ),
        "refused": Declared(
            status=Status.PASS,
            detail=Text("{service} 拒绝匿名登录。", "{service} refuses anonymous login."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 是否允许匿名登录。",
                "Could not tell whether {service} allows anonymous login.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 1635", "https://www.rfc-editor.org/rfc/rfc1635"),
        Reference("RFC 959 §5.4", "https://www.rfc-editor.org/rfc/rfc959#section-5.4"),
    ),
)
