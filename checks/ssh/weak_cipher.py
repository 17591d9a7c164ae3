"""Weak ciphers are offered over SSH.

How it is seen: the cipher names in the server's SSH_MSG_KEXINIT, both directions. How it is judged: no cipher at all, single
DES and RC4 are a failure; ciphers with 64-bit blocks (3DES, Blowfish, CAST, IDEA) and CBC mode are a weakness. What it
cannot show: which cipher real clients agree on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_BROKEN = re.compile(r"none|des(-cbc)?(@.*)?|arcfour.*|rc4.*")
_WEAK = re.compile(r"(3des|blowfish|cast128|idea)-.*|.*-cbc(@.*)?")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield the worst of what is offered."""
    facts = service.need(SshFacts)
    broken = [name for name in facts.ciphers if _BROKEN.fullmatch(name)]
    weak = [name for name in facts.ciphers if _WEAK.fullmatch(name) and name not in broken]
    evidence = (Evidence("ssh.ciphers", ", ".join(facts.ciphers)),)
    values = {"service": service.endpoint.label, "weak": ", ".join(broken + weak)}
    if broken:
        yield Outcome("broken", values, evidence)
    elif weak:
        yield Outcome("weak", values, evidence)
    elif facts.ciphers:
        yield Outcome("strong", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="ssh/weak-cipher",
    title=Text("SSH 提供弱加密算法", "Weak ciphers over SSH"),
    rationale=Text(
        "none 等于不加密；DES、RC4 可以被实际破解；3DES 等 64 位分组的算法在长会话中会泄露内容（Sweet32）；"
        "SSH 的 CBC 模式存在明文恢复问题（CVE-2008-5161）。",
        "none is no encryption at all; DES and RC4 can be broken in practice; ciphers with 64-bit blocks such as 3DES leak in "
        "long sessions (Sweet32); CBC mode in SSH lets some plaintext be recovered (CVE-2008-5161).",
    ),
    remediation=Text(
        "OpenSSH（/etc/ssh/sshd_config）：Ciphers "
        "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr；"
        "用 sshd -t 检查后重新加载，修改时保留一个已登录的会话。　dropbear：编译选项 DROPBEAR_3DES 0、"
        "DROPBEAR_ENABLE_CBC_MODE 0，或者升级。　思科设备：ip ssh server algorithm encryption aes256-ctr aes192-ctr "
        "aes128-ctr　华为设备：ssh server cipher aes256_ctr aes192_ctr aes128_ctr　华三设备：ssh2 algorithm cipher "
        "aes256-gcm aes128-gcm aes256-ctr aes192-ctr aes128-ctr。改后复测。",
        "OpenSSH (/etc/ssh/sshd_config): Ciphers "
        "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr; "
        "check with sshd -t, reload, and keep a session open meanwhile. dropbear: DROPBEAR_3DES 0 and "
        "DROPBEAR_ENABLE_CBC_MODE 0 when it is built, or an update. Cisco: ip ssh server algorithm encryption "
        "aes256-ctr aes192-ctr aes128-ctr. Huawei: ssh server cipher aes256_ctr aes192_ctr aes128_ctr. H3C: ssh2 "
        "algorithm cipher aes256-gcm aes128-gcm aes256-ctr aes192-ctr aes128-ctr. Then test again.",
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
                "{service} 提供 {weak}；其中含不加密或者已被破解的算法，应停用。",
                "{service} offers {weak}, among them no encryption or broken ciphers; wanted: none of these.",
            ),
        ),
        "weak": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 提供 {weak}；建议停用。", "{service} offers {weak}; wanted: none of these."
            ),
        ),
        "strong": Declared(
            status=Status.PASS,
            detail=Text("{service} 未提供弱加密算法。", "{service} offers no weak cipher."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读到 {service} 的加密算法。", "The ciphers of {service} could not be read."),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8758 (RC4)", "https://www.rfc-editor.org/rfc/rfc8758"),
        Reference("CVE-2008-5161", "https://nvd.nist.gov/vuln/detail/CVE-2008-5161"),
    ),
)
