"""Address assignment records do not reach back as far as the law has them kept.

How it is seen: first record and days with records in the exports handed over. How it is judged: by the months for which network logs are kept and
the days for which backups of records are; records that reach back so far count as handed over, and not where more than half of the days since have none.
What it cannot show: whether the records are true and whole, and whether the service was offered all that time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import KEPT, kept
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import AssignmentRecordFacts, ServiceFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by how far back the records reach."""
    return kept(subject.need(AssignmentRecordFacts), AssignmentRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/assignment-records-kept",
    title=Text("地址分配记录留存时间不足", "Address assignment records do not reach back far enough"),
    rationale=Text(
        "用户何时使用哪个地址，应当留有记录，并能够查到是谁；网络日志应当按照规定留存不少于六个月。",
        "Which address a user had and when must be on record, so that the user can be found; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "把 RADIUS 计费记录（上线、下线）或者 DHCP 分配记录实时归档到独立的存储，按期限保留并定期核对能够调出六个月前的记录。Kea、ISC DHCP 的租约文件只保留最近的租约，不能代替：Kea 启用 libdhcp_legal_log.so（forensic logging）。",
        "Archive RADIUS accounting (start, stop) or DHCP assignments at once in a store of their own, keep them by age, and check regularly that those of six months ago can be had. The lease files of Kea and ISC DHCP keep the latest leases alone and are no substitute: load Kea's libdhcp_legal_log.so (forensic logging).",
    ),
    severity=Severity.HIGH,
    duties=("access_ip_allocation",),
    needs=(AssignmentRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=KEPT,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第七条第（三）项、第十三条"),),
)
