"""Recordings for the page: of broken servers, played on the mock, and their reports as a run writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from conformance import scenarios
from conformance.evidence import VIEWS
from conformance.findings import Violation, judge
from conformance.journeys.limits import Limits
from conformance.journeys.run import play
from conformance.matrix.cells import Cell
from conformance.matrix.stable import Stable
from conformance.observations import observe
from conformance.recording import Recording
from conformance.report.document import RunFigures, document
from conformance.requirements import catalogue
from conformance.results import evidence_of, outcome_of
from conformance.target import Target
from conformance.verdict import TestResult, requirement_results, verdict
from tests.hostile.leaks import KEY, OTHER_KEY
from tests.hostile.modes import MODES
from tests.hostile.server import hostile


@dataclass(frozen=True)
class Broken:
    """A fault of the mock, the journey that meets it, and the requirement that fails."""

    fault: str
    journey: str
    requirement: str


BROKEN = {
    "cursor": Broken("inclusive-cursor", "duplicates", "CUR-01"),
    "tier": Broken("smart-for-one-turn-more", "dialogue", "TIER-05"),
    "limit": Broken("seven-attachments-accepted", "refusals", "ATT-02"),
    "order": Broken("delta-before-its-start", "duplicates", "EVT-04"),
    "leak": Broken("idle-session-shows-the-tenants-frames", "idle", "CUR-09"),
}
TURN_SECONDS = 0.15
HOSTILE = ("a-page-of-html", "text-that-drives-a-terminal", "ids-that-are-commands", "a-flood-of-deltas")
"""Modes of tests/hostile whose harm could reach a reader of the page; the others end before there is anything to read."""
_LIMITS = Limits(
    turn_timeout=1.5,
    answer_timeout=0.6,
    headers_timeout=0.4,
    run_seconds=8.0,
    settle=0.3,
    quiet=0.1,
    grace=0.2,
    attempts=3,
)


def played(stable: Stable, broken: Broken) -> Recording:
    """That journey (and what it needs) on a mock with that fault."""
    target = stable.start(Cell("fault", broken.fault, fault=broken.fault), TURN_SECONDS)
    return play(target, journeys={broken.journey})


def played_hostile(name: str) -> Recording:
    """The journeys of a mode on the hostile server."""
    mode = MODES[name]
    with hostile(mode.server()) as (url, _):
        return play(Target(url, KEY, OTHER_KEY), _LIMITS, None, mode.journeys)


def report_of(recording: Recording) -> dict[str, Any]:
    """The report of a recording as ``conformance.json`` would have it; what fuzzing judges is untested in it."""
    scenarios.load()
    tests = []
    for one, found in judge(recording, VIEWS).items():
        for scenario, finding in found:
            evidence = evidence_of(finding) if isinstance(finding, Violation) else ()
            reason = finding.reason if finding else ""
            tests.append(TestResult(scenario.name, (one,), outcome_of(finding), reason, "", evidence))
    results = requirement_results(catalogue(), tests)
    accepted = sum(e.operation == "append-message" and e.status == 202 for e in recording.exchanges)
    figures = RunFigures(
        target=recording.target,
        embedded=False,
        spec=recording.spec,
        suite=recording.suite,
        started=recording.started,
        seconds=recording.seconds,
        turns={"scenarios": accepted},
        requests={"scenarios": len(recording.exchanges)},
    )
    breaks = [{"journey": b.journey, "step": b.step, "reason": b.reason} for b in recording.breaks]
    value = document(verdict(results, "MUST"), "MUST", figures, results, observe(recording), breaks)
    copied: dict[str, Any] = json.loads(json.dumps(value))
    return copied
