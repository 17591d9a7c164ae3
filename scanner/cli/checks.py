"""``zijian checks``: the rules that judge, their pages, and a scaffold for a new one."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import click

from scanner.cli.language import say
from scanner.cli.options import checks_dir_option, lang_option, load_registry
from scanner.cli.output import write_file
from scanner.errors import UsageError
from scanner.said import zh


@click.group()
def checks() -> None:
    """The rules that judge."""


@checks.command("list")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the list.",
)
@lang_option
@checks_dir_option
def list_rules(form: str, lang: str, checks_dir: Path | None) -> int:
    """List every rule: id, severity and title; below it, the facts that it needs and the duties it bears on."""
    from reports.rule_pages import family_heading, listed

    registry = load_registry(checks_dir)
    rules = registry.rules
    if form == "json":
        click.echo(json.dumps([listed(loaded) for loaded in rules], ensure_ascii=False, indent=1))
    else:
        width = max(len(loaded.rule.id) for loaded in rules)
        for family, members in itertools.groupby(rules, key=lambda loaded: loaded.rule.family):
            click.echo(family_heading(family))
            for loaded in members:
                rule = loaded.rule
                title = rule.title.zh if lang == "zh" else rule.title.en
                facts = " ".join(kind.PROBE for kind in rule.needs)
                click.echo(f"  {rule.id:<{width}}  {rule.severity.value:<8}  {title}")
                click.echo(f"      {facts} → {' '.join(rule.duties)}")
    for plugin in registry.broken:
        say(
            f"插件 {plugin.name} 不能使用：{zh(plugin.reason)}",
            f"broken plug-in {plugin.name}: {plugin.reason}",
            err=True,
        )
    return 0


@checks.command()
@click.argument("rule_id", metavar="ID")
@lang_option
@checks_dir_option
def show(rule_id: str, lang: str, checks_dir: Path | None) -> int:
    """Show a rule's page: what it looks at, how it judges, why it matters, how to mend."""
    from reports.rule_pages import rule_page

    loaded = load_registry(checks_dir).get(rule_id)
    if loaded is None:
        raise UsageError(
            f"没有名为 {rule_id!r} 的规则（查看全部规则：zijian checks list）",
            f"no rule is called {rule_id!r} (see: zijian checks list)",
        )
    click.echo(rule_page(loaded, ("zh",) if lang == "zh" else ("en",)), nl=False)
    return 0


@checks.command()
@click.argument("rule_id", metavar="ID")
@click.option(
    "--checks-dir", type=click.Path(path_type=Path), default=Path("checks-local"), show_default=True
)
def new(rule_id: str, checks_dir: Path) -> int:
    """Write a new rule called ID (family/name) and its test into a folder, ready to be filled in and run."""
    if not re.fullmatch(r"[a-z][a-z0-9]*/[a-z0-9]+(-[a-z0-9]+)*", rule_id):
        raise UsageError(
            f"{rule_id!r} 不是“类别/规则名”的形式（小写字母、数字、连字符）",
            f"{rule_id!r} is not of the form family/rule-name (lower case, digits, hyphens)",
        )
    if load_registry(None).get(rule_id) is not None:
        raise UsageError(f"规则 {rule_id} 已经存在", f"the rule {rule_id} is there already")
    stem = rule_id.replace("/", "_").replace("-", "_")
    rule_path, test_path = checks_dir / f"{stem}.py", checks_dir / f"test_{stem}.py"
    for path in (rule_path, test_path):
        if path.exists():
            raise UsageError(f"{path} 已经存在，没有写入", f"{path} is there already; nothing was written")
    try:
        checks_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"无法建立文件夹 {checks_dir}：{zh(error)}",
            f"cannot make the folder {checks_dir}: {error.strerror}",
        ) from error
    folder = Path(__file__).parent / "scaffold"
    for path, template in ((rule_path, "rule.py.txt"), (test_path, "test_rule.py.txt")):
        text = (folder / template).read_text(encoding="utf-8")
        write_file(path, text.replace("@ID@", rule_id).replace("@STEM@", stem).encode())
        click.echo(path)
    return 0
