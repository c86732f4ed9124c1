"""What is counted is of bounded size, travels as JSON, and is the same in one sum as in parts."""

from __future__ import annotations

import json
from typing import Any

from conformance.load.judged import EXAMPLES_MOST
from conformance.load.tally import EXAMPLES_ALL, MEMORY_MOST, OTHER, REASONS_MOST, Tally, total


def judged(rule: str, *, shown: bool = True) -> dict[str, Any]:
    violation: dict[str, Any] = {"rule": rule, "test": "t", "session": 1}
    violation |= {"reason": "r", "message": "m", "evidence": []} if shown else {}
    rules = {rule: "failed", "ACC-01": "passed"}
    return {
        "rules": rules,
        "violations": [violation],
        "samples": [("turn", 1.0, 2.0)],
        "turns": 2,
        "never_began": 0,
        "frames": 80,
    }


def test_findings_are_counted_all_and_shown_few() -> None:
    tally = Tally(1.0)
    for _ in range(50):
        tally.note_judged(judged("CUR-01"), 0.0)
    assert tally.number("failed", "CUR-01") == tally.number("passed", "ACC-01") == 50
    assert tally.number("volume", "turns") == 100
    assert len(tally.examples["CUR-01"]) == EXAMPLES_MOST


def test_a_finding_without_its_evidence_is_counted_and_not_shown() -> None:
    tally = Tally(1.0)
    tally.note_judged(judged("CUR-01", shown=False), 0.0)
    assert tally.number("failed", "CUR-01") == 1
    assert tally.examples["CUR-01"] == []


def test_reasons_that_a_target_chooses_do_not_pile_up() -> None:
    tally = Tally(1.0)
    for number in range(10_000):
        tally.count("lost", f"reason {number}")
        tally.note_memory(float(number), 100.0)
    assert len(tally.of("lost")) <= REASONS_MOST + 1
    assert tally.number("lost", OTHER) == 10_000 - REASONS_MOST
    assert len(tally.memory) <= MEMORY_MOST


def test_several_workers_are_one_sum() -> None:
    parts = []
    for _ in range(4):
        tally = Tally(1.0)
        tally.note_judged(judged("CUR-01"), 0.0)
        tally.count("sessions", "begun", 3)
        tally.cpu = 1.5
        parts.append(Tally.from_json(json.loads(json.dumps(tally.to_json()))))
    whole = total(parts, 1.0)
    assert whole.number("sessions", "begun") == 12
    assert whole.number("failed", "CUR-01") == 4
    assert whole.cpu == 6.0
    assert len(whole.examples["CUR-01"]) == min(4, EXAMPLES_ALL)
    assert whole.bins.count("turn") == 4
