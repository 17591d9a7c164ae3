"""rlogin, rsh or rexec can be reached.

How it is seen: the answer to empty names, as whom nobody can log in (RFC 1282). How it is judged: they send passwords in clear text, or
trust a host's name instead (.rhosts). What it cannot show: which hosts are trusted.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import RServiceFacts

RULE = access_rule(
    id="exposure/r-services",
    name=Text("rlogin、rsh、rexec（r 系列服务）", "rlogin, rsh or rexec"),
    facts=RServiceFacts,
    rationale=Text(
        "r 系列服务用明文传口令，甚至只凭来源地址和 .rhosts 就放行，可被窃听和冒充；等级保护要求远程管理"
        "防止鉴别信息被窃听。",
        "The r-services send passwords in clear text, or let in by address and .rhosts alone: they can "
        "be listened to and impersonated, where remote administration has to keep credentials from being "
        "overheard.",
    ),
    remediation=Text(
        "停用并卸载（rsh-server、rsh-redone-server、inetutils），改用 SSH；　删除 /etc/hosts.equiv 和各用"
        "户的 .rhosts；　inetd.conf、xinetd.d 中注释 shell、login、exec；　AIX、HP-UX、Solaris：svcadm "
        "disable 或者注释 /etc/inetd.conf 对应行；　封禁 TCP 512–514。",
        "Stop and remove them (rsh-server, rsh-redone-server, inetutils) and use SSH. Delete "
        "/etc/hosts.equiv and every .rhosts. Comment out shell, login and exec in inetd.conf or "
        "xinetd.d; AIX, HP-UX, Solaris alike, or svcadm disable. Block TCP 512 to 514.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 1282", "https://www.rfc-editor.org/rfc/rfc1282"),
        Reference("rshd(8)", "https://manpages.debian.org/bookworm/rsh-redone-server/in.rshd.8.en.html"),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
