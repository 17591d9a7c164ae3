"""The contract that every rule is held to, and what happens to plug-ins that do not keep it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from checks import families
from checks.model import Finding, NotApplicable, Outcome, Rule, Settings, Severity, Status, finding_key
from checks.registry import LoadedRule, builtin, faults, load
from checks.runner import deviating_probes, judge, judge_one
from reports.law.corpus import load as load_law
from reports.law.resolver import thresholds
from scanner.facts import HttpFacts, PathFacts, RunStatus, ServiceFacts
from tests.checks.judging import SEEN, rule, service, settings

RULES = builtin()
GIT = "web/git-exposed"


def ids(loaded: LoadedRule) -> str:
    return loaded.rule.id


def test_there_are_at_least_forty_rules_each_with_its_own_name() -> None:
    names = [loaded.rule.id for loaded in RULES]
    assert len(names) == len(set(names)) >= 40


@pytest.mark.parametrize("loaded", RULES, ids=ids)
def test_every_rule_keeps_the_contract(loaded: LoadedRule) -> None:
    assert faults(loaded.rule, loaded.page) == []
    assert loaded.module == f"checks.{loaded.rule.id.replace('/', '.').replace('-', '_')}"
    assert "How it is" in loaded.page or loaded.rule.severity is Severity.INFO
    duties = set(load_law().duties)
    assert set(loaded.rule.duties) <= duties
    source = Path(f"{loaded.module.replace('.', '/')}.py").read_text(encoding="utf-8")
    known = thresholds(date(2026, 11, 20))
    assert set(re.findall(r'threshold\("([^"]+)"\)', source)) <= set(known)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "nofamily"}, "form family/rule-name"),
        ({"duties": ()}, "no duty"),
        ({"needs": ()}, "needs no facts"),
        ({"outcomes": {}}, "no outcome"),
        ({"severity": Severity.LOW}, "worst outcome"),
    ],
)
def test_a_rule_that_breaks_the_contract_is_told_how(change: dict[str, object], says: str) -> None:
    broken = replace(rule(GIT), **change)  # type: ignore[arg-type]
    assert says in "; ".join(faults(broken, "page"))
    assert "docstring" in "; ".join(faults(rule(GIT), " "))


def test_a_rule_that_cannot_pass_is_refused() -> None:
    only_bad = {name: one for name, one in rule(GIT).outcomes.items() if one.status.deviates}
    assert "cannot pass" in "; ".join(faults(replace(rule(GIT), outcomes=only_bad), "page"))


def test_plugins_of_a_folder(tmp_path: Path) -> None:
    source = Path("checks/web/git_exposed.py").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(source.replace(GIT, "mine/git"), encoding="utf-8")
    (tmp_path / "taken.py").write_text(source, encoding="utf-8")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "syntax.py").write_text("def (")
    (tmp_path / "_private.py").write_text("raise RuntimeError")
    registry = load(tmp_path)
    assert registry.get("mine/git") is not None
    assert {Path(plugin.name).stem.rpartition("_")[2] for plugin in registry.broken} == {
        "taken",
        "empty",
        "syntax",
    }
    assert registry.digest() != load().digest()
    with pytest.raises(NotADirectoryError):
        load(tmp_path / "none")


def test_families_are_known_without_importing_rules() -> None:
    assert families() == {loaded.rule.family for loaded in RULES}


def test_rules_are_selected_by_name_and_family() -> None:
    registry = load()
    chosen, left_out = registry.select(only=["web"], skip=[GIT])
    assert {one.family for one in chosen} == {"web"}
    assert GIT in {one.id for one in left_out}
    with pytest.raises(LookupError, match="none"):
        registry.select(only=["none"])


# ------------------------------------------------------------------ the runner


def subject(*, matched: bool, again: bool | None = None) -> ServiceFacts:
    def facts(value: bool) -> HttpFacts:
        return HttpFacts(status=200, paths={"/.git/HEAD": PathFacts(status=200, matched=value)})

    return service(facts(matched), second=() if again is None else (facts(again),))


def only(made: list[Finding]) -> Finding:
    (finding,) = made
    return finding


def test_a_deviation_stands_when_the_second_look_agrees() -> None:
    finding = only(judge_one(rule(GIT), subject(matched=True, again=True), settings)[0])
    assert (finding.status, finding.looks) == (Status.FAIL, 2)


def test_two_differing_looks_are_inconclusive() -> None:
    finding = only(judge_one(rule(GIT), subject(matched=True, again=False), settings)[0])
    assert (finding.status, finding.outcome, finding.severity) == (
        Status.INCONCLUSIVE,
        "differs",
        Severity.INFO,
    )


def test_a_second_look_that_fails_confirms_nothing() -> None:
    looked = subject(matched=True, again=True)
    failed = replace(looked.second["http"], facts=None, status=RunStatus.FAILED, reason="timeout")
    finding = only(judge_one(rule(GIT), replace(looked, second={"http": failed}), settings)[0])
    assert finding.status is Status.INCONCLUSIVE


def test_a_rule_may_say_why_it_has_no_say() -> None:
    def elsewhere(one: ServiceFacts, _: Settings) -> list[Outcome]:
        if one.need(HttpFacts).paths["/.git/HEAD"].matched:
            return [Outcome("exposed", {"paths": "-"})]
        raise NotApplicable("judged elsewhere")

    picky: Rule = replace(rule(GIT), id="mine/picky", evaluate=elsewhere)
    findings, run = judge_one(picky, subject(matched=False), settings)
    assert findings == []
    assert run is not None
    assert (run.status, run.reason, run.message) == (RunStatus.SKIPPED, "not_applicable", "judged elsewhere")
    finding = only(judge_one(picky, subject(matched=True, again=False), settings)[0])
    assert (finding.status, "judged elsewhere" in finding.detail.en) == (Status.INCONCLUSIVE, True)


def test_a_failed_probe_is_neither_pass_nor_fail() -> None:
    looked = subject(matched=True)
    failed = replace(looked.runs["http"], facts=None, status=RunStatus.FAILED, reason="reset")
    findings, run = judge_one(rule(GIT), replace(looked, runs={"http": failed}), settings)
    assert findings == []
    assert run is not None
    assert (run.status, run.reason) == (RunStatus.FAILED, "probe_failed:reset")


def test_a_rule_without_its_facts_is_not_run() -> None:
    assert judge_one(rule("tls/rc4"), subject(matched=True), settings) == ([], None)
    listed = judge([rule("tls/rc4")], [subject(matched=True)], settings).runs
    assert [(run.check, run.reason) for run in listed] == [("tls/rc4", "no_such_service")]


def test_a_fault_in_a_rule_is_a_result_of_its_own() -> None:
    def explode(_: ServiceFacts, __: Settings) -> list[Outcome]:
        raise ZeroDivisionError("in a plug-in")

    def undeclared(_: ServiceFacts, __: Settings) -> list[Outcome]:
        return [Outcome("never heard of")]

    for evaluate in (explode, undeclared):
        faulty: Rule = replace(rule(GIT), id="mine/faulty", evaluate=evaluate)
        judgement = judge([faulty, rule(GIT)], [subject(matched=True)], settings)
        by_rule = {finding.check: finding for finding in judgement.findings}
        assert by_rule["mine/faulty"].status is Status.ERROR
        assert by_rule[GIT].status is Status.FAIL


def test_keys_do_not_move_with_time_or_words() -> None:
    first = only(judge_one(rule(GIT), subject(matched=True), settings)[0])
    assert first.key == finding_key(GIT, "198.41.0.4:1/tcp", "exposed")
    reworded = replace(rule(GIT), title=rule("web/env-exposed").title, severity=Severity.LOW)
    assert only(judge_one(reworded, subject(matched=True), settings)[0]).key == first.key


def test_only_deviations_are_looked_at_again() -> None:
    assert deviating_probes([rule(GIT)], subject(matched=True), settings) == {"http"}
    assert deviating_probes([rule(GIT)], subject(matched=False), settings) == set()


def test_findings_are_dated_by_their_facts() -> None:
    finding = only(judge_one(rule(GIT), subject(matched=True), settings)[0])
    assert finding.seen == SEEN
