"""Address assignment records do not tell the user.

How it is seen: columns, empty cells, and records that contradict themselves or one another, in the exports handed over. How it is judged: a record must tell the start, the address and the user; overlapping users of one address are told, and are no proof.
What it cannot show: whether what a record tells is true, and whether a user can be found by it in good time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import COMPLETE, complete
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import AssignmentRecordFacts, ServiceFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the records tell."""
    return complete(subject.need(AssignmentRecordFacts), AssignmentRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/assignment-records-complete",
    title=Text("地址分配记录查不到使用者", "Address assignment records do not tell the user"),
    rationale=Text(
        "用户何时使用哪个地址，应当留有记录，并能够查到是谁；网络日志应当按照规定留存不少于六个月。",
        "Which address a user had and when must be on record, so that the user can be found; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "导出时写明开始时间、结束时间（带时区）、地址、账号或者终端 MAC；RADIUS 应当记录 User-Name、Calling-Station-Id、Framed-IP-Address 和会话起止。重叠的记录，查明是提前释放、重复计费还是时钟不一致。",
        "Export start and end with their zone, the address, and the account or MAC; RADIUS should log User-Name, Calling-Station-Id, Framed-IP-Address and the session's start and stop. Of overlapping records find out whether addresses were given back early, sessions counted twice, or clocks differ.",
    ),
    severity=Severity.MEDIUM,
    duties=("access_ip_allocation",),
    needs=(AssignmentRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=COMPLETE,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第七条第（三）项、第十三条"),),
)
