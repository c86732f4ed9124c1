"""Each judge is seen to fail on a broken recording and to pass on a lawful one; none is left out."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import tests.judges
from conformance import scenarios
from conformance.findings import SCENARIOS
from conformance.offline import judge_recording
from conformance.recording import Recording
from conformance.requirements import catalogue
from tests.judges.cases import BROKEN, LAWFUL, Case

for _module in pkgutil.iter_modules(tests.judges.__path__):
    if _module.name.startswith("cases_"):
        importlib.import_module(f"tests.judges.{_module.name}")

BY_FUZZING = {"FUZZ-01", "FUZZ-02"}
"""They are seen to fail on broken servers, in tests/fuzz and tests/histories."""


def _name(case: Case) -> str:
    return f"{'+'.join(case.ids)}: {case.sentence}"


def test_the_baseline_keeps_every_requirement(baseline: Recording) -> None:
    """Nothing is broken and nothing untested; what cannot be observed is the one thing that did not arise."""
    results = judge_recording(baseline)
    left = {i: (r.outcome, r.reason) for i, r in results.items() if r.outcome != "passed" and i not in BY_FUZZING}
    assert set(left) == {"RATE-02"}, left
    assert left["RATE-02"][0] == "unobservable"


@pytest.mark.parametrize("case", BROKEN, ids=_name)
def test_a_broken_recording_fails_its_requirement(case: Case, baseline: Recording) -> None:
    results = judge_recording(case.edit(baseline), case.ids)
    assert {one: results[one].outcome for one in case.ids} == dict.fromkeys(case.ids, "failed")


@pytest.mark.parametrize("case", LAWFUL, ids=_name)
def test_a_lawful_recording_fails_nothing(case: Case, baseline: Recording) -> None:
    results = judge_recording(case.edit(baseline), set(catalogue()) - BY_FUZZING)
    assert {i: r.reason for i, r in results.items() if r.outcome == "failed"} == {}
    expected = {one: case.outcomes.get(one, "passed") for one in case.ids}
    assert {one: results[one].outcome for one in case.ids} == expected


def test_every_requirement_has_a_broken_and_a_lawful_case() -> None:
    ids = set(catalogue()) - BY_FUZZING
    assert ids - {one for case in BROKEN for one in case.ids} == set()
    assert ids - {one for case in LAWFUL for one in case.ids} == set()


def test_every_scenario_serves_requirements_of_the_catalogue() -> None:
    scenarios.load()
    served = {one for scenario in SCENARIOS.values() for one in scenario.ids}
    assert served - BY_FUZZING == set(catalogue()) - BY_FUZZING
