"""Outcomes of tests to outcomes of requirements to the verdict."""

from __future__ import annotations

import pytest

from conformance.requirements import Level, Requirement, catalogue
from conformance.verdict import (
    Outcome,
    TestResult,
    counts,
    exit_code,
    requirement_results,
    verdict,
)


def requirement(one: str, level: Level) -> Requirement:
    return Requirement(one, level, "t", "r", "https://docs.neoagent.io/x", (), "j", ())


CATALOGUE = {"A-01": requirement("A-01", "MUST"), "B-01": requirement("B-01", "SHOULD")}


def results(must: Outcome | None, should: Outcome | None = "passed") -> tuple[TestResult, ...]:
    pairs = (("A-01", must), ("B-01", should))
    return tuple(TestResult(f"test_{i}", (i,), outcome) for i, outcome in pairs if outcome is not None)


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "unobservable"], "unobservable"),
        (["unobservable", "untested"], "untested"),
        (["untested", "waived"], "waived"),
        (["waived", "failed", "passed"], "failed"),
    ],
)
def test_a_requirement_is_as_good_as_its_worst_test(outcomes: list[Outcome], worst: Outcome) -> None:
    tests = [TestResult(f"t{n}", ("A-01",), outcome, f"because of {n}") for n, outcome in enumerate(outcomes)]
    result = requirement_results(CATALOGUE, tests)[0]
    assert result.outcome == worst
    assert result.reason == f"because of {outcomes.index(worst)}"
    assert len(result.tests) == len(outcomes)


@pytest.mark.parametrize(
    ("must", "should", "level", "word"),
    [
        ("passed", "passed", "MUST", "conformant"),
        ("passed", "failed", "MUST", "conformant"),
        ("passed", "failed", "SHOULD", "nonconformant"),
        ("failed", "passed", "MUST", "nonconformant"),
        ("failed", "passed", "SHOULD", "nonconformant"),
        ("unobservable", "passed", "MUST", "conformant"),
        ("untested", "passed", "MUST", "incomplete"),
        (None, "passed", "MUST", "incomplete"),
        ("untested", "failed", "SHOULD", "nonconformant"),
        ("passed", "untested", "MUST", "conformant"),
        ("passed", "waived", "SHOULD", "conformant"),
        ("waived", "passed", "MUST", "conformant"),
    ],
)
def test_the_verdict(must: Outcome | None, should: Outcome, level: Level, word: str) -> None:
    assert verdict(requirement_results(CATALOGUE, results(must, should)), level) == word


def test_exit_codes() -> None:
    assert [exit_code(w, gate=False) for w in ("conformant", "incomplete", "nonconformant")] == [0, 0, 1]
    assert [exit_code(w, gate=True) for w in ("conformant", "incomplete", "nonconformant")] == [0, 1, 1]


def test_every_requirement_has_an_outcome() -> None:
    assert {result.id for result in requirement_results(catalogue(), ())} == set(catalogue())


def test_counts_have_every_outcome() -> None:
    table = counts(requirement_results(CATALOGUE, results("failed", "passed")))
    assert table["MUST"] == {"failed": 1, "waived": 0, "untested": 0, "unobservable": 0, "passed": 0}
    assert table["SHOULD"]["passed"] == 1
