"""CUR-11 and IDEM-05: posts at once."""

from __future__ import annotations

from dataclasses import replace

from conformance.recording import Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_cursor import frames_of
from tests.judges.edits import named


@broken("CUR-11", because="a rival's cursor is that of the session's beginning")
def from_the_beginning(recording: Recording) -> Recording:
    old = frames_of(recording, "racing", "turn-1/tail")
    return edits.frames(recording, named("racing/rival-2/tail"), lambda fs: [*old, *fs])


@broken("CUR-11", because="both rivals' cursors are inclusive")
def inclusive(recording: Recording) -> Recording:
    last = frames_of(recording, "racing", "turn-1/tail")[-1]
    return edits.frames(
        recording, named("racing/rival-1/tail", "racing/rival-2/tail"), lambda fs: [edits.at(last, fs[0].at), *fs]
    )


@broken("CUR-11", because="the rivals' cursors are taken after both were enqueued")
def after_both(recording: Recording) -> Recording:
    return edits.frames(recording, named("racing/rival-1/tail", "racing/rival-2/tail"), lambda fs: fs[3:])


@broken("CUR-11", because="a rival's cursor is that of the end")
def at_the_end(recording: Recording) -> Recording:
    pick = named("racing/rival-1/tail")
    return edits.edit(edits.frames(recording, pick, lambda _: []), pick, lambda e: replace(e, ending="silence"))


@broken("CUR-11", because="of two turns at once a rival's tail loses an envelope")
def loses_one(recording: Recording) -> Recording:
    return edits.frames(recording, named("racing/rival-1/tail"), lambda fs: fs[:30] + fs[31:])


@lawful("CUR-11", because="the second rival's cursor lies behind the beginning of the first one's turn")
def later_cursor(recording: Recording) -> Recording:
    """The second was enqueued when some of the first was written."""
    whole = frames_of(recording, "racing", "whole")
    first = edits.frames(recording, named("racing/rival-1/tail"), lambda _: whole)
    return edits.frames(first, named("racing/rival-2/tail"), lambda _: whole[6:])


@lawful(
    "CUR-11", because="one post at a time is taken, the other is refused as busy and comes later", CUR_11="unobservable"
)
def one_at_a_time(recording: Recording) -> Recording:
    whole, rival = recording.get("racing", "whole"), recording.get("racing", "rival-2")
    assert whole is not None
    assert rival is not None
    # Before the first envelope came, so that the client held nothing of the other rival's turn.
    moment = whole.frames[0].at - 0.001
    again = replace(rival, step="rival-2/again", sent_at=moment)
    grown = replace(recording, exchanges=(*recording.exchanges, again))
    return edits.answer(grown, named("racing/rival-2"), 409, edits.error(409))


@broken("IDEM-05", because="two of the posts with one id are accepted")
def two_accepted(recording: Recording) -> Recording:
    winner = next(e for e in recording.of("racing", "same-") if e.status == 202)
    other = next(e for e in recording.of("racing", "same-") if e.status != 202)
    return edits.answer(recording, named(other.name), 202, winner.json)


@broken("IDEM-05", because="all of the posts with one id are refused")
def none_accepted(recording: Recording) -> Recording:
    pick = named("racing/same-*")
    return edits.answer(recording, pick, 409, edits.error(409))


@broken("IDEM-05", because="the losers of the race meet a server error")
def loser_error(recording: Recording) -> Recording:
    other = next(e for e in recording.of("racing", "same-") if e.status != 202)
    return edits.answer(recording, named(other.name), 500, edits.error(500))


@broken("IDEM-05", because="a loser of the race is answered 200, as if it were accepted")
def loser_ok(recording: Recording) -> Recording:
    winner = next(e for e in recording.of("racing", "same-") if e.status == 202)
    other = next(e for e in recording.of("racing", "same-") if e.status != 202)
    return edits.answer(recording, named(other.name), 200, winner.json)


@lawful("IDEM-05", because="one of the losers is refused with 425")
def another_refusal(recording: Recording) -> Recording:
    other = next(e for e in recording.of("racing", "same-") if e.status != 202)
    return edits.answer(recording, named(other.name), 425, edits.error(425))
