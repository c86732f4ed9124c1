"""From what the tests found to what the requirements are, and from those to the verdict. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.requirements import Level, Requirement

Outcome = Literal["passed", "failed", "waived", "untested", "unobservable"]
Verdict = Literal["conformant", "nonconformant", "incomplete"]

WORST_FIRST: tuple[Outcome, ...] = ("failed", "waived", "untested", "unobservable", "passed")


@dataclass(frozen=True)
class TestResult:
    """What one test found of the requirements that it serves.

    ``evidence``: for each exchange that shows it ``{"exchange", "sent", "came", "expected"}``. ``message``: what the
    vendor reads.
    """

    __test__ = False

    test: str
    ids: tuple[str, ...]
    outcome: Outcome
    reason: str = ""
    message: str = ""
    evidence: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class RequirementResult:
    """A requirement, its outcome, why (one line, empty for passed), and the tests that say so."""

    requirement: Requirement
    outcome: Outcome
    reason: str
    tests: tuple[TestResult, ...]

    @property
    def id(self) -> str:
        return self.requirement.id


def requirement_results(
    catalogue: Mapping[str, Requirement], tests: Iterable[TestResult]
) -> tuple[RequirementResult, ...]:
    """Every requirement, in the catalogue's order; its outcome is the worst of its tests."""
    by_id: dict[str, list[TestResult]] = {one: [] for one in catalogue}
    for test in tests:
        for one in test.ids:
            by_id[one].append(test)
    return tuple(_result(catalogue[one], found) for one, found in by_id.items())


def _result(requirement: Requirement, tests: Sequence[TestResult]) -> RequirementResult:
    if not tests:
        return RequirementResult(requirement, "untested", "none of its tests was run", ())
    worst = min(tests, key=lambda test: WORST_FIRST.index(test.outcome))
    return RequirementResult(requirement, worst.outcome, worst.reason, tuple(tests))


def counts_as_failure(level: Level, threshold: Level) -> bool:
    """Whether a broken requirement of this level fails the run at that threshold (``--level``)."""
    return level == "MUST" or threshold == "SHOULD"


def verdict(results: Iterable[RequirementResult], threshold: Level) -> Verdict:
    """``nonconformant``: a MUST failed (or a SHOULD, at threshold SHOULD); ``incomplete``: else, a MUST is untested.

    Under threshold SHOULD a SHOULD that is untested does not make it incomplete: it is named in the report.
    """
    judged = list(results)
    if any(r.outcome == "failed" and counts_as_failure(r.requirement.level, threshold) for r in judged):
        return "nonconformant"
    if any(r.outcome == "untested" and r.requirement.level == "MUST" for r in judged):
        return "incomplete"
    return "conformant"


def exit_code(word: Verdict, *, gate: bool) -> int:
    """0 for conformant, 1 for nonconformant; incomplete is 0, and 1 for a gate."""
    if word == "nonconformant":
        return 1
    return 1 if gate and word == "incomplete" else 0


def counts(results: Iterable[RequirementResult]) -> dict[Level, dict[Outcome, int]]:
    """How many requirements of each level have each outcome; zeros included."""
    table: dict[Level, dict[Outcome, int]] = {level: dict.fromkeys(WORST_FIRST, 0) for level in ("MUST", "SHOULD")}
    for result in results:
        table[result.requirement.level][result.outcome] += 1
    return table
