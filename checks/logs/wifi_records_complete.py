"""Public Wi-Fi records do not tell the user.

How it is seen: columns, empty cells, and records that contradict themselves or one another, in the exports handed over. How it is judged: a record must tell the start, the account or telephone number, and the address or the device's MAC.
What it cannot show: whether what a record tells is true, and whether a user can be found by it in good time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import COMPLETE, complete
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import ServiceFacts, WifiRecordFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the records tell."""
    return complete(subject.need(WifiRecordFacts), WifiRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/wifi-records-complete",
    title=Text("公共上网记录查不到使用者", "Public Wi-Fi records do not tell the user"),
    rationale=Text(
        "公共上网场所的用户何时上网、用的哪个地址，应当留有记录，并能够查到是哪个账号；网络日志应当按照规定留存不少于六个月。",
        "When a user of public Internet access was online, and by which address, must be on record, so that the account can be found; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "认证后才放行，并在记录中写明账号或者手机号、终端 MAC、分配的地址、上线和下线时间（带时区）、接入点或者场所。缺账号的，查明是否存在免认证的网络或者名单。",
        "Let users through only after they were identified, and record the account or telephone number, MAC, address, start and end with their zone, and access point or place. Where accounts are missing, look for networks or lists that are let through unidentified.",
    ),
    severity=Severity.MEDIUM,
    duties=("public_wifi_protection",),
    needs=(WifiRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=COMPLETE,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第七条第（三）项、第十三条"),),
)
