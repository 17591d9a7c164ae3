"""Results made by hand: a rich one as a scan of a small office would give, a hostile one, and a very large one.

Addresses are of the documentation range (RFC 5737); nothing is ever sent to them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from checks.identification import Disagreement
from checks.model import (
    Basis,
    CheckRun,
    Confirmation,
    Evidence,
    Finding,
    Hosting,
    HostingKind,
    HostingSign,
    Reference,
    Severity,
    Status,
    Text,
    finding_key,
)
from reports.result import (
    SCHEMA,
    Citation,
    CitationRole,
    DomainResult,
    DutyResult,
    DutyStatus,
    HostResult,
    NotChecked,
    Result,
    ScanInfo,
    ServiceResult,
)
from scanner.facts import RunStatus
from scanner.records import (
    AuthorizationRecord,
    ClockStep,
    HostedRange,
    ImportRecord,
    LedgerSummary,
    NmapRun,
    Notice,
    Person,
    TableRecord,
    ToolInfo,
    Vantage,
)

STARTED = datetime(2026, 11, 23, 1, 30, 5, 120000, tzinfo=UTC)
WEB, OFFICE, DATA = "203.0.113.10", "203.0.113.20", "203.0.113.30"


def _text(zh: str, en: str) -> Text:
    return Text(zh, en)


# --------------------------------------------------------------------------- services

_LEAF = {
    "sha256": "6f1c3d7a90b2e4f58c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccdd",
    "subject": "CN=www.example.cn",
    "issuer": "CN=Example Trust DV CA, O=Example Trust, C=CN",
    "serial": "0x04a1b2c3d4e5f60718293a4b5c6d7e8f",
    "not_before": "2026-06-01T00:00:00Z",
    "not_after": "2026-12-10T23:59:59Z",
    "san": ["www.example.cn", "example.cn", "m.example.cn"],
    "key": {"type": "RSA", "bits": 2048, "curve": None},
    "signature_algorithm": "sha256WithRSAEncryption",
    "is_ca": False,
    "self_signed": False,
    "must_staple": False,
    "sct": 2,
    "key_usage": ["digitalSignature", "keyEncipherment"],
    "pem": "-----BEGIN CERTIFICATE-----\nMIIE...\n-----END CERTIFICATE-----\n",
    "error": None,
}
_MAIL_LEAF = {
    **_LEAF,
    "sha256": "11" * 32,
    "subject": "CN=mail.example.cn",
    "issuer": "CN=mail.example.cn",
    "not_before": "2024-03-01T00:00:00Z",
    "not_after": "2026-03-01T00:00:00Z",
    "san": [],
    "self_signed": True,
    "key": {"type": "RSA", "bits": 1024, "curve": None},
    "signature_algorithm": "sha1WithRSAEncryption",
}


def _service(
    ip: str,
    port: int,
    name: str,
    product: str | None = None,
    version: str | None = None,
    *,
    tls: bool = False,
    asked: str | None = None,
    transport: str = "tcp",
    facts: Mapping[str, Any] | None = None,
    hosting: Hosting | None = None,
    disagreement: Disagreement | None = None,
) -> ServiceResult:
    identity = f"{asked}@" if asked else ""
    return ServiceResult(
        id=f"{identity}{ip}:{port}/{transport}",
        host=asked or ip,
        ip=ip,
        port=port,
        transport=transport,
        name=name,
        product=product,
        version=version,
        tls=tls,
        facts={"identify": {"protocol": name, "tls": tls, "by": "protocol"}, **(facts or {})},
        hosting=hosting,
        disagreement=disagreement,
    )


CDN = Hosting(
    by=HostingSign.CNAME,
    provider=_text("阿里云 CDN", "Alibaba Cloud CDN"),
    kind=HostingKind.CDN,
    evidence=(Evidence("dns.cname", "www.example.cn → www.example.cn.w.kunlunaq.com"),),
)


SERVICES = (
    _service(
        WEB,
        443,
        "http",
        "nginx",
        "1.18.0",
        tls=True,
        asked="www.example.cn",
        hosting=CDN,
        disagreement=Disagreement("http (TLS) nginx 1.18.0", "http-proxy (TLS) Squid http proxy"),
        facts={
            "tls": {
                "protocols": ["TLSv1.0", "TLSv1.1", "TLSv1.2"],
                "refused_protocols": ["SSLv2", "SSLv3", "TLSv1.3", "TLCP"],
                "ciphers": {
                    "TLSv1.0": ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
                    "TLSv1.2": [
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                        "TLS_RSA_WITH_AES_128_CBC_SHA",
                        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                    ],
                },
                "server_preference": True,
                "dh_bits": 1024,
                "compression": False,
                "secure_renegotiation": True,
                "fallback_scsv": None,
                "certificates": [_LEAF],
                "trust": {"mozilla": "ok", "system": "ok"},
                "hostname_match": True,
                "errors": [],
            },
            "http": {
                "status": 200,
                "url": "https://www.example.cn/",
                "final_url": "https://www.example.cn/",
                "https": True,
                "headers": {"server": "nginx/1.18.0", "content-type": "text/html; charset=utf-8"},
                "cookies": [{"name": "JSESSIONID", "secure": False, "http_only": True, "same_site": None}],
                "title": "示例科技有限公司",
                "paths": {
                    "/.git/HEAD": {"status": 200, "matched": True, "proof": "ref: refs/heads/ma****"},
                    "/.env": {"status": 404, "matched": False, "proof": ""},
                },
                "filing": {
                    "icp": ["京ICP备12345678号-1"],
                    "icp_link": None,
                    "mps": [],
                    "script_rendered": False,
                },
            },
        },
    ),
    _service(WEB, 80, "http", "nginx", "1.18.0", asked="www.example.cn", facts={"http": {"status": 200}}),
    _service(
        WEB,
        22,
        "ssh",
        "OpenSSH",
        "7.4",
        facts={
            "ssh": {
                "banner": "SSH-2.0-OpenSSH_7.4",
                "protocol": "2.0",
                "kex": ["curve25519-sha256", "diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1"],
                "auth_methods": ["publickey", "password"],
            }
        },
    ),
    _service(
        OFFICE,
        25,
        "smtp",
        "Postfix",
        tls=False,
        facts={"tls": {"protocols": ["TLSv1.2"], "starttls": "smtp", "certificates": [_MAIL_LEAF]}},
    ),
    _service(
        OFFICE,
        21,
        "ftp",
        "vsftpd",
        "3.0.2",
        facts={"ftp": {"greeting": "220 (vsFTPd 3.0.2)", "anonymous": True}},
    ),
    _service(
        OFFICE,
        53,
        "dns",
        transport="udp",
        facts={"dns": {"recursion_available": True, "recursive_answer": True}},
    ),
    _service(
        DATA,
        6379,
        "redis",
        "Redis",
        "5.0.7",
        facts={"redis": {"answers": True, "auth_required": False, "version": "5.0.7"}},
    ),
    _service(
        DATA,
        3306,
        "mysql",
        "MySQL",
        "5.7.31",
        facts={"mysql": {"version": "5.7.31-log", "tls_offered": False}},
    ),
)
HTTPS, HTTP, SSH, SMTP, FTP, DNS, REDIS, MYSQL = SERVICES

# --------------------------------------------------------------------------- findings

_RULES: dict[str, tuple[Text, Text, Text, tuple[str, ...], Basis, tuple[Reference, ...]]] = {
    "tls/legacy-protocol": (
        _text("仍接受已废止的 SSL/TLS 协议版本", "Deprecated SSL/TLS versions are accepted"),
        _text(
            "TLS 1.0、TLS 1.1 已被 RFC 8996 废止，设计上的缺陷可能使传输内容被解密或篡改。",
            "TLS 1.0 and TLS 1.1 are deprecated by RFC 8996; flaws in their design can let an attacker read or change what is sent.",
        ),
        _text(
            "只保留 TLS 1.2 和 TLS 1.3。nginx：ssl_protocols TLSv1.2 TLSv1.3;　修改后重新加载服务并复测。",
            "Keep TLS 1.2 and TLS 1.3 only. nginx: ssl_protocols TLSv1.2 TLSv1.3; Reload the service and test again.",
        ),
        ("intrusion_protection", "data_protection"),
        Basis.HANDSHAKE,
        (Reference("RFC 8996", "https://www.rfc-editor.org/rfc/rfc8996"), Reference("GB/T 38636-2020")),
    ),
    "exposure/redis-open": (
        _text("Redis 无需认证即可使用", "Redis can be used without authentication"),
        _text(
            "任何能连上该端口的人都可以读取、改写其中的数据，常被用来植入挖矿程序或勒索软件。",
            "Anyone who can reach the port can read and change the data; such servers are often taken over for mining or ransom.",
        ),
        _text(
            "设置 requirepass 或 ACL，只监听内网地址（bind），并在防火墙上禁止外部访问 6379 端口。",
            "Set requirepass or ACLs, bind to an internal address, and block port 6379 from outside at the firewall.",
        ),
        ("intrusion_protection", "data_protection", "personal_information"),
        Basis.PROTOCOL_REPLY,
        (
            Reference(
                "Redis security", "https://redis.io/docs/latest/operate/oss_and_stack/management/security/"
            ),
        ),
    ),
    "exposure/ftp-anonymous": (
        _text("FTP 允许匿名登录", "FTP lets anonymous users in"),
        _text(
            "匿名用户可以列出并下载文件，内部资料可能外泄。",
            "Anonymous users can list and download files; internal material may leak.",
        ),
        _text(
            "设置 anonymous_enable=NO；确需公开的文件改用 HTTPS 提供。",
            "Set anonymous_enable=NO; serve public files over HTTPS instead.",
        ),
        ("intrusion_protection", "data_protection"),
        Basis.PROTOCOL_REPLY,
        (Reference("RFC 1635", "https://www.rfc-editor.org/rfc/rfc1635"),),
    ),
    "exposure/database-reachable": (
        _text("数据库端口可从外部访问", "A database port is reachable from outside"),
        _text(
            "数据库直接暴露会招来口令猜测和漏洞利用。",
            "A database in the open invites password guessing and exploits.",
        ),
        _text(
            "在防火墙上只允许应用服务器访问数据库端口。",
            "Let only the application servers reach the database port.",
        ),
        ("intrusion_protection", "data_protection"),
        Basis.PROTOCOL_REPLY,
        (),
    ),
    "web/git-exposed": (
        _text("网站目录中的 .git 可被读取", "The site's .git folder can be read"),
        _text(
            "源代码和其中的口令、密钥可能被整体下载。",
            "The source code, and passwords and keys in it, can be downloaded whole.",
        ),
        _text(
            "禁止访问以点开头的目录（nginx：location ~ /\\. { deny all; }），从网站根目录移走 .git，并更换已泄露的口令。",
            "Deny access to dot folders (nginx: location ~ /\\. { deny all; }), move .git out of the web root, change leaked passwords.",
        ),
        ("intrusion_protection", "vulnerability_handling"),
        Basis.HTTP,
        (Reference("CWE-527", "https://cwe.mitre.org/data/definitions/527.html"),),
    ),
    "web/hsts": (
        _text("未启用 HSTS", "HSTS is not enabled"),
        _text("首次访问可能被降级到明文 HTTP。", "The first visit can be downgraded to clear text."),
        _text(
            "添加 Strict-Transport-Security: max-age=31536000。",
            "Send Strict-Transport-Security: max-age=31536000.",
        ),
        ("intrusion_protection",),
        Basis.HTTP,
        (Reference("RFC 6797", "https://www.rfc-editor.org/rfc/rfc6797"),),
    ),
    "web/https-redirect": (
        _text("HTTP 未跳转到 HTTPS", "HTTP does not redirect to HTTPS"),
        _text(
            "通过 HTTP 访问时，内容和口令以明文传输。",
            "Over HTTP, content and passwords travel in clear text.",
        ),
        _text("把 80 端口的请求以 301 跳转到 HTTPS。", "Redirect port 80 to HTTPS with 301."),
        ("data_protection", "personal_information"),
        Basis.HTTP,
        (),
    ),
    "web/cookie-flags": (
        _text("会话 Cookie 缺少安全属性", "Session cookies lack security attributes"),
        _text("会话标识可能经明文泄露。", "The session identifier can leak over clear text."),
        _text(
            "为会话 Cookie 加上 Secure、HttpOnly、SameSite。",
            "Set Secure, HttpOnly and SameSite on session cookies.",
        ),
        ("intrusion_protection", "personal_information"),
        Basis.HTTP,
        (Reference("RFC 6265", "https://www.rfc-editor.org/rfc/rfc6265"),),
    ),
    "web/version-disclosure": (
        _text("响应头透露软件版本", "Headers disclose the software's version"),
        _text("版本号便于攻击者挑选漏洞。", "A version number helps an attacker choose."),
        _text("nginx：server_tokens off;", "nginx: server_tokens off;"),
        ("intrusion_protection",),
        Basis.HTTP,
        (),
    ),
    "certificate/expired": (
        _text("证书已过期", "The certificate has expired"),
        _text(
            "过期的证书不再证明服务器身份，用户会习惯于忽略警告。",
            "An expired certificate proves nothing, and teaches users to click warnings away.",
        ),
        _text(
            "更换证书，并设置到期前自动续期和提醒。",
            "Replace the certificate; renew automatically and be reminded before it ends.",
        ),
        ("data_protection", "commercial_cryptography"),
        Basis.HANDSHAKE,
        (Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),),
    ),
    "certificate/expires-soon": (
        _text("证书即将到期", "The certificate expires soon"),
        _text("到期后用户将无法正常访问。", "Users will be turned away once it ends."),
        _text("尽快续期。", "Renew it now."),
        ("data_protection",),
        Basis.HANDSHAKE,
        (),
    ),
    "certificate/weak-key": (
        _text("证书密钥过短", "The certificate's key is too short"),
        _text("1024 位 RSA 已不能提供足够的保护。", "1024-bit RSA no longer protects enough."),
        _text(
            "改用 RSA 2048 位以上、EC P-256 或 SM2 密钥重新申请证书。",
            "Reissue with RSA 2048 or more, EC P-256, or SM2.",
        ),
        ("data_protection", "commercial_cryptography"),
        Basis.HANDSHAKE,
        (),
    ),
    "ssh/weak-kex": (
        _text("SSH 提供弱密钥交换算法", "SSH offers weak key exchange"),
        _text(
            "diffie-hellman-group1-sha1 使用 1024 位素数。",
            "diffie-hellman-group1-sha1 uses a 1024-bit prime.",
        ),
        _text(
            "在 sshd_config 的 KexAlgorithms 中去掉该算法。", "Remove it from KexAlgorithms in sshd_config."
        ),
        ("intrusion_protection",),
        Basis.PROTOCOL_REPLY,
        (Reference("RFC 9142", "https://www.rfc-editor.org/rfc/rfc9142"),),
    ),
    "ssh/password-login": (
        _text("SSH 允许口令登录", "SSH offers password login"),
        _text("口令登录容易受到猜测。", "Passwords can be guessed."),
        _text("改用密钥登录。", "Use keys."),
        ("intrusion_protection",),
        Basis.PROTOCOL_REPLY,
        (),
    ),
    "dns/open-recursion": (
        _text("DNS 服务器为任何人递归解析", "The DNS server recurses for anyone"),
        _text("可被用来放大拒绝服务攻击。", "It can be used to amplify denial of service."),
        _text("只对内网开放递归。", "Recurse for the internal network only."),
        ("intrusion_protection",),
        Basis.DNS,
        (Reference("RFC 5358", "https://www.rfc-editor.org/rfc/rfc5358"),),
    ),
    "filing/mps-number": (
        _text("首页未见公安联网备案号", "No public-security filing number on the home page"),
        _text(
            "办理联网备案后，应在网站首页底部标明备案号。",
            "After filing, the number belongs at the foot of the home page.",
        ),
        _text(
            "在全国互联网安全管理服务平台办理备案，并在首页底部标明备案号。",
            "File on the national platform and show the number at the foot of the home page.",
        ),
        ("filing",),
        Basis.HTTP,
        (Reference("beian.mps.gov.cn", "https://beian.mps.gov.cn/"),),
    ),
    "filing/icp-number": (
        _text("首页标明 ICP 备案号", "The home page shows an ICP number"),
        _text("", ""),
        _text("", ""),
        ("filing",),
        Basis.HTTP,
        (),
    ),
    "tls/tlcp": (
        _text("是否提供国密 TLCP", "TLCP (GB/T 38636) offered or not"),
        _text(
            "涉及商用密码应用安全性评估的系统需要关注。",
            "Of interest for systems under the commercial cryptography assessment.",
        ),
        _text(
            "按商用密码应用方案配置国密证书。", "Configure SM2 certificates as the cryptography plan says."
        ),
        ("commercial_cryptography",),
        Basis.HANDSHAKE,
        (),
    ),
    "mail/starttls": (
        _text("SMTP 提供 STARTTLS", "SMTP offers STARTTLS"),
        _text("", ""),
        _text("", ""),
        ("data_protection",),
        Basis.PROTOCOL_REPLY,
        (),
    ),
}


def _finding(
    check: str,
    service: ServiceResult,
    outcome: str,
    status: Status,
    severity: Severity,
    detail: Text,
    *evidence: Evidence,
    looks: int = 1,
    ledger: tuple[int, ...] = (),
    confirmation: Confirmation = Confirmation.UNVERIFIED,
) -> Finding:
    title, rationale, remediation, duties, basis, references = _RULES[check]
    label = f"{service.host}:{service.port}" + ("/udp" if service.transport == "udp" else "")
    return Finding(
        key=finding_key(check, service.id, outcome),
        check=check,
        outcome=outcome,
        subject=service.id,
        subject_label=label,
        target=service.host,
        status=status,
        basis=basis,
        confirmation=confirmation,
        severity=severity,
        title=title,
        detail=detail,
        rationale=rationale,
        remediation=remediation,
        evidence=evidence,
        duties=duties,
        references=references,
        seen=STARTED + timedelta(minutes=3, seconds=service.port % 50),
        looks=looks,
        ledger=ledger,
        hosting=service.hosting,
    )


F, W, I, P = Status.FAIL, Status.WARN, Status.INFO, Status.PASS  # noqa: E741
FINDINGS = (
    _finding(
        "exposure/redis-open",
        REDIS,
        "open",
        F,
        Severity.CRITICAL,
        _text(
            "对 PING 的应答是 +PONG，没有要求认证；应当要求认证。",
            "PING was answered with +PONG and no authentication was asked for; wanted: authentication.",
        ),
        Evidence("redis.auth_required", "false"),
        Evidence("redis.version", "5.0.7"),
        looks=2,
        ledger=(118, 164),
    ),
    _finding(
        "web/git-exposed",
        HTTPS,
        "readable",
        F,
        Severity.HIGH,
        _text(
            "/.git/HEAD 可以读取，内容为 Git 引用；应当返回 403 或 404。",
            "/.git/HEAD can be read and is a Git reference; wanted: 403 or 404.",
        ),
        Evidence("http.paths./.git/HEAD", "200, ref: refs/heads/ma****"),
        looks=2,
        ledger=(61, 62, 170),
    ),
    _finding(
        "tls/legacy-protocol",
        HTTPS,
        "old_tls_offered",
        F,
        Severity.MEDIUM,
        _text(
            "该服务接受 TLSv1.0, TLSv1.1；应只接受 TLSv1.2、TLSv1.3。",
            "The service accepts TLSv1.0, TLSv1.1; wanted: TLSv1.2 and TLSv1.3 only.",
        ),
        Evidence("tls.protocols", "TLSv1.0, TLSv1.1, TLSv1.2"),
        looks=2,
        ledger=(31, 32, 33, 34, 160),
    ),
    _finding(
        "certificate/expired",
        SMTP,
        "expired",
        F,
        Severity.HIGH,
        _text(
            "证书有效期至 2026-03-01，扫描时已过期 267 天。",
            "The certificate ended on 2026-03-01, 267 days before the scan.",
        ),
        Evidence("tls.certificates[0].not_after", "2026-03-01T00:00:00Z"),
        looks=2,
        ledger=(90,),
    ),
    _finding(
        "certificate/weak-key",
        SMTP,
        "rsa_short",
        F,
        Severity.HIGH,
        _text("RSA 密钥为 1024 位；应不少于 2048 位。", "The RSA key has 1024 bits; wanted: 2048 or more."),
        Evidence("tls.certificates[0].key", "RSA 1024"),
        looks=2,
        ledger=(90,),
    ),
    _finding(
        "exposure/ftp-anonymous",
        FTP,
        "anonymous",
        F,
        Severity.HIGH,
        _text(
            "USER anonymous 后得到 230；应当拒绝匿名登录。",
            "USER anonymous was answered with 230; wanted: refusal.",
        ),
        Evidence("ftp.anonymous", "true"),
        looks=2,
        ledger=(104, 171),
        confirmation=Confirmation.CONFIRMED_ON_SITE,
    ),
    _finding(
        "exposure/database-reachable",
        MYSQL,
        "reachable",
        W,
        Severity.HIGH,
        _text(
            "3306 端口返回 MySQL 5.7.31 握手包；应当不能从外部访问。",
            "Port 3306 answered with a MySQL 5.7.31 handshake; wanted: not reachable from outside.",
        ),
        Evidence("mysql.version", "5.7.31-log"),
        looks=2,
        ledger=(121,),
    ),
    _finding(
        "exposure/database-reachable",
        REDIS,
        "reachable",
        W,
        Severity.HIGH,
        _text(
            "6379 端口返回 Redis 应答；应当不能从外部访问。",
            "Port 6379 answered as Redis; wanted: not reachable from outside.",
        ),
        Evidence("redis.answers", "true"),
        looks=2,
        ledger=(118,),
    ),
    _finding(
        "dns/open-recursion",
        DNS,
        "open",
        W,
        Severity.MEDIUM,
        _text(
            "为本机解析了它并不负责的域名；应当只对内网递归。",
            "It resolved a name it is not authoritative for; wanted: recursion for insiders only.",
        ),
        Evidence("dns.recursive_answer", "true"),
        looks=2,
        ledger=(110,),
    ),
    _finding(
        "web/https-redirect",
        HTTP,
        "no_redirect",
        W,
        Severity.MEDIUM,
        _text("80 端口直接返回 200；应当跳转到 HTTPS。", "Port 80 answers 200; wanted: a redirect to HTTPS."),
        Evidence("http.status", "200"),
        looks=2,
        ledger=(40,),
    ),
    _finding(
        "web/cookie-flags",
        HTTPS,
        "missing",
        W,
        Severity.MEDIUM,
        _text("JSESSIONID 缺少 Secure、SameSite。", "JSESSIONID lacks Secure and SameSite."),
        Evidence("http.cookies", "JSESSIONID; HttpOnly"),
        looks=2,
        ledger=(60,),
    ),
    _finding(
        "ssh/weak-kex",
        SSH,
        "weak",
        W,
        Severity.LOW,
        _text(
            "提供 diffie-hellman-group1-sha1；应去掉。",
            "Offers diffie-hellman-group1-sha1; wanted: not offered.",
        ),
        Evidence("ssh.kex", "curve25519-sha256, diffie-hellman-group14-sha1, diffie-hellman-group1-sha1"),
        looks=2,
        ledger=(80,),
    ),
    _finding(
        "web/hsts",
        HTTPS,
        "missing",
        W,
        Severity.LOW,
        _text("响应中没有 Strict-Transport-Security。", "No Strict-Transport-Security in the answer."),
        Evidence("http.headers.strict-transport-security", ""),
        looks=2,
        ledger=(60,),
    ),
    _finding(
        "web/version-disclosure",
        HTTPS,
        "shown",
        W,
        Severity.LOW,
        _text("Server: nginx/1.18.0；应不含版本号。", "Server: nginx/1.18.0; wanted: no version."),
        Evidence("http.server", "nginx/1.18.0"),
        looks=2,
        ledger=(60,),
    ),
    _finding(
        "web/version-disclosure",
        HTTP,
        "shown",
        W,
        Severity.LOW,
        _text("Server: nginx/1.18.0；应不含版本号。", "Server: nginx/1.18.0; wanted: no version."),
        Evidence("http.server", "nginx/1.18.0"),
        looks=2,
        ledger=(40,),
        confirmation=Confirmation.REFUTED,
    ),
    _finding(
        "certificate/expires-soon",
        HTTPS,
        "soon",
        W,
        Severity.LOW,
        _text(
            "证书有效期至 2026-12-10，还有 17 天；应提前 30 天续期。",
            "The certificate ends on 2026-12-10, in 17 days; wanted: renewed 30 days ahead.",
        ),
        Evidence("tls.certificates[0].not_after", "2026-12-10T23:59:59Z"),
        ledger=(31,),
    ),
    _finding(
        "filing/mps-number",
        HTTPS,
        "missing",
        W,
        Severity.LOW,
        _text(
            "首页未见公安联网备案号；已备案的应在首页底部标明。",
            "No public-security filing number on the home page; wanted: shown at its foot once filed.",
        ),
        Evidence("http.filing.mps", ""),
        looks=2,
        ledger=(60,),
    ),
    _finding(
        "tls/tlcp",
        HTTPS,
        "not_offered",
        I,
        Severity.INFO,
        _text("不提供 TLCP（GB/T 38636）。", "TLCP (GB/T 38636) is not offered."),
        Evidence("tls.refused_protocols", "SSLv2, SSLv3, TLSv1.3, TLCP"),
        ledger=(37,),
    ),
    _finding(
        "ssh/password-login",
        SSH,
        "offered",
        I,
        Severity.INFO,
        _text("服务器接受口令方式。", "The server accepts the password method."),
        Evidence("ssh.auth_methods", "publickey, password"),
        ledger=(80,),
    ),
    _finding(
        "tls/legacy-protocol",
        SMTP,
        "undecided",
        Status.INCONCLUSIVE,
        Severity.INFO,
        _text("未能判断是否接受 SSLv2, SSLv3。", "Could not tell whether SSLv2, SSLv3 is accepted."),
        Evidence("tls.protocols", "TLSv1.2"),
        looks=2,
        ledger=(90, 91, 92),
    ),
    _finding(
        "web/hsts",
        HTTP,
        "changed",
        Status.INCONCLUSIVE,
        Severity.INFO,
        _text("两次查看的结果不同。", "Two looks gave two answers."),
        looks=2,
        ledger=(40, 161),
    ),
    _finding(
        "filing/icp-number",
        HTTPS,
        "shown",
        P,
        Severity.INFO,
        _text("首页标明京ICP备12345678号-1。", "The home page shows 京ICP备12345678号-1."),
        Evidence("http.filing.icp", "京ICP备12345678号-1"),
        ledger=(60,),
    ),
    _finding(
        "certificate/expired",
        HTTPS,
        "valid",
        P,
        Severity.INFO,
        _text("证书在有效期内。", "The certificate is within its validity."),
        ledger=(31,),
    ),
    _finding(
        "certificate/weak-key",
        HTTPS,
        "strong",
        P,
        Severity.INFO,
        _text("RSA 2048 位。", "RSA 2048."),
        ledger=(31,),
    ),
    _finding(
        "mail/starttls",
        SMTP,
        "offered",
        P,
        Severity.INFO,
        _text("提供 STARTTLS。", "STARTTLS is offered."),
        ledger=(89,),
    ),
    _finding(
        "tls/tlcp",
        SMTP,
        "not_run",
        Status.NOT_APPLICABLE,
        Severity.INFO,
        _text("该服务不适用。", "Does not apply to this service."),
    ),
    _finding(
        "ssh/password-login",
        FTP,
        "fault",
        Status.ERROR,
        Severity.INFO,
        _text("检查程序出错。", "The check itself failed."),
    ),
)

# --------------------------------------------------------------------------- duties

_CSL = ("中华人民共和国网络安全法", "csl", "2025年修正")
_O176 = ("公安机关网络空间安全监督检查办法", "order-176", "公安部令第176号")
_O151 = ("公安机关互联网安全监督检查规定", "order-151", "公安部令第151号")
_NO_TEXT = _text(
    "该办法的条文原文尚未录入，只列名称；可用 zijian law import 录入官方文本。",
    "The text of this instrument has not been entered; only its name is given. zijian law import adds the official text.",
)
_REPLACED = _text(
    "原依据：自2026年10月1日起由《公安机关网络空间安全监督检查办法》（公安部令第176号）取代，列出供衔接参照，不是现行依据。",
    "Former basis: replaced from 2026-10-01; shown for continuity, not as the law in force.",
)
_O151_TEXT = "公安机关应当根据互联网服务提供者和联网使用单位履行法定网络安全义务的实际情况，依照国家有关规定和标准，对下列内容进行监督检查：\n……\n（四）是否采取防范计算机病毒和网络攻击、网络侵入等技术措施；"
_CSL23_2 = "国家实行网络安全等级保护制度。网络运营者应当按照网络安全等级保护制度的要求，履行下列安全保护义务，保障网络免受干扰、破坏或者未经授权的访问，防止网络数据泄露或者被窃取、篡改：\n……\n（二）采取防范计算机病毒和网络攻击、网络侵入等危害网络安全行为的技术措施；"
_CSL61_1 = "网络运营者不履行本法第二十三条、第二十七条规定的网络安全保护义务的，由有关主管部门责令改正，给予警告，可以处一万元以上五万元以下罚款；拒不改正或者导致危害网络安全等后果的，处五万元以上五十万元以下罚款，对直接负责的主管人员和其他直接责任人员处一万元以上十万元以下罚款。"


def _cite(
    law: tuple[str, str, str],
    article: str,
    role: CitationRole,
    text: str | None = None,
    former: str = "",
    note: Text | None = None,
) -> Citation:
    return Citation(
        instrument=law[0],
        instrument_key=law[1],
        version=law[2],
        article=article,
        role=role,
        text=text,
        verified=text is not None,
        source="全国人民代表大会常务委员会公报2025年第6号" if text else "",
        former=former,
        note=note,
    )


_DUTIES: tuple[tuple[str, str, str, DutyStatus, str, str, str, str], ...] = (
    (
        "filing",
        "联网单位备案",
        "Filing of networked units",
        DutyStatus.AT_RISK,
        "第十二条",
        "第十条第（一）项",
        "首页未见公安联网备案号，备案情况需现场核实。",
        "No filing number was seen on the home page; the filing itself is to be verified on site.",
    ),
    (
        "management",
        "安全管理制度和负责人",
        "Management rules and responsible person",
        DutyStatus.VERIFY_ON_SITE,
        "第二十三条第（一）项",
        "第十条第（二）项",
        "制度和人员无法从外部看到。",
        "Rules and people cannot be seen from outside.",
    ),
    (
        "log_retention",
        "留存用户注册信息和上网日志",
        "Retention of registration data and logs",
        DutyStatus.VERIFY_ON_SITE,
        "第二十三条第（三）项",
        "第十条第（三）项",
        "日志留存无法从外部看到，可用 zijian logs verify 核验。",
        "Retention cannot be seen from outside; zijian logs verify can check the logs.",
    ),
    (
        "intrusion_protection",
        "防范计算机病毒和网络攻击、网络侵入",
        "Protection against viruses, attack and intrusion",
        DutyStatus.NONCONFORMING,
        "第二十三条第（二）项",
        "第十条第（四）项",
        "有服务无需认证即可使用，有源代码可被读取。",
        "A service can be used without authentication, and source code can be read.",
    ),
    (
        "content_control",
        "违法信息防范",
        "Prevention of unlawful content",
        DutyStatus.VERIFY_ON_SITE,
        "第四十九条",
        "第十条第（五）项",
        "信息发布管理措施无法从外部看到。",
        "Publishing control cannot be seen from outside.",
    ),
    (
        "support",
        "技术支持和协助",
        "Technical support and assistance",
        DutyStatus.VERIFY_ON_SITE,
        "第三十条",
        "第十条第（六）项",
        "需查阅协助机制和联系人。",
        "The arrangement and the contact are to be looked at.",
    ),
    (
        "mlps",
        "网络安全等级保护",
        "Multi-level protection",
        DutyStatus.VERIFY_ON_SITE,
        "第二十三条",
        "第十条第（七）项",
        "定级、备案和测评材料需现场核实。",
        "Grading, filing and assessment papers are verified on site.",
    ),
    (
        "access_ip_allocation",
        "记录网络地址分配使用情况",
        "Record of address allocation",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（一）项",
        "不提供互联网接入服务。",
        "It provides no Internet access.",
    ),
    (
        "idc_tenants",
        "记录主机托管、租用用户信息",
        "Record of data-centre tenants",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（二）项",
        "不提供互联网数据中心服务。",
        "It provides no data-centre service.",
    ),
    (
        "domain_records",
        "记录域名申请、变动信息",
        "Record of domain registrations",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（三）项",
        "不提供域名服务。",
        "It provides no domain service.",
    ),
    (
        "publishing_control",
        "用户发布信息管理",
        "Control of published content",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（四）项",
        "不提供信息发布服务。",
        "It offers no publishing.",
    ),
    (
        "cdn_origin_mapping",
        "记录内容分发与源站对应情况",
        "Record of CDN and origin",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（五）项",
        "不提供内容分发服务。",
        "It provides no content distribution.",
    ),
    (
        "public_wifi_protection",
        "公共上网服务安全保护技术措施",
        "Protection of public Internet access",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十一条第（六）项",
        "不提供公共上网服务。",
        "It provides no public access.",
    ),
    (
        "event_plan",
        "重大保卫任务工作方案",
        "Plan for major events",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十二条第（一）项",
        "本次检查不属于专项检查。",
        "Not a special inspection.",
    ),
    (
        "event_risk_assessment",
        "重大保卫任务风险评估",
        "Risk assessment for major events",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十二条第（二）项",
        "本次检查不属于专项检查。",
        "Not a special inspection.",
    ),
    (
        "event_emergency",
        "重大保卫任务应急预案和演练",
        "Emergency plan for major events",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十二条第（三）项",
        "本次检查不属于专项检查。",
        "Not a special inspection.",
    ),
    (
        "event_other_measures",
        "重大保卫任务其他防范措施",
        "Other measures for major events",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十二条第（四）项",
        "本次检查不属于专项检查。",
        "Not a special inspection.",
    ),
    (
        "event_reporting",
        "重大保卫任务报告",
        "Reporting for major events",
        DutyStatus.NOT_APPLICABLE,
        "",
        "第十二条第（五）项",
        "本次检查不属于专项检查。",
        "Not a special inspection.",
    ),
    (
        "vulnerability_handling",
        "漏洞和风险处置",
        "Handling of vulnerabilities",
        DutyStatus.NONCONFORMING,
        "第二十七条",
        "",
        "源代码目录可被读取，未及时处置。",
        "A source folder is readable and was not dealt with.",
    ),
    (
        "personal_information",
        "个人信息保护",
        "Protection of personal information",
        DutyStatus.AT_RISK,
        "第四十四条第二款",
        "",
        "含会话和数据的服务存在泄露风险；其中是否有个人信息需现场核实。",
        "Services with sessions and data may leak; whether they hold personal information is verified on site.",
    ),
    (
        "data_protection",
        "数据安全保护",
        "Protection of data",
        DutyStatus.NONCONFORMING,
        "第二十三条第（四）项",
        "",
        "传输加密存在不符合。",
        "Encryption of traffic does not conform.",
    ),
    (
        "commercial_cryptography",
        "商用密码应用",
        "Use of commercial cryptography",
        DutyStatus.AT_RISK,
        "",
        "",
        "证书密钥过短；国密应用情况需按密评要求核实。",
        "A key is too short; use of SM algorithms is verified by the cryptography assessment.",
    ),
    (
        "incident_reporting",
        "网络安全事件报告",
        "Reporting of incidents",
        DutyStatus.VERIFY_ON_SITE,
        "第二十七条",
        "",
        "预案和报告记录需现场核实。",
        "Plan and records are verified on site.",
    ),
    (
        "cooperation",
        "配合监督检查",
        "Cooperation with inspection",
        DutyStatus.NO_PROBLEM_FOUND,
        "第五十一条",
        "",
        "扫描期间未见阻挠。",
        "No obstruction was seen during the scan.",
    ),
)


def _duties(findings: tuple[Finding, ...]) -> tuple[DutyResult, ...]:
    results = []
    for key, zh, en, status, article, old, reason_zh, reason_en in _DUTIES:
        citations = []
        if article:
            quoted = _CSL23_2 if key == "intrusion_protection" else None
            former = (
                "原第二十一条" + article.removeprefix("第二十三条")
                if article.startswith("第二十三条")
                else ""
            )
            citations.append(_cite(_CSL, article, CitationRole.DUTY, quoted, former))
            citations.append(
                _cite(_CSL, "第六十一条第一款", CitationRole.PENALTY, _CSL61_1, "原第五十九条第一款")
            )
        citations.append(_cite(_O176, "", CitationRole.INSPECTION, None, "", _NO_TEXT))
        if old:
            text = _O151_TEXT if key == "intrusion_protection" else None
            repealed = _cite(_O151, old, CitationRole.INSPECTION, text, "", _REPLACED)
            citations.append(dataclasses.replace(repealed, in_force=False))
        bearing = sorted(
            (f for f in findings if key in f.duties), key=lambda f: (not f.status.deviates, -f.severity.rank)
        )
        results.append(
            DutyResult(
                key=key,
                name=_text(zh, en),
                status=status,
                reason=_text(reason_zh, reason_en),
                findings=tuple(f.key for f in bearing) if status is not DutyStatus.NOT_APPLICABLE else (),
                citations=tuple(citations),
                verification=_text(
                    "远程检测可见一部分；其余查阅材料并现场核实。",
                    "Partly seen by remote check; the rest from papers and on site.",
                ),
                questions=(
                    _text(
                        "请出示有关制度文件，说明最近一次修订的时间。",
                        "Please show the written rules and say when they were last revised.",
                    ),
                    _text(
                        "由谁负责？请说明联系方式和职责。",
                        "Who is responsible? Please give contact and tasks.",
                    ),
                )
                if status is not DutyStatus.NOT_APPLICABLE
                else (),
            )
        )
    return tuple(results)


# --------------------------------------------------------------------------- authorisation and the whole

SELF = AuthorizationRecord(
    hosted=(HostedRange(name="某云负载均衡", networks=("203.0.113.30/32",), kind="load_balancer"),),
    mode="self",
    authorized_by="王小明",
    statement="本人声明：示例科技有限公司授权对下列目标进行网络安全自检。",
    object_name="示例科技有限公司",
    object_credit_code="91110108MA00000000",
    targets=("www.example.cn", "203.0.113.20/31", "203.0.113.30"),
    addresses=(WEB, OFFICE, "203.0.113.21", DATA),
    exclude=("203.0.113.25",),
)
POLICE = AuthorizationRecord(
    mode="police",
    object_name="示例科技有限公司",
    object_credit_code="91110108MA00000000",
    unit="某市公安局网络安全保卫支队",
    notice=Notice(
        kind="notice",
        number="某公网安检通字〔2026〕第12号",
        issued=date(2026, 11, 18),
        not_before=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
        not_after=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    ),
    officers=(
        Person(name="张警官", number="012345", unit="网安支队一大队"),
        Person(name="李警官", number="012346", unit="网安支队一大队"),
    ),
    company="某网络安全服务有限公司",
    company_staff=(Person(name="赵工", number="CISP-0001", unit="检测部"),),
    critical_infrastructure=True,
    cii_approval="某保护工作部门授权函〔2026〕3号",
    protection_level=3,
    targets=("www.example.cn", "203.0.113.20/31", "203.0.113.30"),
    addresses=(WEB, OFFICE, "203.0.113.21", DATA),
    exclude=("203.0.113.25",),
    scope_sha256="ab" * 32,
)

_LEDGER = LedgerSummary(
    outsiders=("OCSP, ocsp.example.cn:80 (198.51.100.80:80)",),
    clock=(
        ClockStep(at=datetime(2026, 11, 23, 2, 10, tzinfo=UTC), seconds=86_400.0),
        ClockStep(at=datetime(2026, 11, 23, 2, 11, tzinfo=UTC), seconds=-86_400.0),
    ),
    connections=176,
    nmap_runs=2,
    bytes_sent=91_240,
    bytes_received=1_482_331,
    peak_rate=4.0,
    refusals=2,
    head_hash="c0ffee" * 10 + "abcd",
    records=358,
    outcomes={"ok": 151, "refused": 9, "timeout": 6, "closed": 8, "cancelled": 2},
    per_minute={
        (STARTED + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%MZ"): count
        for minute, count in enumerate((4, 18, 31, 27, 29, 22, 0, 16, 14, 9, 6))
        if count
    },
    nmap=(
        NmapRun(
            command="nmap -sS -T3 --max-rate 50 -p 1-1024,3306,6379 -oX - 203.0.113.10 203.0.113.20 203.0.113.30",
            started=STARTED,
            finished=STARTED + timedelta(seconds=84),
            packets_sent=3_411,
            packets_received=3_380,
            outcome="ok",
        ),
        NmapRun(
            command="nmap -sU -T3 --max-rate 20 -p 53,123,161 -oX - 203.0.113.20",
            started=STARTED + timedelta(seconds=90),
            finished=None,
            packets_sent=None,
            packets_received=None,
            outcome="interrupted",
        ),
    ),
)

_NOT_CHECKED = (
    NotChecked(
        what="host",
        subject="203.0.113.21",
        name="",
        status="failed",
        reason="unreachable",
        message="no answer from the host",
    ),
    NotChecked(
        what="target",
        subject="203.0.113.25",
        name="",
        status="skipped",
        reason="excluded",
        message="excluded by the scope file",
    ),
    NotChecked(
        what="target",
        subject="https://cdn.example.net/",
        name="",
        status="skipped",
        reason="out_of_scope",
        message="redirect target is outside the scope",
    ),
    NotChecked(
        what="discovery",
        subject="203.0.113.30",
        name="udp",
        status="skipped",
        reason="no_permission",
        message="UDP needs raw sockets",
    ),
    NotChecked(
        what="probe",
        subject=MYSQL.id,
        name="tls",
        status="failed",
        reason="timeout",
        message="silent after ClientHello",
    ),
    NotChecked(
        what="check",
        subject=MYSQL.id,
        name="tls/legacy-protocol",
        status="skipped",
        reason="probe_failed:timeout",
    ),
)
_CHECKS = (
    *(CheckRun(check=f.check, subject=f.subject, status=RunStatus.COMPLETED) for f in FINDINGS),
    CheckRun(
        check="tls/legacy-protocol", subject=MYSQL.id, status=RunStatus.SKIPPED, reason="probe_failed:timeout"
    ),
    CheckRun(check="ssh/weak-kex", subject=HTTP.id, status=RunStatus.SKIPPED, reason="not_applicable"),
    CheckRun(check="ssh/weak-kex", subject=FTP.id, status=RunStatus.SKIPPED, reason="not_applicable"),
    CheckRun(check="dns/open-recursion", subject=HTTP.id, status=RunStatus.SKIPPED, reason="not_applicable"),
    CheckRun(check="mail/spf", subject=SMTP.id, status=RunStatus.SKIPPED, reason="not_selected"),
    CheckRun(
        check="ssh/password-login",
        subject=FTP.id,
        status=RunStatus.FAILED,
        reason="tool_fault",
        message="ValueError: unexpected",
    ),
)


def rich(mode: str = "self") -> Result:
    """What a scan of a small office gives, in either mode."""
    return Result(
        schema=SCHEMA,
        scan=ScanInfo(
            id="20261123-0930-7f3a",
            mode=mode,
            started=STARTED,
            finished=STARTED + timedelta(minutes=11, seconds=12),
            law_date=date(2026, 11, 23),
            profile="standard",
            authorization=POLICE if mode == "police" else SELF,
            tool=ToolInfo(
                version="0.1.0",
                nmap="7.93",
                python="3.11.7",
                openssl="OpenSSL 3.0.17",
                rules="9d" * 32,
                tables=(
                    TableRecord(
                        name="lifecycle",
                        date=date(2025, 10, 1),
                        sha256="7e" * 32,
                        entries=29,
                        imported_by="张三",
                        imported=STARTED,
                        old=True,
                    ),
                ),
            ),
            vantage=Vantage(source_addresses=("198.51.100.7",), inside=False, privileged=True),
            status="completed" if mode == "self" else "partial",
            status_reason="" if mode == "self" else "1 台主机没有应答",
            options={"ports": "1-1024,3306,6379", "rate": "4"},
        ),
        hosts=(
            HostResult(
                target="www.example.cn",
                ip=WEB,
                names=("www.example.cn",),
                up=True,
                ports_open=("22/tcp", "80/tcp", "443/tcp"),
            ),
            HostResult(
                target="203.0.113.20/31", ip=OFFICE, up=True, ports_open=("21/tcp", "25/tcp", "53/udp")
            ),
            HostResult(target="203.0.113.20/31", ip="203.0.113.21", up=False, note="没有应答"),
            HostResult(
                target="203.0.113.30",
                ip=DATA,
                names=("db.example.cn",),
                up=True,
                ports_open=("3306/tcp", "6379/tcp"),
            ),
        ),
        services=SERVICES,
        findings=FINDINGS,
        duties=_duties(FINDINGS),
        ledger=_LEDGER,
        checks=_CHECKS,
        not_checked=_NOT_CHECKED,
        imports=(
            ImportRecord(
                format="nuclei-jsonl",
                file="nuclei-office.jsonl",
                sha256="5c" * 32,
                tool="nuclei",
                version="3.3.0",
                ran=STARTED - timedelta(hours=2),
                imported_by="李四",
                imported=STARTED + timedelta(hours=1),
                taken=7,
                refused=3,
                outside_window=2,
            ),
        ),
    )


def empty() -> Result:
    """A scan that was stopped before it saw anything."""
    base = rich()
    return dataclasses.replace(
        base,
        scan=dataclasses.replace(
            base.scan, finished=None, status="interrupted", status_reason="Ctrl-C", options={}
        ),
        hosts=(),
        services=(),
        findings=(),
        duties=(),
        ledger=LedgerSummary(),
        checks=(),
        not_checked=(),
    )


def large(hosts: int = 200, findings: int = 5000) -> Result:
    """A city's worth of one kind of service: ``hosts`` hosts and ``findings`` findings over all sample rules."""
    base = rich()
    services = []
    for number in range(hosts):
        for service in SERVICES[:5]:
            ip = f"10.{number // 250}.{number % 250}.{1}"
            services.append(
                dataclasses.replace(service, ip=ip, host=ip, id=f"{ip}:{service.port}/{service.transport}")
            )
    many = []
    for number in range(findings):
        model = FINDINGS[number % len(FINDINGS)]
        service = services[number % len(services)]
        label = f"{service.ip}:{service.port}"
        many.append(
            dataclasses.replace(
                model,
                subject=service.id,
                subject_label=label,
                target=service.ip,
                key=finding_key(model.check, f"{service.id}#{number}", model.outcome),
            )
        )
    found = tuple(many)
    return dataclasses.replace(
        base,
        hosts=tuple(
            HostResult(target=f"10.0.0.0/{16}", ip=s.ip, up=True, ports_open=("443/tcp",))
            for s in services[::5]
        ),
        services=tuple(services),
        findings=found,
        duties=_duties(found),
        checks=tuple(CheckRun(check=f.check, subject=f.subject, status=RunStatus.COMPLETED) for f in found)
        + tuple(
            CheckRun(check=check, subject=s.id, status=RunStatus.SKIPPED, reason="not_applicable")
            for check in _RULES
            for s in services[::4]
        ),
    )


