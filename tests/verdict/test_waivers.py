"""Waivers: what they cover, when they hold, and what is said of those that say something that is not so."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.outcomes import BadInput
from conformance.verdict import Outcome, TestResult
from conformance.waivers import Judged, State, Waiver, apply, before_the_run, covering, read_waivers

DAY = datetime.date(2026, 11, 23)
ONE = {"requirement": "CUR-07", "reason": "known", "owner": "streams", "expires": "2026-12-31"}


def waiver(requirement: str = "CUR-07", test: str | None = None, expires: datetime.date = DAY) -> Waiver:
    return Waiver(requirement, "known", "streams", expires, test)


def found(outcome: Outcome, *ids: str, test: str = "test_resumes.py::test_a_cut") -> TestResult:
    return TestResult(test, ids or ("CUR-07",), outcome, "it is so")


def applied(results: list[TestResult], *waivers: Waiver) -> tuple[list[tuple[str, str]], list[State]]:
    after, judged = apply(results, before_the_run(waivers, ["CUR-07", "CUR-01"], DAY))
    return [(one.ids[0], one.outcome) for one in after], [one.state for one in judged]


def test_a_failure_that_is_covered_is_waived() -> None:
    assert applied([found("failed")], waiver()) == ([("CUR-07", "waived")], ["in force"])
    (result,), _ = apply([found("failed")], [Judged(waiver(), "in force")])
    assert result.reason == "waived by streams until 2026-11-23: known; broken: it is so"


def test_what_it_does_not_cover_fails() -> None:
    assert applied([found("failed", "CUR-01")], waiver())[0] == [("CUR-01", "failed")]
    assert applied([found("failed")], waiver(test="test_another"))[0] == [("CUR-07", "failed")]
    assert applied([found("failed")], waiver(test="::test_a_cut"))[0] == [("CUR-07", "waived")]


def test_of_a_test_that_serves_two_requirements_only_one_is_waived() -> None:
    assert applied([found("failed", "CUR-01", "CUR-07")], waiver())[0] == [("CUR-01", "failed"), ("CUR-07", "waived")]


@pytest.mark.parametrize("outcome", ["passed", "untested", "unobservable"])
def test_what_is_not_broken_keeps_its_outcome(outcome: Outcome) -> None:
    assert applied([found(outcome)], waiver())[0] == [("CUR-07", outcome)]


@pytest.mark.parametrize(
    ("results", "test", "state"),
    [
        ([found("passed")], None, "matches no failure"),
        ([found("passed"), found("failed", test="other")], None, "in force"),
        ([found("passed"), found("untested", test="other")], None, "not judged this time"),
        ([found("unobservable")], None, "not judged this time"),
        ([], None, "not judged this time"),
        ([found("passed"), found("failed", test="other")], "test_a_cut", "matches no failure"),
        ([found("failed")], "test_that_is_gone", "matches no failure"),
        ([found("failed", "CUR-01")], "test_a_cut", "not judged this time"),
    ],
)
def test_a_waiver_of_which_nothing_failed_is_told(results: list[TestResult], test: str | None, state: State) -> None:
    assert applied(results, waiver(test=test))[1] == [state]


def test_an_expired_or_unknown_one_covers_nothing() -> None:
    yesterday = DAY - datetime.timedelta(days=1)
    assert applied([found("failed")], waiver(expires=yesterday)) == ([("CUR-07", "failed")], ["expired"])
    assert applied([found("failed")], waiver("CUR-99")) == ([("CUR-07", "failed")], ["unknown requirement"])
    assert covering([Judged(waiver(), "expired")], "CUR-07", "test") is None


def written(folder: Path, value: Any) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(value if isinstance(value, str) else yaml.safe_dump(value), encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    expected = Waiver("CUR-07", "known", "streams", datetime.date(2026, 12, 31), "test_a_cut")
    assert read_waivers(written(tmp_path, {"waivers": [{**ONE, "test": "test_a_cut"}]})) == (expected,)
    text = "waivers:\n- {requirement: CUR-07, reason: known, owner: streams, expires: 2026-12-31, test: test_a_cut}\n"
    assert read_waivers(written(tmp_path, text)) == (expected,), "a date without quotes is a date for YAML"
    assert read_waivers(written(tmp_path, {"waivers": []})) == ()


@pytest.mark.parametrize(
    "value",
    [
        "waivers: [",
        "\x00",
        "",
        "[]",
        "waivers: 1",
        {"waivers": [{**ONE, "more": 1}]},
        {"waivers": [{k: v for k, v in ONE.items() if k != "owner"}]},
        {"waivers": [{**ONE, "expires": "2026-02-30"}]},
        {"waivers": [{**ONE, "expires": "soon"}]},
        {"waivers": [{**ONE, "requirement": "cur-7"}]},
        {"waivers": [{**ONE, "reason": ""}]},
        {"waivers": [], "more": 1},
        "waivers: [!!python/object/apply:os.system [id]]",
        "waivers: [{requirement: CUR-07, reason: known, owner: streams, expires: 2026-12-31 10:00:00}]",
        "a" * 1_000_001,
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_list_of_waivers_is_refused_in_one_line(value: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read_waivers(written(tmp_path, value))
    assert str(refused.value).startswith("--waivers waivers.yaml: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_waivers(tmp_path / "none.yaml")
