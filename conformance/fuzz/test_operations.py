"""FUZZ-01: generated requests to every operation, answered as the OpenAPI document says."""

from __future__ import annotations

import warnings

from conformance.findings import Untested, Violation, requirement
from conformance.requirements import catalogue
from conformance.session import ConformanceSession
from conformance.settings import Settings
from conformance.target import Target


@requirement("FUZZ-01")
def test_generated_requests_are_answered_as_documented(
    target: Target,
    run_settings: Settings,
    fuzz_seed: int,
    fuzz_seconds: float,
    conformance_session: ConformanceSession,
) -> None:
    """Valid requests are not refused as bad input, invalid ones are, and every answer has its documented form."""
    # schemathesis takes more than a second to import: whoever only lists the tests, or mistypes an option, need not wait.
    from conformance.fuzz.operations import FuzzSettings, fuzz_operations

    settings = FuzzSettings(run_settings.fuzz_examples, run_settings.fuzz_turns, fuzz_seconds, fuzz_seed)
    report = fuzz_operations(target.base_url, target.api_key, target.agent_id, settings, other_key=target.other_key)
    conformance_session.spent("fuzzing", report.turns, report.requests, report.seconds, report.to_json())
    broken = [
        failure
        for failure in report.failures
        if catalogue()[failure.rule].level == "MUST" and failure.rule not in run_settings.waived
    ]
    for failure in report.failures:
        if failure not in broken:
            # FUZZ-01 is a MUST and must not lend its level to what only follows from a page.
            warnings.warn(str(failure), stacklevel=1)
    if broken:
        first = broken[0]
        others = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
        raise Violation(
            f"{first.expected} ({first.rule}: {first.page})",
            f"{first.operation} breaks {first.rule}: {first.came}{others}; seed {first.seed}",
            curls=[failure.curl for failure in broken],
        )
    unasked = [name for name, count in report.per_operation.items() if count == 0]
    if report.unasked or unasked:
        raise Untested(report.unasked or f"no time was left for {', '.join(unasked)}")
