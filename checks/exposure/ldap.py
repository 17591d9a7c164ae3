"""An LDAP directory can be reached, or searched by everyone.

How it is seen: the root DSE, which every client may read, and one search without a bind for the presence of one entry below the base;
no attribute is asked for and the entry's name is not kept. How it is judged: a directory that answers strangers gives away people,
groups and machines. A public certificate or address directory may be meant to: the officer decides. What it cannot show: which
attributes can be read.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import LdapFacts

RULE = access_rule(
    id="exposure/ldap",
    name=Text("LDAP 目录服务", "An LDAP directory"),
    facts=LdapFacts,
    rationale=Text(
        "目录里有人员姓名、账号、邮箱、部门、主机等信息。允许匿名查询时，任何能连上的人都可以成批取走，用来猜口令、钓鱼；配置不当的"
        "还会给出口令散列。",
        "A directory holds people's names, accounts, mail addresses, departments and machines. Where strangers may search, all of "
        "it can be taken in bulk to guess passwords and to phish; a careless one even gives hashes of passwords.",
    ),
    remediation=Text(
        "OpenLDAP：olcDisallows: bind_anon，olcRequires: authc，并以 olcAccess 规定谁可以读（by anonymous auth，by users read，by * none）；"
        "Active Directory：保持 dsHeuristics 第七位不为 2，不给 ANONYMOUS LOGON 授权；389 Directory Server：nsslapd-allow-anonymous-access: off。"
        "只监听内网地址，在防火墙、安全组中不对外开放 389、636、3268、3269 端口，并启用 TLS。",
        "OpenLDAP: olcDisallows: bind_anon, olcRequires: authc, and olcAccess that says who may read (by anonymous auth, by users "
        "read, by * none); Active Directory: the seventh character of dsHeuristics not 2, and no rights for ANONYMOUS LOGON; 389 "
        "Directory Server: nsslapd-allow-anonymous-access: off. Listen on internal addresses, keep ports 389, 636, 3268 and "
        "3269 closed to the outside, and use TLS.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("RFC 4513 §5.1.1", "https://www.rfc-editor.org/rfc/rfc4513#section-5.1.1"),
        Reference("slapd.access(5)", "https://www.openldap.org/doc/admin26/access-control.html"),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
)
