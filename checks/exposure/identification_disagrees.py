"""Our own identification of a service and nmap's do not agree.

How it is seen: zijian listens and asks a few short questions whatever the port's number is; nmap's service detection, where it was run and
is sure (a name that it guesses by the port's number is not its word), is kept beside it. How it is judged: different protocols, TLS
seen by one alone, or different known products are a disagreement; other names for the same thing are none. It is information: checks
were run by our own word. What it cannot show: which of the two is right. A service that speaks several protocols on one port, one that
changes its answer, or a honeypot looks like this; verify on the machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.identification import disagreement
from checks.lifecycle.judging import table_of
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import IdentifyFacts, NmapServiceFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield both words where they differ."""
    found = disagreement(service, table_of(settings))
    if found is not None:
        own, nmap = service.need(IdentifyFacts), service.need(NmapServiceFacts)
        yield Outcome(
            "disagrees",
            {"ours": found.ours, "nmap": found.nmap},
            (
                Evidence("identify.protocol", found.ours),
                Evidence("identify.by", own.by),
                Evidence("nmap.name", found.nmap),
                Evidence("nmap.confidence", str(nmap.confidence)),
            ),
        )


RULE = Rule(
    id="exposure/identification-disagrees",
    title=Text("两种方法识别出的服务不一致", "Two ways to identify the service do not agree"),
    rationale=Text(
        "识别错了服务，就会漏掉应做的检查。同一端口前后应答不同，也可能是端口复用、代理转发，或者有人在伪装服务。",
        "A service that is taken for another misses the checks that it should get. A port that answers in two ways may be shared, "
        "forwarded, or a service in disguise.",
    ),
    remediation=Text(
        "在服务器上查看该端口由哪个程序监听（Linux：ss -ltnp；Windows：netstat -abno），与登记的用途核对；不认识的服务先停用再查清来历。"
        "有端口复用或者转发的，写明后端，并对后端另行检测。",
        "See on the server which program listens there (Linux: ss -ltnp; Windows: netstat -abno), and hold it against what the port is "
        "meant for; stop a service that nobody knows, then find out where it came from. Where a port is shared or forwarded, note what "
        "is behind it and scan that too.",
    ),
    severity=Severity.INFO,
    duties=("intrusion_protection", "mlps"),
    needs=(IdentifyFacts, NmapServiceFacts),
    basis=Basis.OTHER_TOOL,
    outcomes={
        "disagrees": Declared(
            status=Status.INFO,
            detail=Text(
                "zijian 识别为“{ours}”，nmap 识别为“{nmap}”。检查按 zijian 的识别进行；请在服务器上核实实际服务",
                "zijian takes it for “{ours}”, nmap for “{nmap}”. The checks went by zijian's word; verify on the server what it is",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("nmap: Service and Version Detection", "https://nmap.org/book/vscan.html"),),
)
