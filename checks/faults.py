"""What reading a domain's records met, in sentences for people: the facts keep it in the short English of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Text

_AT = re.compile(r"(?P<at>[^\s:]+): (?P<rest>.+)", re.DOTALL)
"""An error in a record that another one led to begins with that one's name."""
_SAID: tuple[tuple[re.Pattern[str], Text], ...] = tuple(
    (re.compile(pattern, re.DOTALL), Text(zh, en))
    for pattern, zh, en in (
        # SPF
        (r"([0-9]+) SPF records", "有 {0} 条 SPF 记录，只能有一条", "there are {0} SPF records, where one is allowed"),
        (r"not ASCII: (.+)", "含有非 ASCII 字符：{0}", "not ASCII: {0}"),
        (r"not an address or network: (.+)", "不是正确的地址或者网段：{0}", "not an address or network: {0}"),
        (r"not a term: (.+)", "不符合语法：{0}", "not a term of SPF: {0}"),
        (r"redirect stands twice", "redirect 出现两次", "redirect stands twice"),
        (r"no mechanism of SPF: (.+)", "SPF 没有这种机制：{0}", "no mechanism of SPF: {0}"),
        (r"no domain, or one too many: (.+)", "缺少域名或者多写了域名：{0}", "no domain, or one too many: {0}"),
        (r"no network length here: (.+)", "此处不能写网段长度：{0}", "no network length may stand here: {0}"),
        (
            r"([0-9]+) terms ask DNS; ([0-9]+) are allowed",
            "需要查询 DNS {0} 次，上限 {1} 次", "{0} terms ask DNS, where {1} are allowed",
        ),
        (r"no domain: (.*)", "不是正确的域名：{0}", "not a domain: {0}"),
        (r"(\S+) leads to itself", "{0} 循环引用自身", "{0} leads to itself"),
        (r"(\S+) has no SPF record", "被引用的 {0} 没有 SPF 记录", "{0}, which is referred to, has no SPF record"),
        (
            r"(\S+) has ([0-9]+) SPF records",
            "被引用的 {0} 有 {1} 条 SPF 记录", "{0}, which is referred to, has {1} SPF records",
        ),
        # DMARC
        (r"([0-9]+) DMARC records", "有 {0} 条 DMARC 记录，只能有一条", "there are {0} DMARC records, where one is allowed"),
        (r"not a list of tags", "不是以分号分隔的“标签=值”", "not a list of tags"),
        (r"(p|sp)=(.*) is no policy", "{0}={1} 不是规定的处理方式", "{0}={1} is no policy"),
        (r"p is missing", "缺少 p", "p is missing"),
        (r"pct=(.*) is no percentage", "pct={0} 不是 0 至 100 的数", "pct={0} is no percentage"),
        (r"rua is not a list of mailto: addresses", "rua 不是 mailto: 地址", "rua is not a list of mailto: addresses"),
        # DNSSEC
        (r"DS records, and no DNSKEY records", "上级有 DS 记录，本域没有 DNSKEY 记录", "there are DS records, and no DNSKEY records"),
        (r"no DNSKEY record matches the DS records", "没有与 DS 记录对应的 DNSKEY 记录", "no DNSKEY record matches the DS records"),
        (r"a signature is missing", "缺少签名", "a signature is missing"),
        (
            r"no RRSIGs validated",
            "没有一个签名能用现有密钥核验（已过期、尚未生效或者不是由这些密钥签署）",
            "no signature holds: over, not yet begun, or not made by these keys",
        ),
        (r"([A-Z]\w+): (.*)", "记录无法解读（{0}）", "the records cannot be read ({0}: {1})"),
    )
)  # fmt: skip


def _sentence(error: str) -> Text | None:
    for pattern, text in _SAID:
        if found := pattern.fullmatch(error):
            return Text(text.zh.format(*found.groups()), text.en.format(*found.groups()))
    return None


def said(error: str) -> Text:
    """The sentence for one error; one that nobody knows stands as it is."""
    if plain := _sentence(error):
        return plain
    at = _AT.fullmatch(error)
    if at is not None and (inner := _sentence(at["rest"])):
        return Text(f"{at['at']} 的记录：{inner.zh}", f"the record of {at['at']}: {inner.en}")
    return Text(error, error)


def all_said(errors: Iterable[str]) -> dict[str, str]:
    """The sentences for all errors, as the values ``zh`` and ``en`` of an outcome."""
    texts = [said(error) for error in errors]
    return {
        "zh": "；".join(text.zh for text in texts) or "-",
        "en": "; ".join(text.en for text in texts) or "-",
    }
