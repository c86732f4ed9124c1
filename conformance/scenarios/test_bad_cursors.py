"""CUR-10: cursors that are none."""

from __future__ import annotations

from conformance.findings import Unobservable, expect, requirement
from conformance.judging.answers import is_interim
from conformance.judging.breaks import untested
from conformance.recording import Recording


@requirement("CUR-10")
def test_a_bad_cursor_is_no_server_error(recording: Recording) -> None:
    """A malformed or unknown cursor, by query or by header, is answered, and not with a 5xx."""
    answered = 0
    tails = [e for e in recording.of("cursors") if e.operation == "tail-events"]
    tails += [e for e in recording.of("idle", "foreign-cursor") if e.operation == "tail-events"]
    for tail in tails:
        if is_interim(tail):
            continue
        expect(tail.status < 500, tail, expected="a refusal, or a stream: no server error")
        if tail.status == 0:
            # A server may hold back its status until there is something to send; one that hangs up has failed.
            waited = "Timeout" in (tail.problem or "")
            expect(waited, tail, expected="an answer to a tail with a bad cursor")
        answered += tail.status > 0
    if not answered and tails:
        raise Unobservable("none of the bad cursors was answered")
    if not answered:
        raise untested(recording, ("cursors",), "no bad cursor was tried")
