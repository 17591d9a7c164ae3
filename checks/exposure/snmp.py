"""SNMP can be reached, or read with the community ``public``.

How it is seen: one GET of sysDescr.0 with the community ``public``, which agents' manuals give as the default for reading, and
the discovery of the version 3 engine. How it is judged: a value in answer shows that strangers read the device; where the
version 3 engine answers and ``public`` is met with silence, it asks for a user or for another community. What it cannot
show: other communities, which are never tried, what else can be read, and whether anything can be set.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import SnmpFacts

RULE = access_rule(
    id="exposure/snmp",
    name=Text("SNMP 代理", "An SNMP agent"),
    facts=SnmpFacts,
    rationale=Text(
        "SNMP 用于管理网络设备和主机。以默认团体名 public 可读时，任何人都能看到设备型号、系统版本、网络接口、路由表和运行的程序，"
        "为入侵提供地图；v1、v2c 的团体名在网上明文传输，应答远大于请求，还会被用来放大流量、攻击他人。",
        "SNMP manages network devices and hosts. Where the default community public may read, anyone sees model, system version, "
        "interfaces, routes and running programs: a map for intruders. The communities of v1 and v2c travel in clear text, "
        "and answers far larger than the questions are used to amplify attacks on others.",
    ),
    remediation=Text(
        "停用 v1、v2c，改用 SNMPv3（authPriv），并只允许网管服务器访问。Net-SNMP（snmpd.conf）：删去 rocommunity public，"
        "createUser 建立用户，rouser 用户名 authPriv，agentAddress 只写管理地址；　华为：undo snmp-agent community，"
        "snmp-agent usm-user v3，并用 acl 限制来源；　H3C：undo snmp-agent community，snmp-agent usm-user v3 … acl；　"
        "思科：no snmp-server community public，snmp-server group … v3 priv；　Windows：删除 public，填写“接受来自这些主机的 SNMP 数据包”。",
        "Switch v1 and v2c off, use SNMPv3 (authPriv), and let only the management server in. Net-SNMP (snmpd.conf): remove "
        "rocommunity public, createUser, rouser NAME authPriv, agentAddress with the management address alone; Huawei: undo "
        "snmp-agent community, snmp-agent usm-user v3, and an acl; H3C: undo snmp-agent community, snmp-agent usm-user v3 ... "
        "acl; Cisco: no snmp-server community public, snmp-server group ... v3 priv; Windows: remove public and name the "
        "hosts from which packets are accepted.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("RFC 3411–3418 (SNMPv3)", "https://www.rfc-editor.org/rfc/rfc3414"),
        Reference("RFC 1157", "https://www.rfc-editor.org/rfc/rfc1157"),
        Reference("snmpd.conf(5)", "http://www.net-snmp.org/docs/man/snmpd.conf.html"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
)
