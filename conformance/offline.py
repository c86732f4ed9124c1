"""Judge a recording without pytest: the same scenarios, the same outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from conformance import scenarios
from conformance.evidence import VIEWS
from conformance.findings import judge
from conformance.recording import Recording
from conformance.requirements import catalogue
from conformance.results import outcome_of
from conformance.verdict import RequirementResult, TestResult, requirement_results


def judged_tests(recording: Recording, only: Collection[str] | None = None) -> list[TestResult]:
    """What each scenario that is a function of a recording finds, once for each requirement that it serves.

    ``only``: the scenarios that serve one of these requirements.

    :raises Exception: a mistake of the suite: a scenario that raised something that is no finding.
    """
    scenarios.load()
    return [
        TestResult(scenario.name, (one,), outcome_of(finding), finding.reason if finding else "")
        for one, found in judge(recording, VIEWS, only).items()
        for scenario, finding in found
    ]


def judge_recording(recording: Recording, only: Collection[str] | None = None) -> Mapping[str, RequirementResult]:
    """Requirement id -> result, for every requirement; those of the fuzzing are untested, for no recording shows them.

    ``only``: judge these requirements; the others come out untested.

    :raises Exception: as `judged_tests`.
    """
    return {result.id: result for result in requirement_results(catalogue(), judged_tests(recording, only))}
