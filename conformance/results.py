"""What a test found, on its way: from what a scenario raised to a result, and between processes."""

from __future__ import annotations

from typing import Any, Final

from conformance.findings import Finding, Unobservable, Violation, curl, describe
from conformance.verdict import Outcome, TestResult

EVIDENCE_MOST: Final = 5
"""Exchanges, and curl lines of fuzzing, that are told of one violation."""


def outcome_of(finding: Finding | None) -> Outcome:
    """The word for what a scenario raised."""
    if finding is None:
        return "passed"
    if isinstance(finding, Violation):
        return "failed"
    return "unobservable" if isinstance(finding, Unobservable) else "untested"


def evidence_of(violation: Violation) -> tuple[dict[str, str], ...]:
    """For the report: each exchange that shows it, or the curl lines of what fuzzing sent."""
    shown = [
        (exchange.name, curl(exchange.sent), describe(exchange)) for exchange in violation.evidence[:EVIDENCE_MOST]
    ]
    shown += [("fuzzing", line, violation.came) for line in violation.curls[:EVIDENCE_MOST]]
    return tuple(
        {
            "exchange": name,
            "sent": line,
            "came": violation.came if number == 0 else came,
            "expected": violation.expected,
        }
        for number, (name, line, came) in enumerate(shown)
    )


def to_json(result: TestResult) -> dict[str, Any]:
    return {
        "test": result.test,
        "ids": list(result.ids),
        "outcome": result.outcome,
        "reason": result.reason,
        "message": result.message,
        "evidence": [dict(one) for one in result.evidence],
    }


def from_json(value: dict[str, Any]) -> TestResult:
    return TestResult(
        value["test"],
        tuple(value["ids"]),
        value["outcome"],
        value["reason"],
        value["message"],
        tuple(value["evidence"]),
    )
