"""NAT records do not reach back as far as the law has them kept.

How it is seen: first record and days with records in the exports handed over. How it is judged: by the months for which network logs are kept and
the days for which backups of records are; records that reach back so far count as handed over, and not where more than half of the days since have none.
What it cannot show: whether the records are true and whole, and whether the service was offered all that time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import KEPT, kept
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import NatRecordFacts, ServiceFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by how far back the records reach."""
    return kept(subject.need(NatRecordFacts), NatRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/nat-records-kept",
    title=Text("地址转换（NAT）记录留存时间不足", "NAT records do not reach back far enough"),
    rationale=Text(
        "以内部地址经地址转换（NAT）为用户提供接入的，应当记录并留存公网地址和内网地址的对应关系；网络日志应当按照规定留存不少于六个月。",
        "Where users reach the Internet from private addresses by translation (NAT), which private address stood behind which public one must be recorded and kept; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "把 NAT 日志（syslog、IPFIX 或者 NetFlow v9）实时送往独立的日志服务器并按期限保留；日志量过大的，改用端口块分配（RFC 7422、RFC 6888），每个端口块只记分配和释放。",
        "Send NAT logs (syslog, IPFIX or NetFlow v9) at once to a log server of their own and keep them by age; where there are too many, assign port blocks (RFC 7422, RFC 6888), so that only the giving and taking back of a block is logged.",
    ),
    severity=Severity.HIGH,
    duties=("access_ip_allocation",),
    needs=(NatRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=KEPT,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第八条第（二）项、第十三条"),),
)
