"""CUR-09: no envelope of another session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.evidence import SESSION_JOURNEYS, Envelope, Turn, envelopes_of, session_journeys
from conformance.findings import broken, expect, requirement
from conformance.judging.breaks import untested
from conformance.judging.cursors import is_data_part, is_fleeting, same, same_content, shown
from conformance.recording import Exchange, Recording


@requirement("CUR-09")
def test_an_idle_session_shows_nothing_of_the_others(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """A session without turns stays silent while others run, and another session's cursor opens nothing there."""
    watched = [e for e in (recording.get("idle", step) for step in ("watch", "foreign-cursor")) if e is not None]
    others = _elsewhere(recording, "idle")
    owners = _owners(turns)
    for tail in watched:
        for envelope in envelopes_of(tail):
            if is_fleeting(envelope):
                continue
            # What it has of its own is its own affair: an answer to the cursor, data parts, a greeting of the agent. Sessions
            # that are made in one millisecond may each begin with the same data part under the same id.
            named = envelope.id is not None and not is_data_part(envelope)
            known = named and any(same(envelope, other) for other in others.get(envelope.id, ()))
            came = f"{tail.step}: {shown(envelope)} came on a session that had no turn"
            expect(not known, tail, expected="no envelope of another session", came=f"{came}, as on another")
            mark = next((mark for leaf in _leaves(envelope.value) for mark in owners if mark in leaf), None)
            came = f"{came}; it carries {shown(mark)}, an id of another session's turn"
            expect(mark is None, tail, expected="no envelope of another session", came=came)
        _not_without_ids(recording, tail)
    if not any(tail.status or _held_back(tail) for tail in watched):
        raise untested(recording, ("idle",), "the idle session was not tailed")


@requirement("CUR-09")
def test_another_sessions_cursor_opens_nothing_of_it_on_a_used_session(recording: Recording) -> None:
    """A session that has had turns shows its own envelopes only, whatever session a cursor is from."""
    tails = [tail for tail in recording.of("idle", "foreign-cursor-") if tail.operation == "tail-events"]
    others = _elsewhere(recording, "dialogue")
    own = {e.id for tail in recording.of("dialogue") for e in envelopes_of(tail)}
    for tail in tails:
        for envelope in envelopes_of(tail):
            known = envelope.id not in own and any(same(envelope, other) for other in others.get(envelope.id, ()))
            known = known and not is_data_part(envelope)
            came = f"{tail.step}: {shown(envelope)} of another session came on the dialogue's"
            expect(not known or envelope.id is None, tail, expected="no envelope of another session", came=came)
    if not any(tail.status for tail in tails):
        raise untested(recording, ("idle", "dialogue"), "no other session's cursor was tried on a used session")


def _not_without_ids(recording: Recording, tail: Exchange) -> None:
    """Without ids the content tells: what the idle session shows is what the others show, turn after turn, or its own.

    A greeting is in every session alike, so what each of them shows before its first turn is not judged.
    """
    shown_here = [e for e in envelopes_of(tail) if e.id is None and not is_data_part(e) and not e.terminal]
    telling = [e for e in shown_here if e.type in ("start", "text-delta", "reasoning-delta") and len(e.frame.data) > 60]
    others = _elsewhere(recording, "idle").get(None, []) if telling else []
    for envelope in telling:
        elsewhere = [e for e in others if same_content(e, envelope)]
        came = f"{tail.step}: {shown(envelope)} came on a session that had no turn, word for word as on another"
        expect(len(elsewhere) != 1, tail, expected="no envelope of another session", came=came)


def _held_back(tail: Exchange) -> bool:
    """Whether not even headers came: a server may wait with them for the first event, and so none came."""
    return (tail.problem or "").startswith("ReadTimeout: no headers")


def _elsewhere(recording: Recording, journey: str) -> dict[str | None, list[Envelope]]:
    """What was received on the sessions of the other journeys that play turns, by id; nothing twice."""
    found: dict[str | None, list[Envelope]] = {}
    playing = session_journeys(recording)
    told: set[tuple[str, str | None, str]] = set()
    for exchange in recording.exchanges:
        if exchange.operation != "tail-events" or exchange.journey == journey:
            continue
        if exchange.journey not in playing or exchange.facts.get("part") == "foreign":
            continue
        for envelope in envelopes_of(exchange):
            if (once := (exchange.journey, envelope.id, envelope.frame.data)) not in told:
                told.add(once)
                found.setdefault(envelope.id, []).append(envelope)
    return found


_MARK = re.compile(r"(?=.*[0-9])(?=.*[a-zA-Z])[0-9a-zA-Z_\-]{16,}")
"""An id that no two sessions give by chance: long, of letters and digits."""


@requirement("CUR-09")
def test_no_tail_carries_the_marks_of_another_session(recording: Recording, turns: tuple[Turn, ...]) -> None:
    """The turn and message ids of one session stand in no envelope of another session's tails."""
    owners = _owners(turns)
    found: dict[str, list[str]] = {}
    judged = 0
    for turn in turns:
        for exchange in turn.tails.values():
            for envelope in envelopes_of(exchange):
                judged += 1
                if envelope.frame.data not in found:
                    found[envelope.frame.data] = [
                        mark for leaf in _leaves(envelope.value) if len(leaf) >= 16 for mark in owners if mark in leaf
                    ]
                for mark in found[envelope.frame.data]:
                    if owners[mark] != turn.session_id:
                        came = f"{turn}: {shown(envelope)} carries {shown(mark)}, an id of another session's turn"
                        broken(exchange, expected="no envelope of another session", came=came)
    if not judged:
        raise untested(recording, SESSION_JOURNEYS, "no tail gave an envelope")


def _marks_of(turn: Turn) -> set[str]:
    """The ids that the 202 gave, and the messageId with which its tail began."""
    marks = [turn.post.data.get("chat_turn_id"), turn.post.data.get("user_message_id")]
    first = next((e for e in turn.envelopes if e.type == "start"), None)
    if first is not None:
        marks.append(first.value.get("messageId"))
    return {mark for mark in marks if isinstance(mark, str) and _MARK.fullmatch(mark)}


def _owners(turns: Iterable[Turn]) -> dict[str, str]:
    """Whose each mark is. What two sessions gave alike tells nothing apart (ACC-06 judges it), and is left out."""
    found: dict[str, set[str]] = {}
    for turn in turns:
        for mark in _marks_of(turn):
            found.setdefault(mark, set()).add(turn.session_id)
    return {mark: next(iter(sessions)) for mark, sessions in found.items() if len(sessions) == 1}


def _leaves(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
