"""Sentences for people, in Chinese and in English from where they are made.

Records, ledgers and programs take the English one: ``str()`` of each. The Chinese one is asked for by :func:`zh`, at the
command line alone (``scanner/cli/language.py``).
"""

from __future__ import annotations

import errno
import re


class Sentence(str):
    """A sentence, or a part of one: English as text, with its Chinese beside it."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, zh: str, en: str) -> Sentence:
        """Make the sentence from both texts."""
        made = super().__new__(cls, en)
        made.zh = zh
        return made


class Told(Exception):
    """An error whose sentence reaches a person: it is made in both languages; ``str()`` is the English one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


_SYSTEM = {
    errno.ENOENT: "没有这个文件或者文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样操作",
    errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "路径中有一部分不是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超过磁盘配额",
    errno.EFBIG: "文件过大",
    errno.EROFS: "文件系统只读",
    errno.EIO: "读写出错",
    errno.ELOOP: "符号链接循环",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "系统打开的文件过多",
    errno.EXDEV: "不在同一个文件系统",
    errno.ETXTBSY: "文件正在使用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ENETUNREACH: "网络不可达",
    errno.EHOSTUNREACH: "主机不可达",
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ETIMEDOUT: "连接超时",
}
"""What the operating system says (errno(3))."""

_LIBRARIES = tuple(
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in (
        # msgspec
        (r"(.+) - at `(.+)`", "{1} 处：{0}"),
        (r"Expected `(.+)`, got `(.+)`", "应为 {0}，却是 {1}"),
        (r"Object missing required field `(.+)`", "缺少 {0}"),
        (r"Object contains unknown field `(.+)`", "没有 {0} 这一项"),
        (r"Invalid enum value (.+)", "不能取值 {0}"),
        (r"Expected `(\w+)` of length <= (\d+)", "长度不能超过 {1}"),
        (r"Expected `(\w+)` of length >= (\d+)", "长度不能小于 {1}"),
        (r"Expected `(\w+)` (<=|>=|<|>) (.+)", "应当 {1} {2}"),
        (r"Expected `(\w+)` matching regex (.+)", "不符合格式 {1}"),
        (r"Invalid (?:RFC3339|ISO8601) encoded (\w+)", "不是正确的日期或者时间"),
        # tomllib, json
        (r"(.+) \(at line (\d+), column (\d+)\)", "第 {1} 行第 {2} 列有误（{0}）"),
        (r"(.+) \(at end of document\)", "文件末尾有误（{0}）"),
        (r"(.+): line (\d+) column (\d+) \(char \d+\)", "第 {1} 行第 {2} 列有误（{0}）"),
        # ipaddress
        (r"(.+) does not appear to be an IPv4 or IPv6 (?:address|network)", "{0} 不是 IPv4 或者 IPv6 地址"),
        (r"(.+) has host bits set", "{0} 不是网段的起始地址"),
        (r"File is not a zip file", "文件不是 ZIP 格式"),
    )
)
"""What libraries say, whose sentences are theirs: the parts that a person needs. Others stand as they are."""


def zh(what: object) -> str:
    """The Chinese of a sentence or error made in both languages; of what the system or a library says, where it is known."""
    made = getattr(what, "zh", None)
    if isinstance(made, str):
        return made
    if isinstance(what, OSError) and what.errno is not None:
        return _SYSTEM.get(what.errno, what.strerror or str(what))
    if isinstance(what, UnicodeDecodeError):
        return f"不是 {what.encoding.upper()} 编码（第 {what.start + 1} 个字节）"
    text = str(what)
    for pattern, chinese in _LIBRARIES:
        if found := pattern.fullmatch(text):
            return chinese.format(*map(zh, found.groups()))
    return text
