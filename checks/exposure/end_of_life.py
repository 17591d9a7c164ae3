"""A product line whose makers no longer mend it.

How it is seen: products and versions are taken from whatever shows them: HTTP's Server and X-Powered-By headers, greetings, SSH's
identification string, the versions that databases and caches tell, nmap's words. How it is judged: against a dated table of release lines
(``zijian data list``), on the day on which the version was seen, so that judging again later says the same. A version that bears a
distribution's mark (``Debian-5+deb11u3``, ``-0ubuntu0.22.04.1``, ``.el7``, ``(centos)``) is judged by that distribution's release,
since distributions go on mending old numbers; where the release does not show, or where a release that is still kept is known to ship
this very number, the version suggests and no more. Paid support after the general one, and dates that were seen in no source, are never called an end.

What it cannot show: whether anything was patched. A banner may be changed by hand, and a build of one's own may be mended without
its number moving; so it is a warning to verify on the machine, never proof.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.lifecycle.judging import NOTHING_SHOWN, Life, detail, life, outcome, table_of
from checks.lifecycle.seen import READS, seen
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


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """One outcome for each way in which the versions stand."""
    table = table_of(settings)
    day = settings.at.date()
    judged = [life(one, table, day) for one in seen(service, table)]
    if not judged:
        raise NotApplicable(NOTHING_SHOWN)
    for kind in Life:
        alike = [(one.seen, one.why) for one in judged if one.life is kind]
        # What is supported, or not known, is told only where nothing worse is: the service is what passes.
        if alike and (
            kind not in (Life.SUPPORTED, Life.UNKNOWN)
            or all(one.life is kind or one.life is Life.UNKNOWN for one in judged)
        ):
            yield outcome(kind.value, alike, table, day)


RULE = Rule(
    id="exposure/end-of-life",
    title=Text("软件已停止维护", "Product that is no longer maintained"),
    rationale=Text(
        "停止维护的软件，再发现漏洞也不会有补丁。新漏洞公布后，攻击者按版本号就能批量找到目标，而运营者除了升级别无办法。"
        "网络运营者应当及时处置系统漏洞等安全风险。",
        "No patch will come for a product that is no longer maintained, whatever is found in it. Attackers look for such versions "
        "by the thousand once a flaw is known, and nothing helps but to upgrade.",
    ),
    remediation=Text(
        "先在服务器上核对实际版本（nginx -v、httpd -v、ssh -V、php -v、mysqld --version、dpkg -l 或 rpm -q 包名）。确已停止维护的，"
        "升级到仍在维护的分支；随操作系统安装的，升级操作系统，或者确认已购买延长支持并装上补丁"
        "（Ubuntu Pro：pro status；RHEL ELS：subscription-manager；Windows：ESU）。"
        "一时不能升级的，先用防火墙只放行必要的来源，并记录风险和升级计划。隐藏版本号（server_tokens off、ServerTokens Prod、"
        "expose_php=Off）不能代替升级。",
        "First look at the real version on the server (nginx -v, httpd -v, ssh -V, php -v, mysqld --version, dpkg -l or rpm -q). Where "
        "it is no longer maintained, move to a line that is; if it came with the operating system, upgrade that, or make sure "
        "that extended support was bought and its patches are in (Ubuntu Pro: pro status; RHEL ELS: subscription-manager; Windows: "
        "ESU). Until then let only the addresses that need it through the firewall, and write down risk and plan. Hiding the "
        "version (server_tokens off, ServerTokens Prod, expose_php=Off) is no substitute.",
    ),
    severity=Severity.MEDIUM,
    duties=("vulnerability_handling", "intrusion_protection", "mlps"),
    needs=(),
    reads=READS,
    basis=Basis.BANNER,
    outcomes={
        "ended": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=detail(
                "所示版本属于官方已停止维护的分支：{zh}。请在服务器上核实",
                "The version shown is of a line that is no longer maintained: {en}. Verify on the server",
            ),
        ),
        "distribution_ended": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=detail(
                "所示软件包来自已停止维护的发行版：{zh}。请在服务器上核实",
                "The package shown comes from a distribution release that is no longer maintained: {en}. Verify on the server",
            ),
        ),
        "extended_only": Declared(
            status=Status.INCONCLUSIVE,
            detail=detail(
                "一般维护已终止，只剩延长支持：{zh}。是否已购买延长支持并装上补丁，从外部看不到，须核实",
                "General support has ended and only extended support is left: {en}. Whether it was bought, and its patches are in, "
                "cannot be seen from here: verify",
            ),
        ),
        "suggests": Declared(
            status=Status.INCONCLUSIVE,
            detail=detail(
                "版本号提示可能已停止维护：{zh}。须核实",
                "The version suggests that it is no longer maintained: {en}. Verify",
            ),
        ),
        "unverified_date": Declared(
            status=Status.INCONCLUSIVE,
            detail=detail(
                "可能已停止维护，但表中的日期未经核对：{zh}。须核实",
                "May no longer be maintained, but the table's date was seen in no source: {en}. Verify",
            ),
        ),
        "supported": Declared(
            status=Status.PASS,
            detail=detail("所示版本仍在维护期内：{zh}", "The version shown is still maintained: {en}"),
        ),
        "not_known": Declared(
            status=Status.INFO,
            detail=detail(
                "版本表没有该版本的维护期：{zh}",
                "The table does not know how long this version is maintained: {en}",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("endoflife.date (MIT)", "https://endoflife.date/"),
        Reference("Debian releases", "https://wiki.debian.org/DebianReleases"),
        Reference("Ubuntu release cycle", "https://ubuntu.com/about/release-cycle"),
        Reference("RHEL life cycle", "https://access.redhat.com/support/policy/updates/errata"),
        Reference("GB/T 22239-2019 8.1.10.5 漏洞和风险管理"),
    ),
)
