"""The papers of an inspection: what each says, from the inspection alone. What is not known stays a blank to be filled by hand.

The words of law are the law's own; which instrument is cited follows from the day (:func:`reports.inspection.rules.basis`). A scan's
finding is called 发现, never 违法: that is for the officers to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reports.inspection.model import Inspection, ScanFinding
from reports.inspection.rules import basis, day_of, key_inspection
from reports.law.corpus import load as corpus
from reports.wording import BEIJING, Wording

BLANK = "＿" * 12


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """一、二、三 and so on are written with it."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below repeated heads; ``widths`` are shares."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A place to sign or to seal."""

    label: str

    @property
    def line(self) -> str:
        """The label with room to write, and the day."""
        room = "" if self.label.startswith("（") else f"：{BLANK[:7]}"
        return f"{self.label}{room}　＿＿年＿月＿日"


Block = Text | Heading | Table | Signature


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper."""

    name: str
    title: str
    number: str
    blocks: tuple[Block, ...]


def paper(name: str, inspection: Inspection) -> Paper:
    """The paper called ``name``.

    :raises KeyError: there is none of that name; see :data:`PAPERS`.
    """
    title, contents = PAPERS[name]
    return Paper(name, title, inspection.number, tuple(contents(inspection)))


def _or_blank(text: str) -> str:
    return text.strip() or BLANK


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿年＿＿月＿＿日"


def _moment(moment: datetime) -> str:
    at = moment.astimezone(BEIJING)
    return f"{_day(at.date())}{at.hour:02}时{at.minute:02}分"


def _basis(article: str, inspection: Inspection) -> str:
    return basis(article, day_of(inspection)).zh


def _object(inspection: Inspection) -> Table:
    subject = inspection.object
    return Table(
        (),
        (
            ("监督检查对象", _or_blank(subject.name)),
            ("统一社会信用代码", _or_blank(subject.credit_code)),
            ("地址", _or_blank(subject.address)),
            ("负责人", _or_blank(subject.responsible)),
            ("联系人", _or_blank(subject.contact)),
        ),
        (3, 7),
    )


def _officer_lines(inspection: Inspection) -> Iterator[Signature]:
    for officer in inspection.officers:
        number = f"（警号 {officer.number}）" if officer.number else ""
        yield Signature(f"人民警察 {officer.name}{number}签名")
    for _ in range(2 - len(inspection.officers)):
        yield Signature("人民警察签名")
    if inspection.company is not None:
        for person in inspection.company.staff:
            yield Signature(f"技术支持人员 {person}（{inspection.company.name}）签名")


def _notice(inspection: Inspection) -> Iterator[Block]:
    notice = inspection.notice
    window = f"{_moment(notice.not_before)}至{_moment(notice.not_after)}" if notice else f"{BLANK}至{BLANK}"
    yield Text(f"{_or_blank(inspection.object.name)}：")
    yield Text(
        f"根据{_basis('第十六条', inspection)}，我单位将对你单位是否存在网络安全漏洞开展远程检测，现将有关事项告知如下。"
    )
    yield Heading("一、检测时间")
    yield Text(window)
    yield Heading("二、检测范围")
    for target in notice.scope if notice else (BLANK,):
        yield Text(target)
    yield Heading("三、检测方式")
    yield Text(
        "只读检测：建立连接、读取服务公开的标识和配置，不猜测口令，不利用漏洞，不写入或者修改数据，不干扰、破坏网络的正常运行。"
        "每次连接都有记录，可供核对。"
    )
    company = inspection.company
    staff = f"{company.name}（{'、'.join(company.staff)}）" if company else "无"
    yield Heading("四、受委托提供技术支持的网络安全服务机构")
    yield Text(staff)
    yield Heading("五、检测人员")
    yield Text("、".join(officer.name for officer in inspection.officers) or BLANK)
    yield Text(f"告知日期：{_day(notice.given if notice else None)}")
    yield Signature("（公安机关印章）")
    yield Signature("接收人签名")