ATTACKS = (
    "<script>window.__pwned=1</script>",
    "</script><script>window.__pwned=1</script>",
    "</style><script>window.__pwned=1</script>",
    "</title></textarea><img src=x onerror=window.__pwned=1>",
    '"><svg onload=window.__pwned=1>',
    "' onmouseover='window.__pwned=1' autofocus onfocus='window.__pwned=1",
    "javascript:window.__pwned=1",
    "JaVaScRiPt\t:alert(1)",
    "data:text/html,<script>window.__pwned=1</script>",
    "http://198.51.100.99/beacon.png",
    'https://user:pass@198.51.100.99/" onclick="window.__pwned=1',
    "<iframe src=http://198.51.100.99/></iframe><link rel=stylesheet href=http://198.51.100.99/x.css>",
    "<meta http-equiv=refresh content='0;url=http://198.51.100.99/'><base href=http://198.51.100.99/>",
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "\x1b[31mred\x1b[0m\x1b]8;;http://198.51.100.99/\x07link\x1b]8;;\x07",
    "nul\x00byte\x07bell\x85next\x9bcsi",
    "\u202egnp.exe\u2066 \u200b\u2028\u2029 \u05d0\u05d1\u05d2 \u0627\u0644",
    "lone \ud800 surrogate \udfff",
    "x" * 200_000,
    "𠮷" * 5_000 + "<!--" + "-->" + "]]>",
    "e\u0301" + "\u0300" * 2_000,
    "a{}b{0}c{title}%s%n",
)


