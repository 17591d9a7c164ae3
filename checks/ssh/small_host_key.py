"""A host key of SSH is too short.

How it is seen: the host keys themselves, read from the server's key exchange reply; one for each kind, three at most. How
it is judged: an RSA or DSA key shorter than the threshold ``ssh_rsa_min_bits`` is a failure. Keys of ECDSA and Ed25519 have
sizes that are all sufficient. No pass is given when an RSA or DSA key is offered but was not read.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, SshFacts

_SIZED = {"ssh-rsa": ("ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"), "ssh-dss": ("ssh-dss",)}


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the keys that have a choice of size with the threshold."""
    facts = service.need(SshFacts)
    wanted = settings.threshold("ssh_rsa_min_bits")
    short = [
        key for key in facts.host_keys if key.type in _SIZED and key.bits is not None and key.bits < wanted
    ]
    read = {key.type for key in facts.host_keys if key.bits is not None}
    unread = [
        kind
        for kind, names in _SIZED.items()
        if kind not in read and any(name in facts.host_key_algorithms for name in names)
    ]
    evidence = tuple(
        Evidence("ssh.host_keys", f"{key.type} {key.bits} SHA256:{key.sha256}") for key in facts.host_keys
    )
    values = {
        "service": service.endpoint.label,
        "wanted": str(wanted),
        "keys": ", ".join(f"{key.type} {key.bits}" for key in (short or facts.host_keys)) or "-",
    }
    if short:
        yield Outcome("short", values, evidence)
    elif unread or not facts.host_keys:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("long_enough", values, evidence)


RULE = Rule(
    id="ssh/small-host-key",
    title=Text("SSH 主机密钥过短", "A host key of SSH is too short"),
    rationale=Text(
        "过短的主机密钥可以被分解，攻击者据此冒充服务器，截获管理员的口令和操作。",
        "A host key that is too short can be broken; an attacker then passes for the server and gets the administrator's "
        "password and session.",
    ),
    remediation=Text(
        "重新生成主机密钥，删除旧密钥，重启服务，并把新指纹告知使用者。OpenSSH：ssh-keygen -t ed25519 -f "
        "/etc/ssh/ssh_host_ed25519_key、ssh-keygen -t rsa -b 3072 -f /etc/ssh/ssh_host_rsa_key；9.1 及以上可设置 "
        "RequiredRSASize 2048。　dropbear：dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key　"
        "思科设备：crypto key generate rsa modulus 3072　华为设备：rsa local-key-pair create，长度填 3072　华三设备："
        "public-key local create rsa，长度填 3072（不支持的填 2048）。",
        "Make new host keys, delete the old ones, restart the service, and tell users the new fingerprints. OpenSSH: "
        "ssh-keygen -t ed25519 -f /etc/ssh/ssh_host_ed25519_key and ssh-keygen -t rsa -b 3072 -f "
        "/etc/ssh/ssh_host_rsa_key; 9.1 and later: RequiredRSASize 2048. dropbear: dropbearkey -t ed25519 -f "
        "/etc/dropbear/dropbear_ed25519_host_key. Cisco: crypto key generate rsa modulus 3072. Huawei: rsa "
        "local-key-pair create, with 3072 for the length. H3C: public-key local create rsa, with 3072 (or 2048 where "
        "that is the most).",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection"),
    needs=(SshFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "short": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 的主机密钥 {keys} 位；应不少于 {wanted} 位。",
                "Host key of {service}: {keys} bits; wanted: {wanted} bits or more.",
            ),
        ),
        "long_enough": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的主机密钥长度足够：{keys}。",
                "The host keys of {service} are long enough: {keys}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能读到 {service} 的全部主机密钥（读到：{keys}）。",
                "Not every host key of {service} could be read (read: {keys}).",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("NIST SP 800-131A Rev. 2", "https://csrc.nist.gov/pubs/sp/800/131/a/r2/final"),),
)
