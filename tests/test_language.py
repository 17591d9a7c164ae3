"""What a person reads at the command line: Chinese unless English is asked for, and never a text in one language alone."""

from __future__ import annotations

import ast
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec
import pytest

from scanner.cli import cli, main
from scanner.cli.help_zh import COMMANDS, OPTIONS
from scanner.cli.language import language, read_arguments
from scanner.errors import ResolveError, UsageError
from scanner.said import Sentence, Told, zh

ROOT = Path(__file__).parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[a-z]{2,}(?: [a-z]{2,}){2,}", re.IGNORECASE)
"""Three words in a row: a sentence that nobody put into Chinese."""


def _told(kind: type) -> Iterator[str]:
    yield kind.__name__
    for one in kind.__subclasses__():
        yield from _told(one)


def _texts() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Every pair of texts in the source: where, the Chinese and the English one."""
    import reports.inspection.paper_formats
    import reports.inspection.workdays
    import reports.law.corpus
    import reports.law.text
    import reports.other_tools  # noqa: F401

    names = {*_told(Told), "Sentence", "say"}
    for folder in ("scanner", "checks", "reports"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                if node.func.id not in names or path.name == "doctor.py":
                    continue
                given = [one for one in node.args if not isinstance(one, ast.Starred)]
                if len(given) == 2:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", given[0], given[1]


def _words(text: ast.expr) -> str:
    return "".join(
        one.value for one in ast.walk(text) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )


def _values(text: ast.expr) -> set[str]:
    """The names that a text tells; how each language shows them is its own matter."""
    shown = {one.id for one in ast.walk(text) if isinstance(one, ast.Name)}
    return shown - {"zh", "map", "repr", "str", "_CHINESE"}


def test_every_text_is_there_in_both_languages_and_tells_the_same() -> None:
    found = list(_texts())
    assert len(found) > 350
    empty = [where for where, chinese, english in found if not (_words(chinese) or _values(chinese)) or not
             (_words(english) or _values(english))]  # fmt: skip
    assert not empty
    untranslated = [
        where
        for where, chinese, english in found
        if (
            ENGLISH.search(re.sub(r"zijian \S+( --resume)?|sudo .*|%\S+( %\S+)*", "", _words(chinese)))
            and not CHINESE.search(_words(chinese))
        )
        or (_words(chinese) == _words(english) and ENGLISH.search(_words(english)))
    ]
    assert not untranslated
    differing = [
        (where, _values(chinese) ^ _values(english))
        for where, chinese, english in found
        if _values(chinese) != _values(english)
    ]
    # A value that is a text itself has its Chinese beside it, and a number may stand in one only to choose a form.
    assert [
        one
        for one in differing
        if one[1] - {"kind", "everything", "zh_why", "en_why", "chinese", "english", "self", "one"}
    ] == []


def test_records_take_the_english_sentence() -> None:
    error = ResolveError("域名不存在", "no such name", kind="nxdomain")
    assert (str(error), error.zh, error.kind, zh(error)) == (
        "no such name", "域名不存在", "nxdomain", "域名不存在",
    )  # fmt: skip
    assert msgspec.json.encode(str(Sentence("坏", "bad"))) == b'"bad"'
    assert UsageError("坏", "bad").kind == "usage"


def _says(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:
        return zh(error)
    pytest.fail("nothing was wrong")


class _Officer(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def test_what_the_system_and_libraries_say_is_put_into_chinese(tmp_path: Path) -> None:
    import ipaddress
    import tomllib

    assert _says((tmp_path / "none").read_bytes) == "没有这个文件或者文件夹"
    assert _says(tmp_path.read_bytes) == "这是文件夹"
    assert _says(lambda: tomllib.loads("a = \nb")).startswith("第 1 行第 5 列有误（")
    assert _says(lambda: msgspec.convert({"name": 1}, _Officer)) == "$.name 处：应为 str，却是 int"
    assert _says(lambda: msgspec.convert({}, _Officer)) == "缺少 name"
    assert _says(lambda: msgspec.convert({"name": "张三", "age": 1}, _Officer)) == "没有 age 这一项"
    assert _says(lambda: ipaddress.ip_network("192.0.2.1/24")) == "192.0.2.1/24 不是网段的起始地址"
    assert _says(b"\xff".decode) == "不是 UTF-8 编码（第 1 个字节）"
    assert zh("something nobody knows") == "something nobody knows"


@pytest.fixture
def zijian(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """The command line in this process and in no language of its own: its exit code, and what it said on both streams."""
    monkeypatch.setenv("ZIJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ZIJIAN_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    mask = os.umask(0o077)
    os.umask(mask)

    def call(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["zijian", *arguments])
        capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as left:
                main()
        finally:
            os.umask(mask)
            read_arguments(())
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out + err

    return call


_SCOPE = "[scope]\ntargets = ['127.0.0.1']\n"
FILES = {
    "broken.toml": "mode = \n",
    "unknown.toml": f"{_SCOPE}[notice]\nnumbr = '1'\n",
    "mode.toml": f"mode = 'both'\n{_SCOPE}",
    "police.toml": f"mode = 'police'\n{_SCOPE}",
    "targets.txt": "127.0.0.1\nhttp://user@example.cn/\n",
    "settings.toml": "protection_level = 9\n",
    "table.toml": "date = 2026-01-01\n",
}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scan"], "没有目标"),
        (["scan", "--prots", "1"], "没有选项 '--prots'。"),
        (["scan", "--profile", "fast"], "'--profile' 取值不对：'fast' 不在可选范围内"),
        (["scan", "--rate", "0"], "0.0 不在范围 0.1<=x<=1000 内。"),
        (["assess", "--law-date", "yesterday"], "'yesterday' 不是 YYYY-MM-DD 形式的日期"),
        (["scann"], "没有命令 'scann'。"),
        (["case", "show"], "缺少参数 'CASE'"),
        (["scan", "127.0.0.999"], "目标 '127.0.0.999' 不是地址"),
        (["scan", "192.0.2.1"], "应当有人声明有权检测这些目标（--authorized-by 姓名）"),
        (["scan", "127.0.0.1", "--ports", "70000"], "--ports：'70000' 不是端口"),
        (["scan", "127.0.0.1", "--format", "doc"], "--format 没有 'doc'，可选：html"),
        (["scan", "127.0.0.1", "--ca-file", "none.pem"], "没有这个文件或者文件夹"),
        (["scan", "127.0.0.1", "--dns-server", "x"], "--dns-server 'x' 不是地址"),
        (["scan", "127.0.0.1", "--checks-dir", "none"], "none 不是文件夹"),
        (["scan", "--mode", "police", "127.0.0.1"], "公安机关检测模式需要范围文件"),
        (["scan", "--scope", "none.toml"], "无法读取范围文件 none.toml：没有这个文件或者文件夹"),
        (["scan", "--scope", "broken.toml"], "范围文件 broken.toml 不是 TOML 格式：第 1 行第 8 列有误"),
        (["scan", "--scope", "unknown.toml"], "范围文件 unknown.toml：$.notice 处：没有 numbr 这一项"),
        (["scan", "--scope", "mode.toml"], "mode 是 'both'，应为 'self' 或者 'police'"),
        (["scan", "--scope", "police.toml"], "公安机关检测模式还需要 [object] name、[notice]"),
        (["scan", "--targets", "targets.txt"], "第 2 行：目标 'http://***@example.cn/' 不是地址"),
        (["scan", "--resume", "20260101"], "没有扫描 '20260101'（查看：zijian scans）"),
        (["report"], "还没有做过扫描"),
        (["assess", "--settings", "settings.toml"], "protection_level 应为 1 至 5，不能是 9"),
        (["stop"], "还没有做过扫描"),
        (["checks", "show", "no/rule"], "没有名为 'no/rule' 的规则"),
        (["checks", "new", "Rule"], "'Rule' 不是“类别/规则名”的形式"),
        (["data", "import", "table.toml"], "table.toml 没有写明是哪一张数据表"),
        (["logs", "challenge"], "还没有做过扫描"),
        (["logs", "records", "targets.txt"], "没有认出地址分配记录"),
        (["law", "show", "nothing"], "'nothing' 不是义务，也不是条文"),
        (["ledger", "verify", "targets.txt"], "第 1 行不是 JSON"),
        (["inspect", "show"], "还没有检查"),
        (["case", "show", "latest"], "还没有案卷"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_wrong_is_said_in_chinese_in_one_line(
    zijian: Callable[..., tuple[int, str]], tmp_path: Path, arguments: list[str], says: str
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    code, said = zijian(*arguments)
    assert code == 2
    assert says in said
    assert said.count("\n") == 1
    assert not ENGLISH.search(re.sub(r"（[^（）]*）$|zijian [a-z]+ [a-z]+", "", said.strip()))


def test_the_same_in_english_for_those_who_ask(
    zijian: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert zijian("report", "--lang", "en") == (2, "zijian: there is no scan yet\n")
    assert zijian("report", "--lang=en") == (2, "zijian: there is no scan yet\n")
    assert zijian("report", "--format", "doc", "--lang", "zh")[1].startswith("zijian: --format 没有")
    monkeypatch.setenv("ZIJIAN_LANG", "en")
    assert zijian("stop") == (2, "zijian: there is no scan yet\n")
    assert "还没有" in zijian("report", "--lang", "zh")[1]


def test_the_locale_does_not_decide_but_a_terminal_without_chinese_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ZIJIAN_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("TERM", "xterm")

    def stderr(encoding: str, terminal: bool) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stderr", stream)

    stderr("utf-8", True)
    assert language() == "zh"
    stderr("gb18030", True)
    assert language() == "zh"
    stderr("latin-1", True)
    assert language() == "en"
    monkeypatch.setenv("TERM", "linux")
    stderr("utf-8", True)
    assert language() == "en"
    stderr("utf-8", False)
    assert language() == "zh"
    monkeypatch.setenv("ZIJIAN_LANG", "zh")
    stderr("utf-8", True)
    assert language() == "zh"


def test_doctor_speaks_chinese(zijian: Callable[..., tuple[int, str]]) -> None:
    code, said = zijian("doctor")
    assert code in (0, 3)
    assert re.search(r"^(正常|缺少)  (中文字体|Pango)，用于 --format pdf", said, re.MULTILINE)
    assert not ENGLISH.search(re.sub(r"  ->  .*|/\S+", "", said))


def test_tables_are_listed_in_chinese(zijian: Callable[..., tuple[int, str]]) -> None:
    code, said = zijian("data", "list")
    assert code == 0
    assert re.search(r"^lifecycle  \S+  \d+ 条  sha256 [0-9a-f]{64}  （随自检发布）$", said, re.MULTILINE)


def _commands(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            one = command.get_command(click.Context(command), name)
            assert one is not None
            yield from _commands(one, f"{path} {name}".strip())


def test_all_help_is_there_in_chinese_and_none_is_dead() -> None:
    commands = dict(_commands(cli))
    assert set(COMMANDS) == set(commands)
    assert all(CHINESE.search(text) for text in (*COMMANDS.values(), *OPTIONS.values()))
    options = {
        (path, max(option.opts, key=len))
        for path, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option) and option.help
    }
    known = {key for path, name in options for key in (f"{path} {name}", name)}
    assert not [(path, name) for path, name in options if not {f"{path} {name}", name} & set(OPTIONS)]
    assert not set(OPTIONS) - known


@pytest.mark.parametrize("path", ["", "scan", "logs verify"])
def test_help_is_shown_in_the_language(path: str) -> None:
    shown = {
        lang: subprocess.run(
            [sys.executable, "-m", "scanner", *path.split(), "--help"],
            capture_output=True, text=True, timeout=60, check=True, cwd=ROOT, env={**os.environ, "ZIJIAN_LANG": lang},
        ).stdout
        for lang in ("zh", "en")
    }  # fmt: skip
    assert "用法：" in shown["zh"]
    assert "显示本说明" in shown["zh"]
    assert not re.search(r"\b(the|of|and|are)\b", shown["zh"])
    assert "Usage:" in shown["en"]
    assert not CHINESE.search(shown["en"].replace("自检", "").replace("重大网络安全保卫任务", ""))


def test_the_compiled_sentences_of_click_are_those_of_the_catalogue() -> None:
    import gettext

    folder = ROOT / "scanner/cli/locale/zh/LC_MESSAGES"
    with (folder / "messages.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    source = (folder / "messages.po").read_text(encoding="utf-8")
    singles = re.findall(r'^msgid (".+")\nmsgstr (".+")$', source, re.MULTILINE)
    plurals = re.findall(r'^msgid (".+")\nmsgid_plural (".+")\nmsgstr\[0\] (".+")$', source, re.MULTILINE)
    assert len(singles) + len(plurals) == source.count("\nmsgid ") - source.count('\nmsgid ""')
    for english, chinese in singles:
        assert compiled.gettext(ast.literal_eval(english)) == ast.literal_eval(chinese)
    for one, many, chinese in plurals:
        told = ast.literal_eval(chinese)
        assert compiled.ngettext(ast.literal_eval(one), ast.literal_eval(many), 1) == told
        assert set(re.findall(r"{\w+", told)) <= set(re.findall(r"{\w+", many))
    clicks = "".join(path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    assert all(
        ast.literal_eval(english) in clicks.replace("\\n", "\n").replace("\\t", "\t")
        for english, _ in singles
    )
