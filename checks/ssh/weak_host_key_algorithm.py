"""Weak host key algorithms are offered over SSH.

How it is seen: the algorithm names in the server's SSH_MSG_KEXINIT. How it is judged: ``ssh-dss`` (DSA of 1024 bits) is a
failure; ``ssh-rsa``, which signs with SHA-1, is a weakness (RFC 8332): the same key can sign with SHA-2. What it
cannot show: which algorithm real clients agree on. The key's size is judged by a rule of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_DSA = re.compile(r"ssh-dss(-cert-v0[01]@openssh\.com)?|x509v3-sign-dss|x509v3-ssh-dss|null")
_SHA1 = re.compile(r"ssh-rsa(-cert-v0[01]@openssh\.com)?|x509v3-sign-rsa|x509v3-ssh-rsa|ssh-rsa-sha1.*")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield the worst of what is offered."""
    facts = service.need(SshFacts)
    dsa = [name for name in facts.host_key_algorithms if _DSA.fullmatch(name)]
    sha1 = [name for name in facts.host_key_algorithms if _SHA1.fullmatch(name)]
    evidence = (Evidence("ssh.host_key_algorithms", ", ".join(facts.host_key_algorithms)),)
    values = {"service": service.endpoint.label, "weak": ", ".join(dsa + sha1)}
    if dsa:
        yield Outcome("dsa", values, evidence)
    elif sha1:
        yield Outcome("sha1", values, evidence)
    elif facts.host_key_algorithms:
        yield Outcome("strong", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="ssh/weak-host-key-algorithm",
    title=Text("SSH 提供弱主机密钥算法", "Weak host key algorithms over SSH"),
    rationale=Text(
        "主机密钥用来证明“连上的确实是这台服务器”。1024 位的 DSA 和用 SHA-1 的签名已不足以防止伪造，"
        "被伪造时，管理员的口令会落到冒充者手里。",
        "The host key proves that one is connected to this server and no other. DSA of 1024 bits, and signatures with SHA-1, "
        "are no longer enough against forgery; with a forged one, the administrator's password goes to an impostor.",
    ),
    remediation=Text(
        "OpenSSH（/etc/ssh/sshd_config）：HostKeyAlgorithms "
        "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256；删除 ssh_host_dsa_key 及对应的 HostKey 行；没有 "
        "Ed25519 密钥的，用 ssh-keygen -A 生成；用 sshd -t 检查后重新加载。　dropbear：去掉 DSS 密钥（-r 只写 "
        "Ed25519、ECDSA、RSA 的密钥文件），升级到支持 rsa-sha2-256 的 2020.79 及以上，编译选项 DROPBEAR_RSA_SHA1 0。"
        "　思科设备：ip ssh server algorithm hostkey rsa-sha2-512 rsa-sha2-256　华为设备：不用 DSA 主机密钥（undo "
        "dsa local-key-pair）　华三设备：public-key local destroy dsa，ssh2 algorithm public-key 中去掉 dsa。"
        "改后复测。",
        "OpenSSH (/etc/ssh/sshd_config): HostKeyAlgorithms "
        "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256; delete ssh_host_dsa_key and its HostKey line; if "
        "there is no Ed25519 key, make one with ssh-keygen -A; check with sshd -t and reload. dropbear: no DSS key "
        "(-r with Ed25519, ECDSA and RSA keys only), and 2020.79 or later, which has rsa-sha2-256, built with "
        "DROPBEAR_RSA_SHA1 0. Cisco: ip ssh server algorithm hostkey rsa-sha2-512 rsa-sha2-256. Huawei: no DSA host "
        "key (undo dsa local-key-pair). H3C: public-key local destroy dsa, and ssh2 algorithm public-key without "
        "dsa. Then test again.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "dsa": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 提供 {weak}；其中含 DSA 或者无认证的算法，应停用。",
                "{service} offers {weak}, among them DSA or no authentication; wanted: none of these.",
            ),
        ),
        "sha1": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 提供用 SHA-1 签名的 {weak}；建议改用 rsa-sha2-256、rsa-sha2-512 或 ssh-ed25519。",
                "{service} offers {weak}, which sign with SHA-1; wanted: rsa-sha2-256, rsa-sha2-512 or ssh-ed25519.",
            ),
        ),
        "strong": Declared(
            status=Status.PASS,
            detail=Text("{service} 未提供弱主机密钥算法。", "{service} offers no weak host key algorithm."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读到 {service} 的主机密钥算法。",
                "The host key algorithms of {service} could not be read.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8332", "https://www.rfc-editor.org/rfc/rfc8332"),
        Reference("RFC 9142", "https://www.rfc-editor.org/rfc/rfc9142"),
    ),
)
