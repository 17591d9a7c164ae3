"""A print server (CUPS) lists its printers to strangers, or can be reached.

How it is seen: its home page, and the list of printers, are read. Only an answer in the service's own form counts. How it is judged: who reads the list may usually print; the web
console should be for the machine itself. What it cannot show: whether jobs are taken, which is not tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import CupsFacts

RULE = access_rule(
    id="exposure/cups",
    name=Text("CUPS 打印服务", "A CUPS print server"),
    facts=CupsFacts,
    rationale=Text(
        "打印服务对外开放会泄露打印机和任务信息、被滥用打印，2024 年披露的漏洞链（CVE-2024-47176 等）可由"
        "此执行代码。",
        "An open print server tells of printers and jobs and prints for strangers; the flaws published "
        "in 2024 (CVE-2024-47176 and others) ran code by it.",
    ),
    remediation=Text(
        "/etc/cups/cupsd.conf：Listen localhost:631，<Location /> 中写 Order allow,deny 和 Allow @LOCAL "
        "或者内网网段，WebInterface No；　cupsctl --no-remote-any --no-remote-admin；　停用 cups-browsed"
        "；　防火墙封禁 TCP/UDP 631。",
        "/etc/cups/cupsd.conf: Listen localhost:631; in <Location /> Order allow,deny with Allow @LOCAL "
        "or inside networks; WebInterface No. cupsctl --no-remote-any --no-remote-admin. Stop "
        "cups-browsed. Block TCP and UDP 631.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("cupsd.conf(5)", "https://www.cups.org/doc/man-cupsd.conf.html"),
        Reference("CVE-2024-47176", "https://nvd.nist.gov/vuln/detail/CVE-2024-47176"),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
