"""What changed from one run to another, and when that is worse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.report.difference import Kind, difference
from conformance.report.difference_forms import as_json, as_markdown, as_text
from conformance.requirements import catalogue
from tests.reports.made import Report, example, report


def observed(value: Report, about: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(one for one in value["observations"] if one["about"] == about)
    return entry


@pytest.mark.parametrize(
    ("was", "now", "kind", "worse"),
    [
        ("passed", "failed", "broken", True),
        ("untested", "failed", "broken", True),
        ("unobservable", "failed", "broken", True),
        ("waived", "failed", "broken", True),
        ("failed", "passed", "mended", False),
        ("waived", "passed", "mended", False),
        ("passed", "untested", "lost", False),
        ("passed", "unobservable", "lost", False),
        ("untested", "passed", "gained", False),
        ("unobservable", "passed", "gained", False),
        ("failed", "untested", "other", False),
        ("failed", "waived", "other", False),
        ("passed", "waived", "other", False),
        ("untested", "unobservable", "other", False),
    ],
)
@pytest.mark.parametrize("one", ["CUR-01", "CUR-02"], ids=["MUST", "SHOULD"])
def test_each_change_of_an_outcome_has_its_kind(one: str, was: str, now: str, kind: Kind, worse: bool) -> None:
    name = one.replace("-", "_")
    found = difference(report(**{name: was}), report(**{name: now}))
    assert [(change.id, change.old, change.new, change.kind) for change in found.outcomes] == [(one, was, now, kind)]
    assert found.is_worse is worse


@pytest.mark.parametrize("outcome", ["passed", "failed", "waived", "untested", "unobservable"])
def test_what_stays_is_no_change(outcome: str) -> None:
    found = difference(report(CUR_01=outcome), report(CUR_01=outcome))
    assert (found.outcomes, found.observations, found.head, found.is_worse) == ((), (), (), False)


def test_every_requirement_s_failure_is_named_and_no_other() -> None:
    for one in catalogue():
        found = difference(report(), report(**{one.replace("-", "_"): "failed"}))
        assert [(change.id, change.level) for change in found.outcomes] == [(one, catalogue()[one].level)]


def test_a_requirement_of_one_run_only() -> None:
    def without(value: Report) -> None:
        value["requirements"] = [one for one in value["requirements"] if one["id"] != "CUR-01"]

    kept, broken, lacking = report(), report(CUR_01="failed"), report(without)
    assert not difference(lacking, kept).is_worse
    new = difference(lacking, broken).outcomes
    assert [(one.id, one.old, one.new, one.kind) for one in new] == [("CUR-01", None, "failed", "broken")]
    gone = difference(kept, lacking).outcomes
    assert [(one.id, one.old, one.new, one.kind) for one in gone] == [("CUR-01", "passed", None, "lost")]
    assert difference(broken, lacking).outcomes[0].kind == "other"


@pytest.mark.parametrize(
    ("about", "value", "changes"),
    [
        ("status of a created session", {"201": 18}, False),
        ("status of a created session", {"200": 17}, True),
        ("status of a created session", {"200": 1, "201": 16}, True),
        ("status of a created session", None, True),
        ("heartbeat events", True, True),
        ("heartbeat events", 0, True),
        ("event: names", ["ping"], True),
        ("status of a long, unusual text", {"nul": 400}, True),
        ("seconds of the dialogue's turns", [1.0, 2.0], False),
        ("first cursor of a fresh session", ["1795467149999-12", "1795467150002-1", "None"], False),
        ("first cursor of a fresh session", ["None"], True),
        ("first cursor of a fresh session", ["1795467149999-12"], True),
        ("first cursor of a fresh session", [["None"]], True),
    ],
)
def test_an_open_point_is_answered_otherwise(about: str, value: Any, changes: bool) -> None:
    def change(made: Report) -> None:
        observed(made, about)["value"] = value

    old = report()
    found = difference(old, report(change))
    expected = [(about, observed(old, about)["value"], value)] if changes else []
    assert [(one.about, one.old, one.new) for one in found.observations] == expected
    assert not found.is_worse


def test_latency_is_the_median_of_the_durations_and_whatever_a_report_has_of_it() -> None:
    def slower(value: Report) -> None:
        observed(value, "seconds of the dialogue's turns")["value"] = [5.0, 7.0]
        value["latency"] = {"accepted": {"median": 0.25, "name": "x"}, "first_envelope": {"median": 1.5}}

    found = {one.about: (one.old, one.new) for one in difference(report(), report(slower)).latency}
    assert found == {
        "seconds of the dialogue's turns (median)": (4.0, 6.0),
        "accepted/median": (None, 0.25),
        "first_envelope/median": (None, 1.5),
    }


@pytest.mark.parametrize("value", [[], None, ["3"], [True], "3", [3.0, None]])
def test_durations_that_are_none_are_left_out(value: Any) -> None:
    def change(made: Report) -> None:
        observed(made, "seconds of the dialogue's turns")["value"] = value

    assert [one.new for one in difference(report(), report(change)).latency] == [None]


def test_cost_and_head() -> None:
    def dearer(value: Report) -> None:
        value |= {"turns": 40, "seconds": 99.0, "suite": "0.2.0", "level": "SHOULD", "interrupted": True}
        value["spent"]["fuzzing"]["turns"] = 24

    found = difference(report(), report(dearer))
    cost = {one.about: (one.old, one.new) for one in found.cost}
    assert cost["turns"] == (16, 40)
    assert cost["seconds"] == (61.5, 99.0)
    assert cost["turns of fuzzing"] == (0, 24)
    assert cost["requests"] == (1150, 1150)
    assert [(one.about, one.old, one.new) for one in found.head] == [
        ("suite", "0.1.0", "0.2.0"),
        ("level", "MUST", "SHOULD"),
    ]
    assert found.interrupted == ("new",)


def test_the_text_says_what_changed() -> None:
    text = as_text(difference(report(EVT_06="failed"), report(CUR_01="failed", ACC_07="untested")))
    assert text.startswith("verdict: conformant -> nonconformant\n")
    assert "broken now: 1\n  CUR-01 MUST passed -> failed: because of CUR-01\n" in text
    assert "no longer judged: 1\n  ACC-07 SHOULD passed -> untested: because of ACC-07\n" in text
    assert "mended: 1\n  EVT-06 SHOULD failed -> passed\n" in text
    assert text.endswith("\nWorse: 1 requirement fails that did not.\n")


def test_json_has_it_all_and_is_ascii() -> None:
    made = as_json(difference(report(), report(CUR_01="failed")))
    assert made.isascii()
    value = json.loads(made)
    assert (value["format"], value["worse"]) == (1, True)
    assert value["outcomes"] == [
        {
            "id": "CUR-01",
            "level": "MUST",
            "kind": "broken",
            "old": "passed",
            "new": "failed",
            "reason": "because of CUR-01",
        }
    ]


def test_the_markdown_leads_to_the_page() -> None:
    text = as_markdown(difference(report(), report(CUR_01="failed")))
    assert f"[CUR-01]({catalogue()['CUR-01'].page})" in text
    assert "Worse: 1 requirement fails" in text


def test_the_example_run_is_like_itself() -> None:
    found = difference(example(), example())
    assert not found.outcomes
    assert not found.observations
