"""CUR-11: of several posts at once, each one's own cursor lies before the whole of its own turn."""

from __future__ import annotations

from conformance.evidence import envelopes_of
from conformance.findings import broken, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import listed, same
from conformance.judging.rivals import rival_numbers
from conformance.judging.statuses import may_have_started_a_turn
from conformance.judging.tails import followed
from conformance.recording import Recording

JOURNEY = "racing"


@requirement("CUR-11")
def test_a_racing_turn_is_in_its_own_tail_from_its_start(recording: Recording) -> None:
    """A rival's own tail, read to the end of all turns, has the `start` of a turn: its own one lies behind its cursor.

    Only where every turn is seen to begin with a `start`: as many of them follow the first turn as posts were accepted.
    What else tells whether a cursor is late, the other tests of this requirement see.
    """
    whole = followed(recording, JOURNEY, "whole")
    seen = envelopes_of(whole)
    starts = [e for e in seen if e.type == "start"]
    posts = [e for e in recording.of(JOURNEY) if e.operation == "append-message" and e.facts.get("rival") == "fresh"]
    accepted = [post for post in posts if may_have_started_a_turn(post)]
    if not accepted:
        raise untested(recording, (JOURNEY,), "no rival was accepted")
    for number in rival_numbers(recording):
        tail = followed(recording, JOURNEY, f"rival-{number}/tail")
        if (
            tail is None
            or whole is None
            or len(starts) != len(accepted)
            or any(post.status != 202 for post in accepted)
        ):
            continue
        got = envelopes_of(tail)
        if not got or not any(same(seen[-1], e) for e in got):
            continue
        if not any(e.type == "start" for e in got):
            came = f"rival {number}: it has no start, but {listed(got)}; {whole.step} has {len(starts)} turns with one each"
            broken(tail, whole, expected="the tail from a rival's own cursor has the whole of its turn", came=came)
