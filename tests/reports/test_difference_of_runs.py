"""The difference between a correct server's run and a broken one's names what changed, and nothing else.

The runs are the judges' own cases: recordings of the reference server, and changes of them. `tests/judges/` proves that each
fails its requirement; here it has to come out at the other end.
"""

from __future__ import annotations

import importlib
import json
import pkgutil

import pytest

import tests.judges
from conformance.offline import judge_recording
from conformance.recording import Recording
from conformance.report.difference import difference
from conformance.report.document import RunFigures, document
from conformance.report.reading import checked
from conformance.verdict import verdict
from tests.judges.cases import BROKEN, LAWFUL, Case
from tests.reports.made import Report

for _module in pkgutil.iter_modules(tests.judges.__path__):
    if _module.name.startswith("cases_"):
        importlib.import_module(f"tests.judges.{_module.name}")

CHOSEN = ("CUR-01", "TIER-05", "ATT-02", "EVT-04", "AUTH-02", "IDEM-02", "ENV-02", "RATE-01", "UPL-04", "ERR-01")


def _case(one: str) -> Case:
    return next(case for case in BROKEN if case.ids == (one,))


@pytest.fixture(scope="module")
def good(baseline: Recording) -> Report:
    return reported(baseline)


def reported(recording: Recording) -> Report:
    """The report of that recording, as it would be read from a file."""
    results = tuple(judge_recording(recording).values())
    figures = RunFigures("http://localhost", True, "sha256:" + "0" * 64, "0", "", recording.seconds, {}, {})
    made = document(verdict(results, "MUST"), "MUST", figures, results, (), ())
    value: Report = json.loads(json.dumps(made))
    checked(value, "the report")
    return value


@pytest.mark.parametrize("one", CHOSEN)
def test_a_broken_run_differs_in_what_it_breaks(one: str, baseline: Recording, good: Report) -> None:
    bad = reported(_case(one).edit(baseline))
    outcomes = [{entry["id"]: entry["outcome"] for entry in run["requirements"]} for run in (good, bad)]
    found = difference(good, bad)
    assert {change.id for change in found.outcomes} == {i for i in outcomes[0] if outcomes[0][i] != outcomes[1][i]}
    broken = {change.id for change in found.outcomes if change.kind == "broken"}
    assert one in broken
    assert broken == {i for i, outcome in outcomes[1].items() if outcome == "failed"}
    assert found.is_worse
    assert not difference(bad, good).is_worse


def test_a_lawful_run_is_not_worse(baseline: Recording, good: Report) -> None:
    for case in LAWFUL[:3]:
        assert not difference(good, reported(case.edit(baseline))).is_worse