def _record(inspection: Inspection) -> Iterator[Block]:
    yield _object(inspection)
    yield Heading("一、检查情况")
    mode = {"remote": "远程检测", "on_site": "现场监督检查", "both": "现场监督检查和远程检测"}[
        inspection.mode
    ]
    yield Text(f"检查方式：{mode}。检查结束日期：{_day(inspection.ended)}。")
    article = "第十八条第二款" if inspection.mode == "remote" else "第十八条第一款"
    yield Text(f"制作依据：{_basis(article, inspection)}。")
    reasons = key_inspection(inspection)
    if reasons:
        words = Wording("zh")
        told = "；".join(words.word("key_inspection", reason) for reason in reasons)
        yield Text(f"重点监督检查：{told}（{_basis('第九条第二款', inspection)}）。")
    if inspection.notice is not None:
        notice = inspection.notice
        kind = "告知" if notice.kind == "notice" else "公告"
        yield Text(
            f"远程检测前已{kind}（{notice.number}，{_day(notice.given)}）：{_moment(notice.not_before)}至{_moment(notice.not_after)}，"
            f"范围：{'、'.join(notice.scope)}。"
        )
    if inspection.scans:
        yield Text(f"扫描编号：{'、'.join(inspection.scans)}。逐次连接记录、结果和报告随案保存。")
    if inspection.on_site is not None:
        place = inspection.on_site
        shown = "已" if place.credentials_shown else "未"
        yield Text(f"{shown}出示人民警察证和监督检查通知书。在场人员：{_or_blank(place.witness)}。")
        files = "".join(f"；{kept.name}" for kept in place.attachments)
        yield Text(f"现场记录情况：{_or_blank(place.traces)}{files}")
    yield Heading("二、各项义务")
    words = Wording("zh")
    rows = []
    for key, answer in inspection.answers.items():
        files = "".join(f"；附件 {kept.name}" for kept in answer.attachments)
        told = words.word("duty_answer", answer.answer)
        rows.append(
            (corpus().duty(key).zh, told, words.word("answer_source", answer.source), f"{answer.note}{files}")
        )
    yield Table(("义务", "情况", "依据", "说明"), tuple(rows), (35, 12, 10, 43))
    yield Heading("三、扫描发现及采信情况")
    if inspection.findings:
        yield Table(
            ("编号", "发现", "位置", "采信情况及理由"),
            tuple(
                (key, finding.title, finding.where, _decided(key, inspection))
                for key, finding in inspection.findings.items()
            ),
            (18, 30, 20, 32),
        )
    else:
        yield Text("无。")
    yield Heading("四、监督检查对象的意见")
    opinion = inspection.opinion
    if opinion is None:
        yield Text(BLANK)
    elif opinion.refused:
        yield Text(f"{opinion.by}拒绝签名。{opinion.text}")
    else:
        yield Text(f"{opinion.by}：{opinion.text or '无异议。'}")
    yield from _officer_lines(inspection)
    if inspection.at_the_place:
        yield Signature("监督检查对象负责人或者网络安全管理人员签名")


def _decided(key: str, inspection: Inspection) -> str:
    decision = inspection.decisions.get(key)
    if decision is None:
        return BLANK
    return f"{'采信' if decision.adopted else '不采信'}：{decision.reason}（{decision.by}）"


def _rectify(inspection: Inspection) -> Iterator[Block]:
    order = inspection.rectification
    yield Text(f"{_or_blank(inspection.object.name)}：")
    yield Text(f"我单位于{_day(inspection.ended)}结束的监督检查中，发现你单位存在下列问题：")
    number = 0
    for key, answer in inspection.answers.items():
        if answer.answer == "not_met":
            number += 1
            yield Text(f"{number}. {corpus().duty(key).zh}：{answer.note}")
    for key in inspection.adopted:
        number += 1
        found: ScanFinding = inspection.findings[key]
        yield Text(f"{number}. {found.title}（{found.where}）：{found.detail}")
    if not number:
        yield Text(BLANK)
    yield Text(
        f"根据{_basis('第十九条第一款', inspection)}，现责令你单位于{_day(order.deadline if order else None)}前完成整改。"
    )
    yield Heading("整改要求")
    yield Text(_or_blank(order.demands if order else ""))
    yield Text("整改期限届满前认为已经整改完毕的，可以书面提出提前复查申请。")
    yield Text(f"签发日期：{_day(order.issued if order else None)}")
    yield Signature("（公安机关印章）")
    yield Signature("接收人签名")


