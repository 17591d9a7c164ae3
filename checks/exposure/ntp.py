"""A time server tells strangers more than the time.

How it is seen: one request for the time, one for the system variables (mode 6), one for the list of clients (mode 7,
``monlist``), of whose answer one datagram is read. How it is judged: the list of clients shows who uses the server, and its
answer is hundreds of times the question, which makes it a tool for attacks on others; the variables tell of its software. To
give the time is what such a server is for. What it cannot show: over UDP, silence may come from a filter or a rate limit.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.access import CONTROL_DUTIES
from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import NtpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what was answered beside the time."""
    facts = service.need(NtpFacts)
    said = "; ".join(f"{said.name}={said.value}" for said in facts.said) or "-"
    values = {"service": service.endpoint.label, "clients": str(facts.clients or 0), "said": said}
    evidence = (
        Evidence("ntp.stratum", str(facts.stratum)),
        Evidence("ntp.control", facts.control),
        Evidence("ntp.monlist", facts.monlist),
        Evidence("ntp.said", said),
    )
    if on_loopback(service):
        # ntpd trusts its own machine with such questions by default: loopback shows nothing of what others may ask.
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.monlist == "answered":
        yield Outcome("monlist", values, evidence)
    elif facts.control == "answered":
        yield Outcome("control", values, evidence)
    else:
        yield Outcome("time_only", values, evidence)


RULE = Rule(
    id="exposure/ntp",
    title=Text(
        "时间服务器（NTP）向外人提供时间以外的信息", "A time server (NTP) tells strangers more than the time"
    ),
    rationale=Text(
        "monlist 会列出最近使用过该服务器的几百个地址，应答是请求的数百倍，攻击者伪造来源地址即可用它放大流量、攻击他人（CVE-2013-5211）；"
        "控制查询（mode 6）透露软件和系统版本，同样会被用来放大流量。",
        "monlist lists hundreds of addresses that used the server, in answers hundreds of times the question: attackers who "
        "forge their address use it to amplify attacks on others (CVE-2013-5211). Control queries (mode 6) tell versions of "
        "software and system, and amplify too.",
    ),
    remediation=Text(
        "ntpd（/etc/ntp.conf）：升级到 4.2.7p26 以上，restrict default kod limited nomodify notrap nopeer noquery，旧版另加 disable monitor；　"
        "chrony：默认不答这类查询，不对外提供时间的不写 allow；　华为、H3C、思科设备：限制 NTP 的来源（ntp-service access、ntp access-group）。"
        "不对外提供时间的，在防火墙上封禁 UDP 123 的入站。",
        "ntpd (/etc/ntp.conf): 4.2.7p26 or later, and restrict default kod limited nomodify notrap nopeer noquery; disable monitor "
        "on older ones; chrony answers no such queries, and without allow no strangers at all; Huawei, H3C, Cisco: limit the "
        "sources of NTP (ntp-service access, ntp access-group). Close UDP 123 inwards where no time is given to others.",
    ),
    severity=Severity.MEDIUM,
    duties=CONTROL_DUTIES,
    needs=(NtpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "monlist": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 应答了 monlist 查询（第一个数据包中有 {clients} 个客户端，内容未保留）；应当拒绝。",
                "{service} answered monlist (its first datagram held {clients} clients, which were not kept); wanted: refusal.",
            ),
        ),
        "control": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 向外人应答了控制查询（mode 6）：{said}；应设 noquery。",
                "{service} answered a stranger's control query (mode 6): {said}; wanted: noquery.",
            ),
        ),
        "time_only": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 提供时间，没有应答控制查询和 monlist。",
                "{service} gives the time, and answered neither the control query nor monlist.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference("CVE-2013-5211", "https://nvd.nist.gov/vuln/detail/CVE-2013-5211"),
        Reference("RFC 9327", "https://www.rfc-editor.org/rfc/rfc9327"),
        Reference("RFC 8633 (BCP 223) §3.4, §5", "https://www.rfc-editor.org/rfc/rfc8633"),
    ),
)
