"""Whether a server was seen to take messages while a turn runs."""

from __future__ import annotations

from dataclasses import replace

from conformance.judging.conflicts import takes_messages_while_running
from conformance.offline import judge_recording
from conformance.recording import Recording
from tests.judges import edits

RIVALS = edits.named("racing/rival-1", "racing/rival-2")
LATER = edits.named("racing/rival-1")
DURING = edits.named("duplicates/during-1")


def _sent_again_behind_an_outage(recording: Recording) -> Recording:
    return edits.edit(recording, LATER, lambda e: replace(e, sent_at=e.sent_at + 1.0, answered_at=e.answered_at + 1.0))


def test_two_that_were_accepted_at_once_show_it(baseline: Recording) -> None:
    assert takes_messages_while_running(baseline)


def test_two_that_came_one_behind_the_other_do_not(baseline: Recording) -> None:
    assert not takes_messages_while_running(_sent_again_behind_an_outage(baseline))


def test_a_refusal_while_the_turn_runs_may_then_be_that_of_a_busy_server(baseline: Recording) -> None:
    busy = edits.answer(baseline, DURING, 409, edits.error(409, "TURN_IN_PROGRESS"))
    assert judge_recording(busy, ["IDEM-02"])["IDEM-02"].outcome == "failed"
    assert judge_recording(_sent_again_behind_an_outage(busy), ["IDEM-02"])["IDEM-02"].outcome == "passed"
