"""Real file servers: Samba, and NFS-Ganesha with rpcbind."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.namespace import inside_as_root
from tests.servers.process import loopback_address, program


@contextlib.contextmanager
def smbd_server(folder: Path, options: str = "", *, port: int = 445) -> Iterator[str]:
    """Samba's smbd in a namespace, with one share called ``papers``, and further ``options`` of the global section."""
    address = loopback_address()
    config = folder / "smb.conf"
    kinds = ("lock directory", "state directory", "cache directory", "pid directory", "private dir")
    folders = "".join(f"{kind} = {folder}\n" for kind in (*kinds, "ncalrpc dir"))
    config.write_text(
        f"[global]\nworkgroup = TESTERS\nnetbios name = TESTER\n"
        f"smb ports = {port}\nlog file = {folder}/log\ndisable netbios = yes\nload printers = no\nserver role = standalone\n"
        f"{folders}{options}\n[papers]\npath = {folder}\n"
    )
    start = f"mkdir -p /run/samba && exec {program('smbd')} -F --no-process-group --configfile={config} --debug-stdout"
    command = ["sh", "-c", start]
    with inside_as_root(command, folder=folder, address=address, ports=(port,)):
        yield address


_GANESHA = """
NFS_CORE_PARAM {{ NFS_Protocols = {protocols}; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false; }}
NFSv4 {{ RecoveryBackend = fs; Graceless = true; }}
EXPORT_DEFAULTS {{ Access_Type = NONE; }}
EXPORT {{
  Export_Id = 1; Path = {shared}; Pseudo = /shared; Protocols = {protocols}; Transports = TCP; SecType = sys; {access}
  FSAL {{ Name = VFS; }}
}}
"""


@contextlib.contextmanager
def nfs_server(folder: Path, access: str, *, protocols: str = "3, 4") -> Iterator[str]:
    """NFS-Ganesha and rpcbind in a namespace: 111 leads to it over TCP. ``access`` is written into its one export.

    With ``protocols`` 4 alone there is no mountd.
    """
    address = loopback_address()
    shared = folder / "shared"
    shared.mkdir()
    config = folder / "ganesha.conf"
    config.write_text(_GANESHA.format(shared=shared, access=access, protocols=protocols))
    start = (
        f"mkdir -p /run/ganesha /var/lib/nfs/ganesha /run/dbus && {program('rpcbind')} -w && "
        f"exec {program('ganesha.nfsd')} -F -L {folder}/ganesha.log -f {config} -p /run/ganesha/ganesha.pid"
    )
    # It listens for NFS last of all.
    with inside_as_root(
        ["sh", "-c", start],
        folder=folder,
        address=address,
        ports=(111, *((20048,) if "3" in protocols else ()), 2049),
    ):
        yield address
