"""SSH sessions can be cut by the Terrapin attack (CVE-2023-48795).

How it is seen: the algorithms in the server's SSH_MSG_KEXINIT: ChaCha20-Poly1305, or a CBC cipher together with an
encrypt-then-MAC code, without the mark of strict key exchange (``kex-strict-s-v00@openssh.com``). How it is judged: a
weakness, since the attacker has to sit on the path, and the client must allow the same. What it cannot show: the
client's side.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_STRICT = "kex-strict-s-v00@openssh.com"
_CHACHA = "chacha20-poly1305@openssh.com"


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the offered algorithms alone."""
    facts = service.need(SshFacts)
    cbc = [name for name in facts.ciphers if "-cbc" in name]
    etm = [name for name in facts.macs if "-etm@" in name]
    touched = [name for name in facts.ciphers if name == _CHACHA] + (cbc + etm if cbc and etm else [])
    values = {"service": service.endpoint.label, "algorithms": ", ".join(touched)}
    evidence = (
        Evidence("ssh.kex", ", ".join(facts.kex)),
        Evidence("ssh.ciphers", ", ".join(facts.ciphers)),
        Evidence("ssh.macs", ", ".join(facts.macs)),
    )
    if not facts.kex or not facts.ciphers:
        yield Outcome("undecided", values, evidence)
    elif _STRICT in facts.kex:
        yield Outcome("strict", values, evidence)
    elif touched:
        yield Outcome("affected", values, evidence)
    else:
        yield Outcome("not_affected", values, evidence)


RULE = Rule(
    id="ssh/terrapin",
    title=Text("SSH 未修补 Terrapin 漏洞（CVE-2023-48795）", "SSH is open to Terrapin (CVE-2023-48795)"),
    rationale=Text(
        "攻击者在线路中间可以悄悄删去会话开头的若干消息，使双方降低保护（例如关闭防击键分析、改用较弱的认证签名），"
        "在个别实现上危害更大。",
        "An attacker on the path can remove the first messages of a session unnoticed and so lower its protection, such as "
        "keystroke timing defences or the signature algorithm; some implementations suffer more.",
    ),
    remediation=Text(
        "升级到支持“严格密钥交换”的版本，或者装上发行版已回补的安全更新；客户端也要升级。OpenSSH：9.6 及以上；"
        "暂时无法升级的，在 sshd_config 中写 Ciphers -chacha20-poly1305@openssh.com,*-cbc，或者 MACs "
        "-*-etm@openssh.com。　dropbear：2022.83 以后的版本；暂时无法升级的，编译选项 DROPBEAR_CHACHA20POLY1305 0。　"
        "思科、华为、华三设备：只留 aes256-ctr、aes128-ctr 和 hmac-sha2-256，并升级系统。",
        "Update to a version with strict key exchange, or install the distribution's security update; clients need "
        "it too. OpenSSH: 9.6 or later; until then Ciphers -chacha20-poly1305@openssh.com,*-cbc, or MACs "
        "-*-etm@openssh.com in sshd_config. dropbear: a version after 2022.83; until then DROPBEAR_CHACHA20POLY1305 "
        "0 when it is built. Cisco, Huawei, H3C: keep aes256-ctr, aes128-ctr and hmac-sha2-256 alone, and update the "
        "system.",
    ),
    severity=Severity.MEDIUM,
    duties=("vulnerability_handling", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "affected": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 提供受影响的算法（{algorithms}），且不支持严格密钥交换；应升级。",
                "{service} offers algorithms that are affected ({algorithms}) without strict key exchange; wanted: update.",
            ),
        ),
        "strict": Declared(
            status=Status.PASS,
            detail=Text("{service} 支持严格密钥交换。", "{service} has strict key exchange."),
        ),
        "not_affected": Declared(
            status=Status.PASS,
            detail=Text("{service} 未提供受影响的算法。", "{service} offers no algorithm that is affected."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读到 {service} 的 SSH 算法。", "The SSH algorithms of {service} could not be read."
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("CVE-2023-48795", "https://nvd.nist.gov/vuln/detail/CVE-2023-48795"),
        Reference("Terrapin Attack", "https://terrapin-attack.com/"),
    ),
)
