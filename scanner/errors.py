"""Everything that can go wrong, as one tree.

::

    ZijianError
      UsageError            bad option, scope file, target or configuration: exit code 2
        PolicyRefusal       not authorised: outside the scope, the window, or the mode's conditions
      TargetError           what the target did; never a proof that something is absent
        ResolveError
        ConnectError        refused, timeout, reset, unreachable
        PeerClosed          the peer ended the stream before the answer was whole
        PeerTimeout         connected, then silent for too long
        Throttled           the target slows us or turns us away: back off, then inconclusive
        TlsError            alert, not TLS, handshake broken
        ProtocolError       an answer that is not of the protocol
        TooLarge            more bytes than the cap
        NotOffered          the target says by its own protocol that it does not have what was asked: an answer
      LocalError            this machine: no route, no nmap, no permission, disk full
      Stopped               the scan was told to stop; nothing is wrong

Each leaf has ``kind``, a fixed short string used in stored facts, the ledger, JSON and tests.
"""

from __future__ import annotations

from scanner.said import Told


class ZijianError(Exception):
    """Root of the tree. ``str(error)`` is one plain sentence."""

    kind = "error"

    def __init__(self, message: str, *, kind: str | None = None) -> None:
        super().__init__(message)
        if kind is not None:
            self.kind = kind


class _ToldError(Told, ZijianError):
    """What stops a command, and so reaches a person: Chinese and English."""

    def __init__(self, zh: str, en: str, *, kind: str | None = None) -> None:
        super().__init__(zh, en)
        if kind is not None:
            self.kind = kind


class UsageError(_ToldError):
    """The command line, a scope file, a target or the configuration is wrong; exit code 2."""

    kind = "usage"


class PolicyRefusal(UsageError):
    """The authorisation does not cover this. Kinds: out_of_scope, outside_window, no_statement, not_authorised."""

    kind = "not_authorised"


class TargetError(ZijianError):
    """The target did not give a usable answer. It proves nothing about what the target lacks."""

    kind = "target"


class ResolveError(_ToldError, TargetError):
    """A name could not be resolved. Kinds: nxdomain, no_answer, servfail, timeout."""

    kind = "resolve"


class ConnectError(TargetError):
    """No connection. Kinds: refused, timeout, reset, unreachable."""

    kind = "connect"


class PeerClosed(TargetError):
    """The peer closed or reset the stream before the answer was whole. Kinds: closed, reset."""

    kind = "closed"


class PeerTimeout(TargetError):
    """The peer accepted the connection and then kept silent, or dripped, past the limit."""

    kind = "timeout"


class Throttled(TargetError):
    """The target turns us away for a while, or was given up after repeated trouble."""

    kind = "throttled"


class TlsError(TargetError):
    """The TLS handshake ended without success. Kinds: alert:<name>, not_tls, malformed."""

    kind = "tls"


class ProtocolError(TargetError):
    """The answer is not of the protocol that was asked for."""

    kind = "protocol"


class TooLarge(TargetError):
    """The peer sent more than the cap for this exchange."""

    kind = "too_large"


class NotOffered(TargetError):
    """The target said by its own protocol that it does not have what was asked for. Kinds: no_starttls.

    A probe that raises it has nothing to ask: its run counts as skipped, not as failed.
    """

    kind = "not_offered"


class LocalError(_ToldError):
    """This machine lacks something. Kinds: nmap_missing, nmap_failed, no_permission, disk_full, no_route."""

    kind = "local"


class Stopped(ZijianError):
    """The scan is stopping: Ctrl-C, ``zijian stop``, or the end of the authorised window."""

    kind = "stopped"
