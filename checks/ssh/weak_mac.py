"""Weak message authentication codes are offered over SSH.

How it is seen: the MAC names in the server's SSH_MSG_KEXINIT, both directions. How it is judged: ``none`` is a failure; MD5,
RIPEMD-160 and codes cut to 96 bits or less are a weakness. HMAC-SHA-1 is not objected to: its use in HMAC is not broken.
What it cannot show: which one real clients agree on; with AES-GCM and ChaCha20-Poly1305 no MAC is used at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_WEAK = re.compile(r"hmac-md5.*|hmac-ripemd.*|.*-96(-etm)?(@.*)?|umac-32.*|md5-8|sha1-8")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield the worst of what is offered."""
    facts = service.need(SshFacts)
    weak = [name for name in facts.macs if _WEAK.fullmatch(name)]
    evidence = (Evidence("ssh.macs", ", ".join(facts.macs)),)
    values = {"service": service.endpoint.label, "weak": ", ".join(weak)}
    if "none" in facts.macs:
        yield Outcome("none_offered", values, evidence)
    elif weak:
        yield Outcome("weak", values, evidence)
    elif facts.macs:
        yield Outcome("strong", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="ssh/weak-mac",
    title=Text("SSH 提供弱消息认证码", "Weak message authentication codes over SSH"),
    rationale=Text(
        "消息认证码用来发现会话内容是否被中途篡改。none 等于没有保护；MD5 和截短到 96 位的认证码安全余量不足。",
        "A message authentication code shows whether a session was changed on the way. none is no protection; MD5, and "
        "codes cut to 96 bits, leave too small a margin.",
    ),
    remediation=Text(
        "OpenSSH（/etc/ssh/sshd_config）：MACs "
        "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512,hmac-sha2-256；"
        "用 sshd -t 检查后重新加载，修改时保留一个已登录的会话。　dropbear：编译选项 DROPBEAR_SHA1_96_HMAC 0、"
        "DROPBEAR_MD5_HMAC 0，或者升级。　思科设备：ip ssh server algorithm mac hmac-sha2-256 hmac-sha2-512　"
        "华为设备：ssh server hmac sha2_512 sha2_256　华三设备：ssh2 algorithm mac sha2-512 sha2-256。改后复测。",
        "OpenSSH (/etc/ssh/sshd_config): MACs "
        "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-512,hmac-sha2-256; "
        "check with sshd -t, reload, and keep a session open meanwhile. dropbear: DROPBEAR_SHA1_96_HMAC 0 and "
        "DROPBEAR_MD5_HMAC 0 when it is built, or an update. Cisco: ip ssh server algorithm mac hmac-sha2-256 "
        "hmac-sha2-512. Huawei: ssh server hmac sha2_512 sha2_256. H3C: ssh2 algorithm mac sha2-512 sha2-256. Then "
        "test again.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection", "intrusion_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "none_offered": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 允许不使用消息认证码（none）；应停用。",
                "{service} allows sessions without a message authentication code (none); wanted: not allowed.",
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
            detail=Text(
                "{service} 未提供弱消息认证码。", "{service} offers no weak message authentication code."
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读到 {service} 的消息认证码。",
                "The message authentication codes of {service} could not be read.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 6151", "https://www.rfc-editor.org/rfc/rfc6151"),
        Reference("RFC 6668", "https://www.rfc-editor.org/rfc/rfc6668"),
    ),
)
