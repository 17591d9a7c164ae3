"""Public Wi-Fi records do not reach back as far as the law has them kept.

How it is seen: first record and days with records in the exports handed over. How it is judged: by the months for which network logs are kept and
the days for which backups of records are; records that reach back so far count as handed over, and not where more than half of the days since have none.
What it cannot show: whether the records are true and whole, and whether the service was offered all that time.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.logs.address_records import KEPT, kept
from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from scanner.facts import ServiceFacts, WifiRecordFacts


def evaluate(subject: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by how far back the records reach."""
    return kept(subject.need(WifiRecordFacts), WifiRecordFacts.PROBE, settings)


RULE = Rule(
    id="logs/wifi-records-kept",
    title=Text("公共上网记录留存时间不足", "Public Wi-Fi records do not reach back far enough"),
    rationale=Text(
        "公共上网场所的用户何时上网、用的哪个地址，应当留有记录，并能够查到是哪个账号；网络日志应当按照规定留存不少于六个月。",
        "When a user of public Internet access was online, and by which address, must be on record, so that the account can be found; network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "由认证网关或者无线控制器把上网记录实时送往独立的存储（或者公共上网场所安全管理系统），按期限保留，并定期核对能够调出六个月前的记录。",
        "Let the portal or the wireless controller send its records at once to a store of their own (or to the safety management system for public access), keep them by age, and check regularly that those of six months ago can be had.",
    ),
    severity=Severity.HIGH,
    duties=("public_wifi_protection",),
    needs=(WifiRecordFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes=KEPT,
    evaluate=evaluate,
    references=(Reference("公安部令第82号第七条第（三）项、第十三条"),),
)
