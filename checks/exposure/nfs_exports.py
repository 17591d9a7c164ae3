"""Directories are shared over NFS with everybody.

How it is seen: mountd's EXPORT, which lists directories and to whom they are given (RFC 1813, Appendix I); nothing is mounted. How it is judged: a
directory given to all can be mounted by whoever reaches the server. What it cannot show: the rights on the files, and what only the
server's own configuration says (options such as read-only).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.access import DATA_DUTIES
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
from scanner.facts import ServiceFacts
from scanner.facts.access import RpcbindFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    facts = service.need(RpcbindFacts)
    if facts.exports is None:
        return [Outcome("not_told", {"service": service.endpoint.label})]
    shown = ", ".join(facts.directories) or "-"
    values = {
        "service": service.endpoint.label,
        "all": str(facts.exports_to_all),
        "count": str(facts.exports),
        "shown": shown,
    }
    evidence = (
        Evidence("rpcbind.exports", str(facts.exports)),
        Evidence("rpcbind.exports_to_all", str(facts.exports_to_all)),
        Evidence("rpcbind.directories", shown),
    )
    case = "to_all" if facts.exports_to_all else "listed" if facts.exports else "none"
    return [Outcome(case, values, evidence)]


RULE = Rule(
    id="exposure/nfs-exports",
    title=Text("NFS 目录向所有人共享", "NFS directories are shared with everybody"),
    rationale=Text(
        "共享给所有客户端的目录，任何能连上的人都可以挂载，冒用任意用户号读取乃至改写其中的数据。",
        "A directory shared with every client can be mounted by whoever reaches the server, and its data "
        "read, or changed, under any user number.",
    ),
    remediation=Text(
        "/etc/exports 写具体的客户端地址或者网段，不写 *，加 root_squash，可只读的写 ro，并要求 sec=krb5p"
        "，然后 exportfs -ra；　NFS-Ganesha：EXPORT 中 Access_Type=None，只在 CLIENT 块放行；　群晖、威联"
        "通：共享文件夹—NFS 权限删除 *；　防火墙只放行客户端。",
        "In /etc/exports, write clients' addresses or networks, never *, with root_squash, ro where that "
        "will do and sec=krb5p; then exportfs -ra. NFS-Ganesha: Access_Type=None in EXPORT, and CLIENT "
        "blocks. Synology, QNAP: remove * from the share's NFS permissions. Let clients alone through "
        "the firewall.",
    ),
    severity=Severity.HIGH,
    duties=DATA_DUTIES,
    needs=(RpcbindFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "to_all": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 的 mountd 列出 {count} 个共享目录，其中 {all} 个对所有客户端开放（{shown}）；"
                "应只对指定的客户端开放。",
                "mountd at {service} lists {count} shared directories, {all} of them for every client "
                "({shown}); wanted: named clients only.",
            ),
        ),
        "listed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 的 mountd 向陌生人列出了 {count} 个共享目录（{shown}），均限定了客户端；应不对"
                "外应答。",
                "mountd at {service} lists {count} shared directories to strangers ({shown}), each for "
                "certain clients; wanted: no answer to outsiders.",
            ),
        ),
        "none": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的 mountd 未列出共享目录。",
                "mountd at {service} lists no shared directory.",
            ),
        ),
        "not_told": Declared(
            status=Status.NOT_APPLICABLE,
            detail=Text(
                "{service} 没有登记 mountd，或者它未应答。",
                "No mountd is registered at {service}, or it did not answer.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 1813, Appendix I", "https://www.rfc-editor.org/rfc/rfc1813#appendix-I"),
        Reference("exports(5)", "https://manpages.debian.org/bookworm/nfs-kernel-server/exports.5.en.html"),
    ),
    impact=Impact.ONE_READ,
)
