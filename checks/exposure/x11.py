"""An X11 server can be reached, or lets in clients without authorisation.

How it is seen: one connection setup without authorisation data (X Window System Protocol §8); Success lets strangers in. The
connection is closed then. How it is judged: a client that is let in sees the screen and every key, and can type. What it cannot
show: whose session it is.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import X11Facts

RULE = access_rule(
    id="exposure/x11",
    name=Text("X11 图形显示服务", "An X11 server"),
    facts=X11Facts,
    rationale=Text(
        "X11 不区分客户端：被接受的客户端可以截取屏幕、记录全部键盘输入，也可以模拟键盘鼠标操作。协议不加密。",
        "X11 does not tell its clients apart: one that is let in can take pictures of the screen, record every key and type "
        "itself. The protocol does not encrypt.",
    ),
    remediation=Text(
        "关闭网络监听：Xorg、Xvfb、Xvnc 启动参数加 -nolisten tcp（GDM：/etc/gdm3/custom.conf 中 DisallowTCP=true；LightDM："
        "xserver-allow-tcp=false），不要用 -ac 或 xhost +；远程显示改用 ssh -X。在防火墙中封禁 6000 至 6063 端口。",
        "Do not listen on the network: start Xorg, Xvfb and Xvnc with -nolisten tcp (GDM: DisallowTCP=true in "
        "/etc/gdm3/custom.conf; LightDM: xserver-allow-tcp=false), never with -ac, and no xhost +; show remote programs by "
        "ssh -X. Block ports 6000 to 6063 in the firewall.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "X Window System Protocol §8", "https://www.x.org/releases/current/doc/xproto/x11protocol.html"
        ),
        Reference("Xsecurity(7)", "https://www.x.org/releases/current/doc/man/man7/Xsecurity.7.xhtml"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
