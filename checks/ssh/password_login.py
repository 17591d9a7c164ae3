"""SSH lets users log in with a password.

How it is seen: the key exchange is finished, and the method ``none`` is asked for (RFC 4252 section 5.2) in the name of
a user that nobody has (zijian-check); the server answers with the methods that it takes. No password is sent. How it is
judged: information, since whether passwords are strong and guarded cannot be seen; keys alone pass. What it cannot show:
rules for single users or addresses (Match in sshd_config).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import ServiceFacts, SshFacts

_PASSWORDS = ("password", "keyboard-interactive")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for methods that take a password."""
    facts = service.need(SshFacts)
    if facts.none_accepted:
        raise NotApplicable("nobody is asked for anything: ssh/no-authentication judges")
    methods = facts.auth_methods
    shown = ", ".join(methods or ()) or "-"
    if methods is None:
        name = "undecided"
    else:
        name = "offered" if any(method in _PASSWORDS for method in methods) else "keys_only"
    values = {"service": service.endpoint.label, "methods": shown}
    yield Outcome(name, values, (Evidence("ssh.auth_methods", shown),))


RULE = Rule(
    id="ssh/password-login",
    title=Text("SSH 允许口令登录", "SSH takes passwords"),
    rationale=Text(
        "允许口令登录的 SSH 会不断受到口令猜测；口令一旦被猜中或者泄露，任何人都可以登录。改用密钥可以避免。",
        "An SSH server that takes passwords is guessed at all the time; a password that is guessed or lost lets anyone in. Keys "
        "avoid that.",
    ),
    remediation=Text(
        "分发公钥并确认能用密钥登录以后，OpenSSH 在 /etc/ssh/sshd_config 中设置 PasswordAuthentication no、"
        "KbdInteractiveAuthentication no、PermitRootLogin prohibit-password，再重启 sshd；dropbear 加参数 -s（root "
        "用 -g）。必须使用口令的，用 AllowUsers 和防火墙限制来源，用 fail2ban 等锁定猜测口令的地址，"
        "并启用双因素认证；网络设备改用公钥，并用 ACL 限制管理地址。华为设备：ssh user 用户名 authentication-type "
        "rsa、ssh user 用户名 assign rsa-key 密钥名　华三设备：ssh user 用户名 service-type stelnet "
        "authentication-type publickey assign publickey 密钥名　思科设备：ip ssh pubkey-chain，line vty 下 "
        "access-class。",
        "Distribute keys and make sure that they work; then set PasswordAuthentication no, "
        "KbdInteractiveAuthentication no and PermitRootLogin prohibit-password in /etc/ssh/sshd_config (OpenSSH) and "
        "restart sshd; dropbear: -s (-g for root). Where passwords are needed, restrict who may come from where "
        "(AllowUsers, firewall), lock out addresses that guess (fail2ban), and ask for a second factor; on network "
        "devices use keys as well, and restrict the management addresses by ACL. Huawei: ssh user NAME "
        "authentication-type rsa, ssh user NAME assign rsa-key KEY; H3C: ssh user NAME service-type stelnet "
        "authentication-type publickey assign publickey KEY; Cisco: ip ssh pubkey-chain, access-class under line vty.",
    ),
    severity=Severity.INFO,
    duties=("intrusion_protection",),
    needs=(SshFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "offered": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 允许口令登录（{methods}）。请核对口令强度、登录失败锁定和来源限制。",
                "{service} takes passwords ({methods}). See to strong passwords, lockouts and who may connect.",
            ),
        ),
        "keys_only": Declared(
            status=Status.PASS,
            detail=Text("{service} 不接受口令（{methods}）。", "{service} takes no password ({methods})."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有问到 {service} 接受哪些登录方式。",
                "Which ways to log in {service} takes could not be asked.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 4252 §5.2", "https://www.rfc-editor.org/rfc/rfc4252#section-5.2"),
        Reference("OpenSSH sshd_config(5)", "https://man.openbsd.org/sshd_config"),
    ),
)
