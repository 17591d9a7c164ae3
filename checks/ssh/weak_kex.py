"""Weak key exchange methods are offered over SSH.

How it is seen: the method names in the server's SSH_MSG_KEXINIT. How it is judged: methods with a 1024-bit group or key
can be broken by a strong attacker, and offering one is a failure; methods that rest on SHA-1 are a weakness (RFC 9142).
Names that are no methods but signals (ext-info-s, kex-strict-s) are passed over. What it cannot show: which method real
clients agree on, and the size of a group that is chosen during a group exchange.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_BROKEN = re.compile(r"diffie-hellman-group1-sha1|rsa1024-sha1|gss-group1-sha1-.*")
_SHA1 = re.compile(
    r"diffie-hellman-group14-sha1|diffie-hellman-group-exchange-sha1|gss-gex-sha1-.*|gss-group14-sha1-.*"
)
_SIGNALS = re.compile(r"ext-info-[cs]|kex-strict-[cs]-v00@openssh\.com")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield the worst of what is offered."""
    facts = service.need(SshFacts)
    methods = [name for name in facts.kex if not _SIGNALS.fullmatch(name)]
    broken = [name for name in methods if _BROKEN.fullmatch(name)]
    sha1 = [name for name in methods if _SHA1.fullmatch(name)]
    evidence = (Evidence("ssh.kex", ", ".join(facts.kex)),)
    values = {"service": service.endpoint.label, "weak": ", ".join(broken + sha1)}
    if broken:
        yield Outcome("broken", values, evidence)
    elif sha1:
        yield Outcome("sha1", values, evidence)
    elif methods:
        yield Outcome("strong", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="ssh/weak-kex",
    title=Text("SSH 提供弱密钥交换算法", "Weak key exchange methods over SSH"),
    rationale=Text(
        "密钥交换决定整个会话的保密性。1024 位的群可以被有实力的攻击者预先计算破解（Logjam），"
        "录下的会话也能事后解密；SHA-1 已不再安全，RFC 9142 不建议继续使用。",
        "The key exchange decides whether a whole session stays secret. A 1024-bit group can be broken by precomputation "
        "(Logjam), so that recorded sessions can be read later; SHA-1 is no longer safe, and RFC 9142 advises against it.",
    ),
    remediation=Text(
        "OpenSSH（/etc/ssh/sshd_config，只写 ssh -Q kex 列出的）：KexAlgorithms "
        "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256；"
        "用 sshd -t 检查后重新加载，修改时保留一个已登录的会话，以免把自己锁在外面。　dropbear：编译选项 "
        "DROPBEAR_DH_GROUP1 0、DROPBEAR_DH_GROUP14_SHA1 0，或者升级。　思科设备：ip ssh server algorithm kex "
        "ecdh-sha2-nistp521 ecdh-sha2-nistp384 ecdh-sha2-nistp256　华为设备：ssh server key-exchange 中去掉 "
        "dh_group1_sha1、dh_group14_sha1、dh_group_exchange_sha1　华三设备：ssh2 algorithm key-exchange "
        "ecdh-sha2-nistp384 ecdh-sha2-nistp256。改后复测。",
        "OpenSSH (/etc/ssh/sshd_config, only names that ssh -Q kex lists): KexAlgorithms "
        "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256; "
        "check with sshd -t, reload, and keep a session open meanwhile, so as not to lock yourself out. dropbear: "
        "DROPBEAR_DH_GROUP1 0 and DROPBEAR_DH_GROUP14_SHA1 0 when it is built, or an update. Cisco: ip ssh server "
        "algorithm kex ecdh-sha2-nistp521 ecdh-sha2-nistp384 ecdh-sha2-nistp256. Huawei: ssh server key-exchange "
        "without dh_group1_sha1, dh_group14_sha1 and dh_group_exchange_sha1. H3C: ssh2 algorithm key-exchange "
        "ecdh-sha2-nistp384 ecdh-sha2-nistp256. Then test again.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection", "intrusion_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "broken": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 提供 {weak}；其中含 1024 位的算法，应停用。",
                "{service} offers {weak}, among them methods of 1024 bits; wanted: none of these.",
            ),
        ),
        "sha1": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 提供基于 SHA-1 的 {weak}；建议停用。",
                "{service} offers {weak}, which rest on SHA-1; wanted: none of these.",
            ),
        ),
        "strong": Declared(
            status=Status.PASS,
            detail=Text("{service} 未提供弱密钥交换算法。", "{service} offers no weak key exchange method."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读到 {service} 的密钥交换算法。",
                "The key exchange methods of {service} could not be read.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 9142", "https://www.rfc-editor.org/rfc/rfc9142"),
        Reference("RFC 8270", "https://www.rfc-editor.org/rfc/rfc8270"),
    ),
)
