"""A file server (NFS) answers strangers.

How it is seen: the null procedure of a version that there is not; the answer names those there are (RFC 5531 §9). How it is judged: NFS trusts the
user numbers that clients state, unless Kerberos is required. What it cannot show: which directories it would give to whom; mountd's
list has a rule of its own.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import NfsFacts

RULE = access_rule(
    id="exposure/nfs",
    name=Text("NFS 文件共享", "An NFS file server"),
    facts=NfsFacts,
    rationale=Text(
        "NFS 默认只凭客户端地址和自报的用户号授权（AUTH_SYS），数据明文传输；对外开放时，文件可能被任意读"
        "写。",
        "NFS by default goes by the client's address and the user number it states (AUTH_SYS), and sends "
        "data in clear text; open to the outside, files may be read and written by anyone.",
    ),
    remediation=Text(
        "防火墙只放行 NFS 客户端，封禁 TCP/UDP 2049 和 111。/etc/exports：写具体客户端地址，不写 *，用 "
        "root_squash、sec=krb5p；　/etc/nfs.conf：[nfsd] host=内网地址；　群晖、威联通等 NAS：NFS 规则只"
        "写内网地址；　不用时 systemctl disable --now nfs-server。",
        "Let NFS clients alone through; block TCP and UDP 2049 and 111. /etc/exports: clients' "
        "addresses, never *, with root_squash and sec=krb5p. /etc/nfs.conf: [nfsd] host=INSIDE. "
        "Synology, QNAP and other NAS: inside addresses in NFS rules. Else systemctl disable --now "
        "nfs-server.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("RFC 7530", "https://www.rfc-editor.org/rfc/rfc7530"),
        Reference("exports(5)", "https://manpages.debian.org/bookworm/nfs-kernel-server/exports.5.en.html"),
    ),
    usable=None,
    reachable=Severity.MEDIUM,
)
