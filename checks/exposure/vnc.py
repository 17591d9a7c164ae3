"""VNC can be reached, or shows the screen to everyone without a password.

How it is seen: the security types that the server offers (RFC 6143 §7.1.2); where None is among them it is chosen, and the
server's result read. The session itself is never begun. How it is judged: type None hands screen, keyboard and mouse to anyone.
What it cannot show: how strong the password is, which VNC cuts to eight characters; none is tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import VncFacts

RULE = access_rule(
    id="exposure/vnc",
    name=Text("VNC 远程桌面", "VNC"),
    facts=VncFacts,
    rationale=Text(
        "VNC 直接给出屏幕、键盘和鼠标。不要口令的，任何能连上的人都可以操作这台机器；要口令的，传统的 VNC 认证只取口令前八位，"
        "也没有防止反复猜测的通用办法，画面和键盘输入不加密。",
        "VNC gives screen, keyboard and mouse. Without a password anyone who can connect operates the machine; with one, its "
        "classic authentication takes eight characters alone, guesses are hardly limited, and screen and keys are not "
        "encrypted.",
    ),
    remediation=Text(
        "不对外提供 VNC：只监听本机（TigerVNC、x11vnc：-localhost），经 SSH 隧道、VPN 或堡垒机使用；必须直接使用的，选 VeNCrypt/TLS 并设口令"
        "（TigerVNC：-SecurityTypes TLSVnc 或 X509Plain；RealVNC：Encryption=AlwaysOn），在防火墙、安全组中只放行管理网段的 5900 至 5910 端口。"
        '虚拟化平台的控制台（QEMU、libvirt）设 vnc_listen = "127.0.0.1" 和 vnc_password、vnc_tls。',
        "Do not offer VNC to the outside: listen on the machine itself alone (TigerVNC, x11vnc: -localhost) and come through an "
        "SSH tunnel, a VPN or a bastion host. Where it must be direct, use VeNCrypt/TLS with a password (TigerVNC: -SecurityTypes "
        "TLSVnc or X509Plain; RealVNC: Encryption=AlwaysOn), and let only the management network reach ports 5900 to 5910. "
        'Consoles of virtual machines (QEMU, libvirt): vnc_listen = "127.0.0.1", vnc_password, vnc_tls.',
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RFC 6143 §7.1", "https://www.rfc-editor.org/rfc/rfc6143#section-7.1"),),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
