"""An older release than the newest that is known of its line.

How it is seen: products and versions are taken from whatever shows them, as for ``exposure/end-of-life``. How it is judged:
the version is compared with the newest release of the same line that the table knows (``zijian data list`` tells its day). A version that
bears a distribution's mark, or that a release of a distribution still kept is known to ship, is not called outdated on its
number: such are mended without the number moving, so the version suggests, and has to be verified. Lines that ended are left to
``exposure/end-of-life``. What it cannot show: which flaws apply, and whether they were mended; nor releases that came out after
the table's day.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.lifecycle.judging import NOTHING_SHOWN, Life, behind, detail, life, outcome, table_of
from checks.lifecycle.seen import READS, Seen, seen
from checks.model import (
    Basis,
    Declared,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import ServiceFacts

_ENDED = frozenset({Life.ENDED, Life.DISTRIBUTION_ENDED})


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare each version with the newest known of its line."""
    table = table_of(settings)
    day = settings.at.date()
    found: dict[str, list[tuple[Seen, Text]]] = {}
    for one in seen(service, table):
        late, line = behind(one, table)
        product = table.products[one.product]
        if line is not None and line.state(day, product.as_of) == "ended":
            name, why = (
                "line_ended",
                Text(f"{line.line} 分支止于 {line.ends}", f"line {line.line} ended on {line.ends}"),
            )
        elif life(one, table, day).life in _ENDED:
            name, why = "line_ended", Text("发行版或分支已停止维护", "its distribution or line has ended")
        elif late is None or line is None:
            name, why = "not_known", Text("版本表无从比较", "nothing in the table to compare it with")
        elif not late:
            name, why = "newest_known", Text(f"已知最新 {line.latest}", f"newest known: {line.latest}")
        else:
            releases = table.releases(product, one.version, one.mark)
            kept = any(release.state(day) in ("supported", "extended") for _, release in releases)
            name = "suggests" if one.mark is not None or kept else "behind"
            why = Text(
                f"{line.line} 分支已知最新 {line.latest}"
                + (f"，可能是 {releases[0][0]} 的软件包" if releases else ""),
                f"newest known of line {line.line}: {line.latest}"
                + (f"; may be the package of {releases[0][0]}" if releases else ""),
            )
        found.setdefault(name, []).append((one, why))
    if not found:
        raise NotApplicable(NOTHING_SHOWN)
    for name in ("behind", "suggests"):
        if name in found:
            yield outcome(name, found[name], table, day)
    if not {"behind", "suggests"} & found.keys():
        name = next(name for name in ("newest_known", "line_ended", "not_known") if name in found)
        yield outcome(name, found[name], table, day)


RULE = Rule(
    id="exposure/outdated-version",
    title=Text("软件不是已知的最新补丁版本", "Not the newest known release of its line"),
    rationale=Text(
        "同一分支后来的版本大多修补了漏洞。版本落后，说明补丁可能没有及时安装；公开的漏洞往往按版本号就能对上。",
        "Later releases of the same line mostly mend flaws. An older one suggests that patches were not put in, and known flaws "
        "are looked up by the number.",
    ),
    remediation=Text(
        "在服务器上核对实际版本和补丁（Debian、Ubuntu：apt list --upgradable，apt-get changelog 包名；RHEL、CentOS、openEuler：yum check-update --security，"
        "rpm -q --changelog 包名；Windows：Windows 更新）。自行编译或者官方安装包的，升级到该分支的最新版本。建立定期更新的制度，订阅厂商的安全公告。",
        "Look at the real version and patches on the server (Debian, Ubuntu: apt list --upgradable, apt-get changelog; RHEL, CentOS, "
        "openEuler: yum check-update --security, rpm -q --changelog; Windows Update). If it was built by hand or came from the makers, "
        "move to the newest release of the line. Update by a schedule, and subscribe to the makers' advisories.",
    ),
    severity=Severity.LOW,
    duties=("vulnerability_handling", "mlps"),
    needs=(),
    reads=READS,
    basis=Basis.BANNER,
    outcomes={
        "behind": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=detail(
                "所示版本落后于同一分支已知的最新版本：{zh}。版本号提示可能缺少补丁，须核实",
                "Older than the newest known release of its line: {en}. The version suggests missing patches; verify",
            ),
        ),
        "suggests": Declared(
            status=Status.INCONCLUSIVE,
            detail=detail(
                "版本号较旧：{zh}。发行版会在不改版本号的情况下修补，版本号只是提示，须核实",
                "An old number: {en}. Distributions mend without moving it, so the version only suggests; verify",
            ),
        ),
        "newest_known": Declared(
            status=Status.PASS,
            detail=detail(
                "所示版本不低于已知的最新版本：{zh}", "Not older than the newest known release: {en}"
            ),
        ),
        "line_ended": Declared(
            status=Status.INFO,
            detail=detail(
                "分支已停止维护，见“软件已停止维护”：{zh}",
                "The line has ended; see exposure/end-of-life: {en}",
            ),
        ),
        "not_known": Declared(
            status=Status.INFO,
            detail=detail("版本表中没有可比较的版本：{zh}", "The table has nothing to compare it with: {en}"),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("Debian Security FAQ: backports", "https://www.debian.org/security/faq#oldversion"),
        Reference(
            "Red Hat: Backporting Security Fixes", "https://access.redhat.com/security/updates/backporting"
        ),
        Reference("GB/T 22239-2019 8.1.10.5 漏洞和风险管理"),
    ),
)
