"""What the documents say can be done, can be done: examples are read, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec.inspect
import pytest

from checks.registry import builtin
from scanner.cli import cli
from scanner.errors import PolicyRefusal
from scanner.scope import _ScopeFile, build_scope, read_scope_file

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
EXAMPLES = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "scope.md").read_text(), re.DOTALL)


def keys_of(kind: msgspec.inspect.Type) -> Iterator[str]:
    """Keys of a table of the scope file and of the tables in it, as written in TOML: ``company.staff.name``."""
    if isinstance(kind, msgspec.inspect.UnionType):
        for alternative in kind.types:
            yield from keys_of(alternative)
    elif isinstance(kind, msgspec.inspect.ListType):
        yield from keys_of(kind.item_type)
    elif isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield field.encode_name
            yield from (f"{field.encode_name}.{key}" for key in keys_of(field.type))


def written(table: object, before: str = "") -> Iterator[str]:
    """Keys that occur in a TOML document."""
    if isinstance(table, list):
        for entry in table:
            yield from written(entry, before)
    if isinstance(table, dict):
        for key, value in table.items():
            yield f"{before}{key}"
            yield from written(value, f"{before}{key}.")


def test_the_scope_files_of_the_manual_are_accepted(tmp_path: Path) -> None:
    modes = []
    for number, example in enumerate(EXAMPLES):
        path = tmp_path / f"{number}.toml"
        path.write_text(example, encoding="utf-8")
        scope_file = read_scope_file(path)
        scope = build_scope(scope_file.record.mode, (), scope_file, authorized_by="", own=())
        modes.append(scope_file.record.mode)
        if scope_file.record.mode == "police":
            begins, ends = scope.window()
            assert begins is not None
            assert ends is not None
            scope.permit_moment(begins)
            with pytest.raises(PolicyRefusal, match="ended at"):
                scope.permit_moment(ends)
            scope.permit("203.0.113.7", 443, "tcp", begins)
            for ip, port in (("203.0.113.7", 80), ("198.51.100.5", 443), ("198.51.100.16", 443)):
                with pytest.raises(PolicyRefusal, match="not within"):
                    scope.permit(ip, port, "tcp", begins)
        else:
            scope.permit_moment(datetime.now(UTC))
    assert modes == ["police", "self"]


def test_the_manual_has_every_key_of_a_scope_file() -> None:
    shown = {key for example in EXAMPLES for key in written(tomllib.loads(example))}
    assert shown == set(keys_of(msgspec.inspect.type_info(_ScopeFile)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_commands_and_options_of_the_readme_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    context = click.Context(cli)
    commands = set(re.findall(r"(?<![\w/])(?:\./)?zijian ([a-z]+)", text))
    assert {"scan", "stop", "assess", "report", "scans", "ledger", "checks", "law", "doctor"} <= commands
    known: set[str] = {"--help", "--version"}
    for command in commands - {"tells"}:
        found = cli.get_command(context, command)
        assert found is not None, f"{name} names the command {command!r}"
        inner = found.commands.values() if isinstance(found, click.Group) else ()
        for each in (found, *inner):
            known |= {option for parameter in each.params for option in parameter.opts}
        for words in re.findall(rf"zijian {command} ([a-z]+(?:\|[a-z]+)*)\b", text):
            if isinstance(found, click.Group):
                assert set(words.split("|")) <= set(found.commands), f"{name}: zijian {command} {words}"
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known


def test_both_readmes_begin_with_the_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        first = re.search(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        assert first is not None
        assert [line.split("#")[0].strip() for line in first.group(1).splitlines()] == [
            "./zijian scan 127.0.0.1",
            "./test.sh",
        ]


def test_the_severity_page_has_every_tls_and_certificate_rule_at_its_level() -> None:
    rows = re.findall(
        r"^\| `((?:tls|certificate)/[\w-]+)` \| ([a-z, ]+) \|",
        (ROOT / "docs" / "severity.md").read_text(encoding="utf-8"),
        re.M,
    )
    told: dict[str, set[str]] = {}
    for rule_id, levels in rows:
        told.setdefault(rule_id, set()).update(levels.split(", "))
    held = {
        loaded.rule.id: {str(one.severity) for one in loaded.rule.outcomes.values() if one.status.deviates}
        or {"info"}
        for loaded in builtin()
        if loaded.rule.family in ("tls", "certificate")
    }
    assert told == held