def _recheck(inspection: Inspection) -> Iterator[Block]:
    recheck, order = inspection.recheck, inspection.rectification
    yield Text(f"{_or_blank(inspection.object.name)}：")
    yield Text(
        f"你单位经责令于{_day(order.deadline if order else None)}前整改。根据{_basis('第十九条第三款', inspection)}，"
        f"我单位于{_day(recheck.done if recheck else None)}进行了复查。"
    )
    yield Heading("复查意见")
    told = {"mended": "已经整改。", "not_mended": "未整改。", "partly": "部分整改。"}
    yield Text(f"{told[recheck.result]}{recheck.note}" if recheck else BLANK)
    yield Text(f"反馈日期：{_day(recheck.told if recheck else None)}")
    yield from _officer_lines(inspection)
    yield Signature("（公安机关印章）")


def _evidence(inspection: Inspection) -> Iterator[Block]:
    yield _object(inspection)
    rows = [(str(number), *row) for number, row in enumerate(_evidence_rows(inspection), start=1)]
    yield Heading("一、附件")
    if rows:
        yield Table(
            ("序号", "所证事项", "文件", "收存时间", "SHA-256 与 SM3"), tuple(rows), (7, 22, 20, 17, 34)
        )
    else:
        yield Text("无。")
    yield Heading("二、扫描")
    for scan in inspection.scans or ("无。",):
        yield Text(scan)
    yield Text("扫描的结果、报告和逐次连接记录，其摘要见案卷登记。")
    yield from _officer_lines(inspection)


def _evidence_rows(inspection: Inspection) -> Iterator[tuple[str, str, str, str]]:
    kept = [
        (corpus().duty(key).zh, one)
        for key, answer in inspection.answers.items()
        for one in answer.attachments
    ]
    kept += [("现场记录", one) for one in (inspection.on_site.attachments if inspection.on_site else ())]
    for what, one in kept:
        at = one.taken.astimezone(BEIJING)
        yield what, f"{one.name}（{one.size} 字节）", f"{at:%Y-%m-%d %H:%M:%S}", f"{one.sha256} {one.sm3}"


PAPERS: Mapping[str, tuple[str, Callable[[Inspection], Iterator[Block]]]] = {
    "notice": ("远程检测告知书", _notice),
    "record": ("监督检查记录", _record),
    "rectify": ("责令限期整改通知书", _rectify),
    "recheck": ("复查意见书", _recheck),
    "evidence": ("证据材料清单", _evidence),
}
"""Name -> title, and what makes its contents."""


def fields(inspection: Inspection) -> dict[str, str]:
    """What a unit's own template can ask for by merge fields: single values, and each paper's text whole."""
    notice, order, recheck = inspection.notice, inspection.rectification, inspection.recheck
    subject = inspection.object
    single = {
        "文书编号": inspection.number, "对象": subject.name, "统一社会信用代码": subject.credit_code, "地址": subject.address,
        "负责人": subject.responsible, "联系人": subject.contact,
        "人民警察": "、".join(officer.name for officer in inspection.officers),
        "检测开始": _moment(notice.not_before) if notice else "", "检测结束": _moment(notice.not_after) if notice else "",
        "检测范围": "、".join(notice.scope) if notice else "", "告知日期": _day(notice.given) if notice else "",
        "检查结束日期": _day(inspection.ended), "整改期限": _day(order.deadline if order else None),
        "整改要求": order.demands if order else "", "复查日期": _day(recheck.done if recheck else None),
    }  # fmt: skip
    whole = {
        title: "\n".join(_plain(block) for block in contents(inspection))
        for title, contents in PAPERS.values()
    }
    return {name: value or BLANK for name, value in {**single, **whole}.items()}


def _plain(block: Block) -> str:
    match block:
        case Text(text) | Heading(text):
            return text
        case Table(heads, rows, _):
            return "\n".join("\t".join(row) for row in ((heads,) if heads else ()) + rows)
        case Signature():
            return block.line
