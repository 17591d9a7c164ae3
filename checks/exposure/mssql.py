"""Microsoft SQL Server can be reached.

How it is seen: the answer to PRELOGIN, which tells version and encryption before any login. How it is judged: a database
port is for application servers alone, and a version told helps to choose an attack. What it cannot show: how good the
passwords are; no login is tried.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import MssqlFacts

RULE = access_rule(
    id="exposure/mssql",
    name=Text("SQL Server", "Microsoft SQL Server"),
    facts=MssqlFacts,
    rationale=Text(
        "SQL Server 端口对外开放时，sa 等账号会持续受到口令尝试，未打补丁的漏洞也可被直接利用；应只对应用"
        "服务器开放。",
        "An SQL Server in the open is tried with passwords for sa and others without end, and flaws that "
        "were not mended are at hand; it should be open to application servers alone.",
    ),
    remediation=Text(
        "在防火墙、安全组中只放行应用服务器；在“SQL Server 配置管理器”中关闭不用的 TCP/IP 地址，停用 SQL "
        "Server Browser（UDP 1434）；停用或改名 sa 账号，使用 Windows 身份验证或强口令加登录失败锁定；“协"
        "议”属性中把“强制加密”设为“是”并配置证书；及时安装累积更新。",
        "Let only application servers through the firewall; in SQL Server Configuration Manager switch "
        "off addresses that are not needed and stop SQL Server Browser (UDP 1434); disable or rename sa, "
        "use Windows authentication or strong passwords with lockout; set Force Encryption to Yes with a "
        "certificate; install cumulative updates.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "[MS-TDS] §2.2.6.5 PRELOGIN",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868",
        ),
        Reference(
            "SQL Server security best practices",
            "https://learn.microsoft.com/en-us/sql/relational-databases/security/sql-server-security-best-practices",
        ),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
