"""A directory answers strangers over UDP.

How it is seen: one search of the rootDSE, as domain members begin ([MS-ADTS]). How it is judged: Active Directory's CLDAP is for
members of the domain; from outside it tells the domain's name and is among the strongest amplifiers. What it cannot show: the
directory's entries, which are not asked for.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.datagrams import CldapFacts

RULE = access_rule(
    id="exposure/cldap",
    name=Text("LDAP 目录的 UDP 接口（CLDAP）", "A directory over UDP (CLDAP)"),
    facts=CldapFacts,
    rationale=Text(
        "域控制器的 UDP 389 对外开放，会泄露域名等信息。应答比请求大，而 UDP 的来源地址可以伪造，会被用来"
        "放大流量、攻击他人。",
        "A domain controller's UDP 389 open to the outside tells the domain's name and more. Its answers "
        "are larger than the questions, and senders of datagrams can be forged: it is used to amplify "
        "attacks on others.",
    ),
    remediation=Text(
        "在边界防火墙和云安全组中封禁 UDP 389（以及 TCP 389、636、3268），只允许域内成员访问；域控制器不"
        "应有公网地址。",
        "Block UDP 389 (and TCP 389, 636, 3268) at the border and in security groups; let members of the "
        "domain alone in. A domain controller should have no public address.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "[MS-ADTS] §6.3.3 LDAP Ping",
            "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-adts/895a7744-aff3-4f64-bcfa-f8c05915d2e9",
        ),
        Reference(
            "CISA: UDP-Based Amplification Attacks (TA14-017A)",
            "https://www.cisa.gov/news-events/alerts/2014/01/17/udp-based-amplification-attacks",
        ),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
