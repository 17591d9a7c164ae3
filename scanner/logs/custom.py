"""A log format of the operator's own, as nginx's ``log_format`` or Apache's ``LogFormat`` states it.

It is read as fixed text between variables, never as a regular expression: no pattern makes the reading of a line slow. Sources:
nginx ngx_http_log_module (log_format), Apache mod_log_config (Custom Log Formats).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from scanner.errors import UsageError
from scanner.logs.times import NONE, Form, decode

_CLF = "dd/bbb/YYYY:HH:MM:SS zzzzz"
_ISO = "YYYY-mm-ddTHH:MM:SS"
_NGINX = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_APACHE = re.compile(r"%[<>!,\d]*(?:\{([^}]*)\})?(%|\^t[io]|[a-zA-Z])")
_STRFTIME = {
    "%Y": "YYYY", "%m": "mm", "%b": "bbb", "%d": "dd", "%H": "HH", "%M": "MM", "%S": "SS", "%z": "zzzzz",
    "%F": "YYYY-mm-dd", "%T": "HH:MM:SS",
}  # fmt: skip
_FIELD_OF = {
    **dict.fromkeys(("remote_addr", "realip_remote_addr", "http_x_forwarded_for", "http_x_real_ip", "%h", "%a", "%{c}a"), "source_address"),
    **dict.fromkeys(("remote_port", "realip_remote_port", "%{remote}p"), "source_port"),
    **dict.fromkeys(("remote_user", "%u"), "account"),
    **dict.fromkeys(("request", "request_uri", "uri", "request_method", "%r", "%U", "%m"), "action"),
}  # fmt: skip
_LEAST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Custom:
    """What a format says: where the time stands, the fixed texts in their order, and the fields that it writes."""

    form: Form
    texts: tuple[bytes, ...]
    fields: frozenset[str]

    def fits(self, sample: bytes, newest: date) -> bool:
        """Whether three in ten lines of a sample, or more, have the fixed texts in order and the time in its place."""
        lines = [line for line in sample.split(b"\n")[:400] if line.strip()]
        whole = b"".join(line + b"\n" for line in lines if self._has_texts(line))
        timed = int(np.count_nonzero(decode(whole, self.form, newest, 0).times != NONE)) if whole else 0
        return timed > 0 and timed >= _LEAST_SHARE * len(lines)

    def _has_texts(self, line: bytes) -> bool:
        at = 0
        for text in self.texts:
            at = line.find(text, at)
            if at < 0:
                return False
            at += len(text)
        return True


def custom(pattern: str) -> Custom:
    """Read a format.

    :raises UsageError: it has no variables, or no time that can be read, or nothing that tells where the time begins.
    """
    texts, names = _apart(pattern)
    if not names:
        raise UsageError(
            f"--format {pattern!r} 中没有变量，如 nginx 的 $remote_addr、Apache 的 %h",
            f"--format {pattern!r} has no variables, such as nginx's $remote_addr or Apache's %h",
        )
    for index, name in enumerate(names):
        template = _template(name)
        if template is None:
            continue
        opening, template = ("[", template) if name == "%t" else ("", template)
        before = texts[index] + opening
        if index and not before:
            raise UsageError(
                f"--format {pattern!r} 的 {names[index - 1]} 与 {name} 之间没有分隔，无法确定时间从哪里开始",
                f"--format {pattern!r} has nothing between {names[index - 1]} and {name}: where the time begins is not known",
            )
        # Variables may hold anything; a byte that no text has stands for them.
        earlier = "\0".join(texts[:index])
        skip = sum(earlier.startswith(before, at) for at in range(len(earlier))) if index else 0
        form = (
            Form("custom", template, before.encode(), skip=skip)
            if index
            else Form("custom", template, offset=len(before.encode()))
        )
        written = frozenset(_FIELD_OF[one] for one in names if one in _FIELD_OF)
        return Custom(form, tuple(text.encode() for text in texts if text), written | {"time"})
    raise UsageError(
        f"--format {pattern!r} 中没有可以读取的时间：$time_local、$time_iso8601、%t，或者由 %Y %m %b %d %H %M %S %z %F %T 组成的 %{{...}}t",
        f"--format {pattern!r} has no time that can be read: $time_local, $time_iso8601, %t, or %{{...}}t of %Y %m %b %d %H %M %S %z %F %T",
    )


def _apart(pattern: str) -> tuple[list[str], list[str]]:
    """The fixed texts, one more than the variables, and the variables."""
    nginx = _NGINX.search(pattern) is not None
    texts, names, at = [""], [], 0
    for found in (_NGINX if nginx else _APACHE).finditer(pattern):
        texts[-1] += _plain(pattern[at : found.start()])
        at = found.end()
        if not nginx and found[2] == "%":
            texts[-1] += "%"
            continue
        argument = "" if nginx or found[1] is None else f"{{{found[1]}}}"
        names.append((found[1] or found[2]) if nginx else f"%{argument}{found[2]}")
        texts.append("")
    texts[-1] += _plain(pattern[at:])
    return texts, names


def _plain(text: str) -> str:
    return text.replace('\\"', '"').replace("\\t", "\t")


def _template(name: str) -> str | None:
    """How a variable writes the time; None for what is no time, or one that cannot be read."""
    if name in ("time_local", "%t"):
        return _CLF
    if name == "time_iso8601":
        return _ISO
    if not (name.startswith("%{") and name.endswith("}t")):
        return None
    wanted = name[2:-2].removeprefix("begin:").removeprefix("end:")
    pieces = re.findall(r"%.|[-/:.,T \[\]]|.", wanted)
    if not all(piece in _STRFTIME or re.fullmatch(r"[-/:.,T \[\]]", piece) for piece in pieces):
        return None
    template = "".join(_STRFTIME.get(piece, piece) for piece in pieces)
    complete = all(letter in template for letter in "dHMS") and ("m" in template or "b" in template)
    return template if complete else None
