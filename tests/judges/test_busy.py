"""Whether a 409 may be lawful because a turn of another session runs."""

from __future__ import annotations

from dataclasses import replace

from conformance.judging.busy import busy_elsewhere
from conformance.offline import judge_recording
from conformance.recording import Exchange, Piece, Received, Recording
from tests.judges import edits
from tests.judges.request_ids import answer_each

AFTER = edits.named("duplicates/after-*")


def _after_1(r: Recording) -> Exchange:
    return next(e for e in r.exchanges if e.name == "duplicates/after-1")


def _beside_one_long_turn(r: Recording) -> Recording:
    """Beside the duplicates one message was accepted, and nobody saw the end of its turn."""
    others = [
        e for e in r.exchanges if e.operation == "append-message" and e.status == 202 and e.journey != "duplicates"
    ]
    running = next(e for e in others if e.journey == "dialogue")
    new = edits.drop(r, lambda e: e in others and e is not running)
    return edits.drop(new, edits.named("dialogue/turn-1/tail*"))


def test_a_server_that_runs_turns_of_several_sessions_is_not_busy_for_them(baseline: Recording) -> None:
    assert busy_elsewhere(baseline, _after_1(baseline)) is None


def test_a_server_that_was_never_seen_to_may_be(baseline: Recording) -> None:
    r = _beside_one_long_turn(baseline)
    reason = busy_elsewhere(r, _after_1(r))
    assert reason is not None
    assert "another session" in reason


def test_without_a_turn_elsewhere_nothing_is_excused(baseline: Recording) -> None:
    r = edits.drop(baseline, lambda e: e.operation == "append-message" and e.journey != "duplicates")
    assert busy_elsewhere(r, _after_1(r)) is None


def test_a_conflict_without_the_id_is_no_failure_where_the_tenant_may_be_busy(baseline: Recording) -> None:
    r = answer_each(_beside_one_long_turn(baseline), AFTER, 409, edits.error(409, "TENANT_BUSY"))
    assert judge_recording(r, ["IDEM-02"])["IDEM-02"].outcome == "unobservable"


def _one_turn_elsewhere(r: Recording) -> tuple[Recording, Exchange]:
    """Beside the duplicates there was one turn, whose end was received; and the duplicate that came behind it."""
    r = _beside_one_long_turn(r)
    first = next(e for e in r.exchanges if e.name == "dialogue/turn-1/post")
    r = replace(r, exchanges=(*r.exchanges, *_tail_of(first, ended_at=first.answered_at + 1.0)))
    return r, _after_1(r)


def _tail_of(post: Exchange, *, ended_at: float) -> tuple[Exchange, ...]:
    finish = b'data: {"type":"finish"}\n\n'
    received = Received(200, (("content-type", "text/event-stream"),), (Piece(ended_at, finish),))
    facts = {"session": post.facts["session"], "turn": 1, "part": "tail", "kind": "main"}
    return (
        replace(
            post,
            step="turn-1/tail",
            operation="tail-events",
            received=received,
            ending="terminal",
            facts=facts,
            ended_at=ended_at,
        ),
    )


def test_a_server_is_still_busy_just_behind_the_end_of_a_turn_and_not_much_later(baseline: Recording) -> None:
    r, after = _one_turn_elsewhere(baseline)
    end = next(e for e in r.exchanges if e.name == "dialogue/turn-1/tail").ended_at
    just, later = (replace(after, sent_at=end + s, answered_at=end + s + 0.01) for s in (0.1, 5.0))
    assert busy_elsewhere(r, just) is not None
    assert busy_elsewhere(r, later) is None


def test_a_tail_that_goes_on_to_a_later_turn_says_nothing_of_how_long_the_first_one_ran(baseline: Recording) -> None:
    """Rivals that were accepted one behind the other, each with a tail to the end of both: no two turns ran at once."""
    r = _beside_one_long_turn(baseline)
    session = next(e for e in baseline.exchanges if e.name == "racing/rival-1").facts["session"]
    first, second = (replace(e, facts={**e.facts, "session": session}) for e in _two_rivals(baseline, at=(10.0, 20.0)))
    tail = _tail_of(first, ended_at=11.0)[0]
    read = tail.received
    assert read is not None
    pieces = (*read.pieces, Piece(21.0, read.pieces[0].data))
    tail = replace(tail, step="rival-1/tail", received=replace(read, pieces=pieces), facts={})
    others = [replace(first, journey=f"other-{n}", step="post", facts={"session": f"s{n}"}) for n in range(2)]
    between = [
        each
        for n, post in enumerate(others)
        for each in (
            replace(post, sent_at=13.0 + n, answered_at=13.1 + n),
            replace(tail, journey=post.journey, step="post/tail", received=replace(read, pieces=(_end(14 + n),))),
        )
    ]
    r = replace(r, exchanges=(*r.exchanges, first, second, tail, *between))
    duplicate = replace(_after_1(r), sent_at=13.5, answered_at=13.6)
    assert busy_elsewhere(r, duplicate) is not None


def _two_rivals(r: Recording, at: tuple[float, float]) -> list[Exchange]:
    rivals = [e for e in r.exchanges if e.name in ("racing/rival-1", "racing/rival-2")]
    return [replace(e, sent_at=t, answered_at=t + 0.1) for e, t in zip(rivals, at, strict=True)]


def _end(at: float) -> Piece:
    return Piece(at, b'data: {"type":"finish"}\n\n')