def hostile() -> Result:
    """The rich police result with an attack in every place where a string of any origin can stand."""
    count = 0

    def attack() -> str:
        nonlocal count
        count += 1
        return ATTACKS[count % len(ATTACKS)]

    def spoil(value: Any) -> Any:
        if isinstance(value, Enum) or value is None or isinstance(value, (bool, int, float, date)):
            return value
        if isinstance(value, str):
            return attack()
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{f.name: spoil(getattr(value, f.name)) for f in dataclasses.fields(value)}
            )
        if isinstance(value, Mapping):
            return {f"{attack()[:300]}{number}": spoil(item) for number, item in enumerate(value.values())}
        return type(value)(spoil(item) for item in value)

    base = rich("police")
    spoiled: Result = spoil(base)
    # Keep the joints, so that every section is filled: what refers to what, the mode, the probes that charts read.
    ids = [service.id for service in spoiled.services]
    findings = tuple(
        dataclasses.replace(
            finding,
            subject=ids[number % len(ids)],
            references=tuple(Reference(title, title) for title in ATTACKS),
        )
        for number, finding in enumerate(spoiled.findings)
    )
    services = tuple(
        dataclasses.replace(
            new, facts={"tls": {"certificates": [{**_LEAF, "subject": attack()}, attack()]}, **new.facts}
        )
        for new in spoiled.services
    )
    return dataclasses.replace(
        spoiled,
        schema=SCHEMA,
        scan=dataclasses.replace(
            spoiled.scan,
            mode="police",
            authorization=dataclasses.replace(spoiled.scan.authorization, mode="police"),
        ),
        services=services,
        findings=findings,
        duties=tuple(
            dataclasses.replace(duty, findings=tuple(f.key for f in findings)) for duty in spoiled.duties
        ),
    )


