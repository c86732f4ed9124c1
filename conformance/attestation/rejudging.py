"""Judge an attested recording once more, and compare every outcome that a recording can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from conformance import scenarios
from conformance.attestation.judged_files import Report
from conformance.findings import SCENARIOS
from conformance.offline import judged_tests
from conformance.outcomes import OurMistake
from conformance.recording import Recording


@dataclass(frozen=True)
class Rejudged:
    """``differing``: a sentence for each outcome that is another one now. ``not_rejudged``: the requirements that rest on a
    test which no recording shows (it sends requests of its own: the fuzzing), in the report's order."""

    differing: tuple[str, ...]
    not_rejudged: tuple[str, ...]


def rejudge(report: Report, recording: Recording) -> Rejudged:
    """Judge the recording by this suite, and hold every test of the report against what comes out.

    An outcome ``waived`` is a difference, too: no recording waives. Tests that the report lacks: `left_out`.

    :raises OurMistake: a scenario raised something that is no finding.
    """
    try:
        now = judged_tests(recording)
    except Exception as error:
        raise OurMistake(f"while judging again: {type(error).__name__}: {error}") from error
    outcomes: dict[tuple[str, str], str] = {(one.ids[0], one.test): one.outcome for one in now}
    differing: list[str] = []
    resting: list[str] = []
    for requirement in report["requirements"]:
        claimed = {_scenario(test["test"]): test["outcome"] for test in requirement["tests"]}
        again = {test: outcome for (one, test), outcome in outcomes.items() if one == requirement["id"]}
        differing += [
            f"{requirement['id']} is attested {claimed[test]}, and the recording says {outcome} ({test})"
            for test, outcome in again.items()
            if claimed.get(test, outcome) != outcome
        ]
        if set(claimed) - set(again) or not again:
            resting.append(requirement["id"])
    return Rejudged(tuple(differing), tuple(resting))


UNRECORDED: Final[Mapping[str, frozenset[str]]] = {
    "FUZZ-01": frozenset(
        {
            "test_operations::test_generated_requests_are_answered_as_documented",
            "test_recorded_traffic::test_recorded_answers_are_as_documented",
        }
    ),
    "FUZZ-02": frozenset({"test_histories::test_generated_histories_keep_the_model_of_a_session"}),
}
"""The tests that no recording can be judged by again: that they were run is all that can be asked for."""


def left_out(report: Report) -> list[str]:
    """The requirements of which a test was not run, in the report's order: such a run was one of a part of the suite."""
    scenarios.load()
    served: dict[str, set[str]] = {one: set(tests) for one, tests in UNRECORDED.items()}
    for scenario in SCENARIOS.values():
        for one in scenario.ids:
            served.setdefault(one, set()).add(scenario.name)
    lacking = []
    for requirement in report["requirements"]:
        run = {_scenario(test["test"]) for test in requirement["tests"]}
        if not run or served.get(requirement["id"], set()) - run:
            lacking.append(requirement["id"])
    return lacking


def _scenario(test: str) -> str:
    """The name of the scenario behind a test of the report: pytest names the file where the catalogue has the module."""
    return test.replace(".py::", "::")
