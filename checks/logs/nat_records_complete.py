"""NAT records do not tell the user.

How it is seen: columns, empty cells, and records that contradict themselves or one another, in the exports handed over. How it is judged: a record must tell the start, the private address, the public address and its ports, since many share one public address.
What it cannot show: whether what a record tells is true, and whether a user can be found by it in good time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import COMPLETE, complete
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import NatRecordFacts, ServiceFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the records tell."""
    return complete(subject.need(NatRecordFacts), NatRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/nat-records-complete",
    title=Text("地址转换记录查不到使用者", "NAT records do not tell the user"),
    rationale=Text(
        "以内部地址经地址转换（NAT）为用户提供接入的，应当记录并留存公网地址和内网地址的对应关系；网络日志应当按照规定留存不少于六个月。",
        "Where users reach the Internet from private addresses by translation (NAT), which private address stood behind which public one must be recorded and kept; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "在设备上启用含端口的 NAT 日志：华为 nat log session enable 或者端口块日志，华三 nat log enable 加 nat log port-block-assign，思科 ip nat log translations syslog，iptables、nftables 用 conntrack 事件（ulogd2）。记录开始、结束时间（带时区）、内网地址、公网地址和端口或者端口块。",
        "Turn on NAT logs with ports: Huawei nat log session enable, or port block logs; H3C nat log enable with nat log port-block-assign; Cisco ip nat log translations syslog; iptables and nftables by conntrack events (ulogd2). Log start and end with their zone, private address, public address, and port or port block.",
    ),
    severity=Severity.MEDIUM,
    duties=("access_ip_allocation",),
    needs=(NatRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=COMPLETE,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第八条第（二）项、第十三条"),),
)
