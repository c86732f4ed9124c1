"""Where the client reads late: a machine that lags, tails that arrive long after they were written, late rivals."""

from __future__ import annotations

from dataclasses import replace

from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.edits import named

MAIN = named("dialogue/turn-1/tail")
WITHOUT = named("dialogue/turn-1/tail-without-cursor")
OPENED, ARRIVED = 3.0, 5.0
"""Seconds behind the first envelope: the second tail is opened, and what the first one has still to read arrives."""


def _read_late(recording: Recording, *, lasted: int | None) -> Recording:
    """The first tail gets its first envelope in time and all others late; the one without a cursor has the end alone.

    ``lasted``: the milliseconds between the ids of the first and the last envelope, in place of the real ones.
    """
    main = next(e for e in recording.exchanges if MAIN(e))
    first, *others = main.frames
    began = first.at
    milliseconds = int(str(first.id).partition("-")[0])

    def written(frame: Frame) -> Frame:
        if lasted is None or edits.kind(frame) not in ("finish-step", "finish"):
            return frame
        return edits.with_id(frame, f"{milliseconds + lasted}-{'1' if edits.kind(frame) == 'finish' else '0'}")

    late = [first, *(edits.at(written(frame), began + ARRIVED) for frame in others)]
    end = [edits.at(frame, began + OPENED + 0.6) for frame in late if edits.kind(frame) in ("finish-step", "finish")]

    def opened_late(exchange: Exchange) -> Exchange:
        return replace(exchange, answered_at=began + OPENED, ended_at=began + OPENED + 0.6)

    read = edits.frames(recording, MAIN, lambda _: late)
    return edits.edit(edits.frames(read, WITHOUT, lambda _: end), WITHOUT, opened_late)


@lawful("CUR-04", because="the turn was over long before its end was read, as its ids show: the final state may be all")
def over_before_it_was_read(recording: Recording) -> Recording:
    return _read_late(recording, lasted=None)


@broken("CUR-04", because="a tail that was opened in the middle of the turn gives its end alone")
def only_the_end_of_a_turn_that_runs(recording: Recording) -> Recording:
    return _read_late(recording, lasted=5_000)


@lawful(
    "CUR-04", because="a late tail greets the connection under the id of its place, and then has the final state alone"
)
def greeted_before_the_final_state(recording: Recording) -> Recording:
    again = named("dialogue/turn-1/tail-again")

    def greeted(frames: list[Frame]) -> list[Frame]:
        end = [frame for frame in frames if edits.kind(frame) in ("finish-step", "finish")]
        hello = edits.with_data(end[0], '{"type":"data-hello","data":{"at":"here"},"transient":true}')
        return [edits.with_id(hello, "1-18446744073709551615"), *end]

    return edits.frames(recording, again, greeted)


def _closed_behind_its_end(recording: Recording, *, cut: int) -> Recording:
    """Rival 1's tail has its own turn, without the last ``cut`` envelopes of it, and is closed; rival 2 came later."""
    whole = next(e for e in recording.exchanges if e.name == "racing/whole").frames
    end = next(i for i, frame in enumerate(whole) if edits.kind(frame) == "finish")
    first, second = whole[: end + 1], whole[end + 1 :]
    tails = named("racing/rival-1/tail"), named("racing/rival-2/tail")
    one = edits.edit(recording, tails[0], lambda e: replace(e, ending="closed"))
    one = edits.frames(one, tails[0], lambda _: list(first[: len(first) - cut]))
    return edits.frames(one, tails[1], lambda _: list(second))


@lawful("CUR-11", because="a tail is closed behind the end of a turn (E6), and the other rival is accepted later")
def closed_behind_its_end(recording: Recording) -> Recording:
    return _closed_behind_its_end(recording, cut=0)


@broken("CUR-11", because="a rival's tail is closed before its turn has ended")
def closed_before_its_end(recording: Recording) -> Recording:
    return _closed_behind_its_end(recording, cut=2)


@lawful("EVT-01", because="an id of long ago is no longer known, and its cursor is refused (E6)")
def old_cursor_refused(recording: Recording) -> Recording:
    return edits.answer(recording, named("dialogue/catch-up"), 400, edits.error(400, "INVALID_CURSOR"))
