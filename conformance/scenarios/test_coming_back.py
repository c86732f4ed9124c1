"""CUR-07 of a client that was away: for the rest of a turn that nobody listened to, and for several turns."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence import Envelope, Session, Turn, envelopes_of
from conformance.findings import broken, requirement
from conformance.judging.cursors import (
    READ_OUT,
    Places,
    is_data_part,
    is_fleeting,
    lasting,
    listed,
    same,
    shown,
    to_the_end,
)
from conformance.judging.tails import followed
from conformance.judging.turn_reads import disturbance, read
from conformance.recording import Exchange, Recording


@requirement("CUR-07")
def test_a_turn_goes_on_while_nobody_listens(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """A turn is a workflow, and no part of a connection: it ends although its only listener left, and he reads the end."""
    others = [turn for turn in turns if not _left(turn) and any(e.terminal for e in turn.envelopes)]
    for turn in turns:
        main = turn.tails.get("main")
        if main is None or not _left(turn) or not others or disturbance(recording, turn):
            continue
        if (
            main.status == 200
            and main.ending in ("silence", "time-limit")
            and not any(e.terminal for e in turn.envelopes)
        ):
            came = f"{turn}: {listed(turn.envelopes)}, and no end after the reconnect ({main.ending}); others ended"
            links = [link for link in turn.live if link.facts.get("left")]
            expected = f"{turn} goes on while no tail is open, and a reconnect reads it to its end"
            broken(*(links[-1:] or [main]), turn.post, expected=expected, came=came)


def _left(turn: Turn) -> bool:
    """Whether its only tail was closed while it ran."""
    return any(link.facts.get("left") for link in turn.live)


@requirement("CUR-07")
def test_a_reconnect_after_several_turns_catches_up(recording: Recording, dialogue: Session) -> None:
    """A tail from an id of the first turn reaches the end of the last one, and skips nothing on its way.

    How long a server keeps what is over is open: what is missing at the beginning may be gone, and of an older turn
    everything but its final state. The last turn was played back whole just before.
    """
    tail = followed(recording, "dialogue", "catch-up")
    last = dialogue.turns[-1] if dialogue.turns else None
    if tail is None or last is None or tail.status != 200 or any(disturbance(recording, t) for t in dialogue.turns):
        return
    kept = envelopes_of(last.tails.get("again"))
    whole = _told(recording, last)
    if tail.ending not in READ_OUT or not whole or not all(any(same(e, one) for one in kept) for e in whole):
        return
    after = shown(str(tail.facts.get("after")))
    expected = f"a tail after {after} goes on to the end of {last}"
    got = envelopes_of(tail)
    here = Places(got)
    if got and not any(e in here for turn in dialogue.turns for e in _told(recording, turn)):
        return  # it shows the turns under other ids: nothing can be compared
    _nothing_comes_again(recording, dialogue, tail, got, expected)
    missing = [e for e in whole if e not in here]
    if missing:
        broken(tail, expected=expected, came=f"of {last} it lacks {listed(missing)} ({tail.ending})")
    for turn in dialogue.turns[:-1]:
        told = _told(recording, turn)
        content = [i for i, e in enumerate(told) if e in here and not _final(e)]
        gap = [e for e in told[content[0] :] if e not in here] if content else []
        if gap:
            broken(tail, expected=expected, came=f"of {turn} it has {shown(told[content[0]])} and lacks {listed(gap)}")


def _nothing_comes_again(
    recording: Recording, dialogue: Session, tail: Exchange, got: Sequence[Envelope], expected: str
) -> None:
    """Playback starts strictly after the id that was given, wherever in the session's stream it stands (E2)."""
    stream = [e for turn in dialogue.turns for e in _told(recording, turn)]
    place = next((i for i, e in enumerate(stream) if e.id == tail.facts.get("after")), None)
    if place is None:
        return
    left = Places(stream[: place + 1])
    again = next((e for e in got if not is_fleeting(e) and e in left), None)
    if again is not None:
        broken(tail, expected=expected, came=f"{shown(again)} came again")


def _told(recording: Recording, turn: Turn) -> Sequence[Envelope]:
    """What lasts of a turn, and can be told by its id."""
    told = [e for e in lasting(to_the_end(read(recording, turn).full)) if e.id is not None and not is_data_part(e)]
    # The late end of the turn before may stand at its head.
    return told[next((i for i, e in enumerate(told) if not _final(e)), 0) :]


def _final(envelope: Envelope) -> bool:
    return envelope.terminal or envelope.type == "finish-step"
