"""TFTP can be reached and serves strangers.

How it is seen: one request to read a file under a random name that no server has. How it is judged: TFTP knows no
authentication, so “file not found” shows that it looked for a stranger; “access violation” is a refusal. What it cannot
show: which files there are, and whether any may be written; no name of a real file is tried and nothing is written.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import TftpFacts

RULE = access_rule(
    id="exposure/tftp",
    name=Text("TFTP 服务", "A TFTP server"),
    facts=TftpFacts,
    rationale=Text(
        "TFTP 没有认证，也不加密，多用于设备启动和备份配置。任何能连上的人，只要猜到文件名，就能取走交换机、路由器、IP 电话的配置，"
        "其中常有口令；允许写入的，还能替换配置和固件。",
        "TFTP has no authentication and no encryption; it boots devices and keeps their configurations. Whoever can connect and "
        "guesses a name takes the configuration of switches, routers and phones, often with passwords in it; where writing "
        "is allowed, configurations and firmware can be replaced.",
    ),
    remediation=Text(
        "不用的停用。必须使用的，只在设备管理网段内监听，在防火墙上对外封禁 UDP 69；目录设为只读，不存放含口令的配置，备份改用 SFTP 或 SCP。"
        'tftpd-hpa（/etc/default/tftpd-hpa）：TFTP_ADDRESS 写管理地址，TFTP_OPTIONS="--secure"，不加 --create；　'
        "dnsmasq：不用时去掉 enable-tftp，或加 tftp-secure 和 interface=；　华为、H3C、思科设备：undo tftp server 或 no tftp-server。",
        "Switch it off where it is not used. Otherwise listen in the devices' management network alone, close UDP 69 to the "
        "outside, keep the folder read-only and free of configurations with passwords, and back up by SFTP or SCP. tftpd-hpa "
        '(/etc/default/tftpd-hpa): TFTP_ADDRESS with the management address, TFTP_OPTIONS="--secure", no --create; dnsmasq: no '
        "enable-tftp, or tftp-secure and interface=; Huawei, H3C, Cisco: undo tftp server or no tftp-server.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 1350, Security Considerations", "https://www.rfc-editor.org/rfc/rfc1350"),
        Reference("in.tftpd(8)", "https://manpages.debian.org/bookworm/tftpd-hpa/tftpd.8.en.html"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
)
