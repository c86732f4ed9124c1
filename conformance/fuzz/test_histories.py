"""FUZZ-02: generated histories of sessions, judged by the rules of the scenarios."""

from __future__ import annotations

import warnings

from conformance.findings import Untested, Violation, requirement
from conformance.session import ConformanceSession
from conformance.target import OTHER_KEY_VARIABLE, Target


@requirement("FUZZ-02")
def test_generated_histories_keep_the_model_of_a_session(
    target: Target, fuzz_seed: int, fuzz_seconds: float, conformance_session: ConformanceSession
) -> None:
    """Whatever the order of posts, duplicates, broken tails and reconnects, the requirements of a session are kept."""
    settings = conformance_session.settings
    if settings.history_turns < 1:
        raise Untested(f"no history without turns: --fuzz-turns {settings.fuzz_turns} leaves none for them")
    # hypothesis takes a while to import: whoever only lists the tests, or mistypes an option, need not wait.
    from conformance.histories.curl_lines import curl_lines, printed
    from conformance.histories.history_file import write_history
    from conformance.histories.outcome import HistorySettings
    from conformance.histories.running import run_histories

    given = HistorySettings(settings.history_turns, fuzz_seconds, fuzz_seed, settings.fuzz_corpus, settings.waived)
    report = run_histories(target, settings.limits, given)
    left_out = [] if target.other_key else [f"what a second tenant tries: {OTHER_KEY_VARIABLE} is not set"]
    conformance_session.spent("histories", report.turns, report.requests, report.seconds, report.to_json(left_out))
    for number, failed in enumerate(report.failures, start=1):
        path = write_history(failed, settings.report_dir, number)
        said = f"{failed.rule}: {failed.violation.reason}; seed {failed.seed}, {path.name}"
        if not failed.is_must:
            # FUZZ-02 is a MUST and must not lend its level to what only follows from a page.
            warnings.warn(f"{said}\n{printed(curl_lines(failed.recording))}", stacklevel=1)
            continue
        once = "; seen once, and not again" if failed.seen == 1 else ""
        raise Violation(
            failed.violation.expected,
            f"{len(failed.steps)} steps break {failed.rule}: {failed.violation.came}; seed {failed.seed}{once}, {path.name}",
            curls=["\n" + printed(curl_lines(failed.recording))],
        )
    if not report.turns:
        raise Untested("no message was accepted, or no time was left for one")
