"""An rsync daemon can be reached, or one of its modules opens without a password.

How it is seen: the daemon's list of modules, and its answer to the name of at most three of them: ``@RSYNCD: OK`` or
``AUTHREQD``. No list of files is asked for. How it is judged: an open module gives everyone what it holds, and where it is not
read-only lets everyone change it. What it cannot show: what the modules hold, whether they can be written to, and modules that are
not listed.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import RsyncFacts

RULE = access_rule(
    id="exposure/rsync",
    name=Text("rsync 同步服务", "An rsync daemon"),
    facts=RsyncFacts,
    rationale=Text(
        "rsync 常用来备份网站代码、数据库和日志。模块不要口令时，任何能连上的人都可以整批取走其中的文件；没有设为只读的，还可以"
        "替换网页、放入后门。协议本身不加密，文件以明文传输。",
        "rsync is used to back up code, databases and logs. A module without a password gives its files in bulk to anyone who "
        "can connect; where it is not read-only, pages can be replaced and back doors put in. The protocol does not encrypt.",
    ),
    remediation=Text(
        "rsyncd.conf：每个模块设 auth users 和 secrets file（权限 600），read only = yes，hosts allow 只写需要同步的服务器，"
        "list = no，use chroot = yes，并用 address 只监听内网地址；在防火墙、安全组中只放行 873 端口的必要来源。"
        "跨网络的改用 SSH 作为传输（rsync -e ssh），停用守护进程。",
        "rsyncd.conf: for each module auth users and a secrets file (mode 600), read only = yes, hosts allow with the "
        "servers that need it, list = no, use chroot = yes, and address with the internal address alone; let only those "
        "sources reach port 873. Across networks use rsync over SSH (rsync -e ssh) and switch the daemon off.",
    ),
    duties=DATA_DUTIES,
    references=(Reference("rsyncd.conf(5)", "https://download.samba.org/pub/rsync/rsyncd.conf.5"),),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
)
