"""A service for administration, or for machines among themselves, can be reached from where the scan ran.

How it is seen: identification, or nmap's service detection, named the service from its own answer; a guess from the port
number alone does not count. How it is judged: a risk, no more; a higher one for services that give control of the machine.
SSH is not among them, since it is the usual way of administration; Telnet has a rule of its own. A loopback address
shows nothing about the outside. What it cannot show: whether authentication is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.kinds import ADMINISTRATION, CONTROL, kind_of
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import NmapServiceFacts, ServiceFacts


def applies(service: ServiceFacts) -> bool:
    """Services named as one for administration."""
    return (kind_of(service, CONTROL) or kind_of(service, ADMINISTRATION)) is not None


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """An open port with this name was reached."""
    control = kind_of(service, CONTROL)
    values = {
        "service": service.endpoint.label,
        "kind": control or kind_of(service, ADMINISTRATION) or "?",
    }
    evidence = (
        Evidence("service.protocol", service.protocol or "-"),
        Evidence("service.product", service.product or "-"),
        Evidence("nmap.name", service.need(NmapServiceFacts).name or "-"),
    )
    if on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    else:
        yield Outcome("control_reachable" if control else "reachable", values, evidence)


RULE = Rule(
    id="exposure/management-port-reachable",
    title=Text("管理类端口可被访问", "A port for administration can be reached"),
    rationale=Text(
        "远程桌面、VNC、容器和集群接口、文件共享、远程调用等服务供管理人员或者内部系统使用。对外开放时，"
        "弱口令和漏洞会被直接利用；其中一些默认不要口令，连上就等于取得控制权。",
        "Remote desktop, VNC, container and cluster interfaces, file shares and remote calls serve administrators and inner "
        "systems. In the open, weak passwords and flaws are used directly; some ask for no password by default, so that a "
        "connection is control.",
    ),
    remediation=Text(
        "在防火墙、安全组中关闭对外访问，只允许管理网段、堡垒机或 VPN 连接；不用的服务停用。Docker：不用 -H tcp://，"
        "确需远程的用 --tlsverify --tlscacert --tlscert --tlskey 双向认证　Windows 远程桌面：启用网络级身份验证（NLA"
        "），在防火墙规则的“作用域”中限制来源　Windows 文件共享（SMB）：对外封禁 139、445，停用 SMB 1："
        "Set-SmbServerConfiguration -EnableSMB1Protocol $false　Linux 图形界面（X11）：启动参数加 -nolisten tcp　etcd"
        "：--client-cert-auth --trusted-ca-file，--listen-client-urls 写内网地址　Kubernetes（kubelet）："
        "--anonymous-auth=false --authorization-mode=Webhook --read-only-port=0　ZooKeeper：zoo.cfg 的"
        " clientPortAddress 写内网地址，启用 SASL。",
        "Close it to the outside in the firewall; let only the management network, a bastion host or a VPN through,"
        " and switch off what is not used. Docker: no -H tcp://, or --tlsverify --tlscacert --tlscert --tlskey with "
        "client certificates. Windows remote desktop: Network Level Authentication, and sources restricted under "
        "Scope of the firewall rule. Windows file sharing: block 139 and 445 from outside, and "
        "Set-SmbServerConfiguration -EnableSMB1Protocol $false. Linux X11: -nolisten tcp. etcd: --client-cert-auth "
        "--trusted-ca-file, --listen-client-urls at the internal address. Kubernetes kubelet: --anonymous-auth=false "
        "--authorization-mode=Webhook --read-only-port=0. ZooKeeper: clientPortAddress in zoo.cfg at the internal "
        "address, and SASL.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "mlps"),
    needs=(NmapServiceFacts,),
    basis=Basis.BANNER,
    outcomes={
        "control_reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "可以从检测所在位置访问 {service}，该端口应答的特征是 {kind}，一旦被利用可能直接控制主机；"
                "应只允许管理网段访问。是否要求认证未检测。",
                "{service} can be reached from where the scan ran and answers like {kind}, which can give control of the "
                "host; wanted: the management network only. Whether it asks for authentication was not tested.",
            ),
        ),
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "可以从检测所在位置访问 {service}，该端口应答的特征是 {kind}；应只允许管理网段或者内部系统访问。是否要求认证未检测。",
                "{service} can be reached from where the scan ran and answers like {kind}; wanted: the management network "
                "or inner systems only. Whether it asks for authentication was not tested.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    applies=applies,
    evaluate=evaluate,
)
