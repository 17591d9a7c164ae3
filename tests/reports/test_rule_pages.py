"""The pages that are made from the rules, in the terminal and on the documentation site."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from checks.registry import LoadedRule, builtin
from reports.law.corpus import load as load_law
from reports.rule_pages import _parts, family_heading, listed, markdown, pages, rule_page, write
from scanner.cli import cli

RULES = builtin()
ROOT = Path(__file__).parent.parent.parent


def ids(loaded: LoadedRule) -> str:
    return loaded.rule.id


@pytest.mark.parametrize("loaded", RULES, ids=ids)
def test_a_page_says_all_that_the_rule_says(loaded: LoadedRule) -> None:
    rule = loaded.rule
    # Where one product's settings end and the next one's begin, the page begins a line with a hyphen.
    text = re.sub(r"\n- |\s", "", rule_page(loaded))
    for said in (
        rule.title,
        rule.rationale,
        rule.remediation,
        *(one.detail for one in rule.outcomes.values()),
    ):
        for words in (said.zh, said.en):
            assert re.sub(r"\s", "", words) in text
    for named in (rule.id, *rule.duties, *rule.outcomes, *(kind.PROBE for kind in rule.needs)):
        assert named in text
    assert re.sub(r"\s", "", loaded.page) in text
    assert all(reference.url in text for reference in rule.references)
    chinese, english = rule_page(loaded, ("zh",)), rule_page(loaded, ("en",))
    assert rule.rationale.zh in chinese
    assert rule.rationale.en not in chinese
    assert rule.rationale.en in english
    assert rule.rationale.zh not in english


def test_settings_come_product_by_product() -> None:
    assert _parts("先停用。nginx：a on;　Apache：B off", "zh") == [
        "先停用。",
        "nginx：a on;",
        "Apache：B off",
    ]
    assert _parts("Stop it. nginx: a on; Apache: B off.", "en") == [
        "Stop it.",
        "nginx: a on;",
        "Apache: B off.",
    ]
    assert _parts("nginx：a　Apache：b", "zh") == ["", "nginx：a", "Apache：b"]
    assert _parts("改用密钥。", "zh") == ["改用密钥。"]


def test_settings_are_shown_as_they_are() -> None:
    setting = r"<hsts max-age='1' /> location ~ /\.git { deny *; } a_b_c [x](y) `z` #1"
    escaped = markdown(setting)
    assert "<" not in escaped
    assert html.unescape(re.sub(r"\\(.)", r"\1", escaped)) == setting


def test_the_indexes_lead_to_every_rule_and_duty() -> None:
    made = pages(RULES)
    for loaded in RULES:
        for index in ("index.md", "duties.md"):
            assert f"({loaded.rule.id}.md)" in made[index]
        assert f"(../{loaded.rule.id}.md)" in made[f"{loaded.rule.family}/index.md"]
    assert all(f"{{: #{key} }}" in made["duties.md"] for key in load_law().duties)
    assert {family_heading(loaded.rule.family) for loaded in RULES} & {
        loaded.rule.family for loaded in RULES
    } == set()


def test_all_pages_are_written(tmp_path: Path) -> None:
    assert write(tmp_path) == len(pages(RULES)) == len(list(tmp_path.rglob("*.md")))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation site; building it fails where a link leads nowhere."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(site: Path) -> None:
    page = (site / "rules" / "web" / "hsts-weak" / "index.html").read_text(encoding="utf-8")
    assert 'enabled="true" max-age="31536000"' in html.unescape(page)
    for loaded in RULES:
        assert (site / "rules" / loaded.rule.id / "index.html").is_file()
    loads = r"""<(?:script|img)[^>]+src="(?:https?:)?//|<link[^>]+stylesheet[^>]+href="(?:https?:)?//"""
    assert re.search(loads, page) is None, "nothing is loaded from elsewhere"


@pytest.mark.skipif(shutil.which("node") is None, reason="the search is tried with node")
def test_the_site_is_searched_in_chinese_and_english(site: Path) -> None:
    wanted = {
        "口令登录": "rules/ssh/password-login/",
        "主机密钥": "rules/ssh/small-host-key/",
        "源代码映射": "rules/web/source-map-exposed/",
        "csp-missing": "rules/web/csp-missing/",
    }
    command = ["node", str(Path(__file__).with_name("search_worker.js")), str(site / "search"), *wanted]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for query, page in wanted.items():
        assert found[query][0].startswith(page), (query, found[query][:5])


def test_the_list_in_the_terminal() -> None:
    shown = (
        CliRunner().invoke(cli, ["checks", "list", "--lang", "zh"], standalone_mode=False).output.splitlines()
    )
    for loaded in RULES:
        rule = loaded.rule
        at = next(number for number, line in enumerate(shown) if line.split()[:1] == [rule.id])
        assert shown[at].split(maxsplit=2)[1:] == [rule.severity.value, rule.title.zh]
        assert shown[at + 1].split() == [*(kind.PROBE for kind in rule.needs), "→", *rule.duties]


def test_the_list_for_programs() -> None:
    output = CliRunner().invoke(cli, ["checks", "list", "--format", "json"], standalone_mode=False).output
    told = json.loads(output)
    assert told == [json.loads(json.dumps(listed(loaded))) for loaded in sorted(RULES, key=ids)]
    assert {"id", "title", "severity", "duties", "needs", "outcomes"} <= set(told[0])