def flooded() -> Result:
    """The hostile result, and a service that answers with ten megabytes."""
    base = hostile()
    flood = "=cmd|' /C calc'!A0" + "\x1b]0;x\x07\u202e\x00<b>A</b>" * 400_000
    service = dataclasses.replace(
        base.services[0], product=flood, version=flood, facts={"http": {"title": flood}}
    )
    finding = base.findings[0]
    text = dataclasses.replace(finding.detail, zh=flood, en=flood)
    evidence = tuple(dataclasses.replace(item, value=flood) for item in finding.evidence)
    loud = dataclasses.replace(finding, detail=text, evidence=evidence, subject_label=flood)
    return dataclasses.replace(
        base, services=(service, *base.services[1:]), findings=(loud, *base.findings[1:])
    )


def with_unasked(count: int) -> Result:
    """The rich result, and on one of its hosts so many ports that are open and were not asked, as a tarpit's are."""
    base = rich()
    unasked = tuple(
        ServiceResult(
            id=f"{DATA}:{port}/tcp",
            host=DATA,
            ip=DATA,
            port=port,
            transport="tcp",
            name=None,
            product=None,
            version=None,
            tls=False,
            facts={"nmap": {"state": "open"}},
            asked=False,
        )
        for port in range(20000, 20000 + count)
    )
    return dataclasses.replace(base, services=(*base.services, *unasked))


def with_domain() -> Result:
    """The rich result, one of its findings made on a domain."""
    base = rich()
    domain = DomainResult(id="domain:example.cn", name="example.cn", facts={"dns": {"caa": []}})
    first, *rest = base.findings
    moved = dataclasses.replace(first, subject=domain.id, subject_label=domain.name)
    return dataclasses.replace(base, findings=(moved, *rest), domains=(domain,))
