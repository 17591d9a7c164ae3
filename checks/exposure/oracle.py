"""An Oracle listener can be reached.

How it is seen: the listener's answer to its ``version`` command: a banner, or a refusal with its version number. How it is
judged: a database port is for application servers alone. What it cannot show: whether the databases behind it are well kept;
no service is asked for and no login tried.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import OracleFacts

RULE = access_rule(
    id="exposure/oracle",
    name=Text("Oracle 数据库监听器", "An Oracle listener"),
    facts=OracleFacts,
    rationale=Text(
        "Oracle 监听器对外开放时，会被用来猜测实例名和口令；旧版本还可能被投毒（TNS Poison，"
        "CVE-2012-1675），会话被劫持。",
        "A listener in the open is used to guess service names and passwords; old ones can be poisoned "
        "(CVE-2012-1675), and sessions are taken over.",
    ),
    remediation=Text(
        "在防火墙、安全组中只放行应用服务器；sqlnet.ora：TCP.VALIDNODE_CHECKING=YES，TCP.INVITED_NODES 列"
        "出允许的地址；listener.ora：VALID_NODE_CHECKING_REGISTRATION_监听器名=ON，只监听内网地址，停用 "
        "EXTPROC；用 TCPS 或本机网络加密（SQLNET.ENCRYPTION_SERVER=REQUIRED）；锁定默认账号，及时安装季度"
        "补丁。",
        "Let only application servers through the firewall. sqlnet.ora: TCP.VALIDNODE_CHECKING=YES with "
        "TCP.INVITED_NODES; listener.ora: VALID_NODE_CHECKING_REGISTRATION_<listener>=ON, internal "
        "addresses only, no EXTPROC; TCPS or native encryption (SQLNET.ENCRYPTION_SERVER=REQUIRED); lock "
        "default accounts and install the quarterly patches.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Oracle: listener security",
            "https://docs.oracle.com/en/database/oracle/oracle-database/19/netag/configuring-and-administering-oracle-net-listener.html",
        ),
        Reference("CVE-2012-1675", "https://www.oracle.com/security-alerts/alert-cve-2012-1675.html"),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
