"""How the target answers what the contract leaves open (mark O). Observed and reported, never judged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from conformance.evidence import SENTINEL, all_turns, is_heartbeat, session
from conformance.recording import Exchange, Recording


@dataclass(frozen=True)
class Observation:
    """``value`` is JSON; None means that nothing was seen of it."""

    about: str
    value: Any


def observe(recording: Recording) -> tuple[Observation, ...]:
    """Every open point that the journeys met."""
    return tuple(Observation(about, look(recording)) for about, look in _LOOKS.items())


def _statuses(exchanges: Iterable[Exchange]) -> dict[str, int] | None:
    seen = Counter(str(e.status) for e in exchanges if e.received)
    return dict(sorted(seen.items())) or None


def _created(recording: Recording) -> Any:
    return _statuses(e for e in recording.exchanges if e.operation == "create-session" and 200 <= e.status < 300)


def _granted(recording: Recording) -> Any:
    return _statuses(e for e in recording.exchanges if e.operation == "request-upload-url" and 200 <= e.status < 300)


def _invalid(recording: Recording) -> Any:
    return _statuses(e for e in recording.exchanges if e.facts.get("rule") in ("ERR-03", "TIER-02", "ATT-02"))


def _first_cursor(recording: Recording) -> Any:
    return sorted({str(t.post.data.get("since_cursor")) for t in all_turns(recording) if t.number == 1}) or None


def _busy(recording: Recording) -> Any:
    rivals = [e for e in recording.of("racing", "rival-") if e.facts.get("part") == "rival"]
    if not rivals:
        return None
    return "refused with 409" if any(e.facts.get("busy") for e in rivals) else "accepted"


def _tails(recording: Recording) -> list[Exchange]:
    return [e for e in recording.exchanges if e.operation == "tail-events" and e.status == 200]


def _heartbeats(recording: Recording) -> Any:
    return any(is_heartbeat(frame) for tail in _tails(recording) for frame in tail.frames)


def _comments(recording: Recording) -> Any:
    return any(re.search(rb"(^|[\r\n]):", tail.received.body) for tail in _tails(recording) if tail.received)


def _sentinel(recording: Recording) -> Any:
    return any(frame.data == SENTINEL for tail in _tails(recording) for frame in tail.frames)


def _event_names(recording: Recording) -> Any:
    return sorted({frame.event.event for tail in _tails(recording) for frame in tail.frames if frame.event.event})


def _idle_tail(recording: Recording) -> Any:
    watch = recording.get("idle", "watch")
    return None if watch is None else "closed by the server" if watch.ending == "closed" else "kept open"


def _malformed(recording: Recording) -> Any:
    return _statuses(recording.of("cursors"))


def _id_form(recording: Recording) -> Any:
    ids = [e.id for turn in all_turns(recording) for e in turn.envelopes if e.id]
    if not ids:
        return None
    return "<ms>-<seq>" if all(re.fullmatch(r"\d{1,20}-\d{1,20}", one) for one in ids) else "opaque"


def _turn_seconds(recording: Recording) -> Any:
    turns = [t for t in session(recording, "dialogue").turns if t.ended and t.envelopes]
    return [round(t.envelopes[-1].at - t.post.answered_at, 3) for t in turns] or None


def _unusual(recording: Recording) -> Any:
    posts = [e for e in recording.of("refusals", "turn-1/") if e.facts.get("unusual") and e.facts.get("part") == "post"]
    return {e.step.rpartition("/")[2]: e.status for e in posts} or None


_LOOKS: dict[str, Callable[[Recording], Any]] = {
    "status of a created session": _created,
    "status of an upload grant": _granted,
    "status of invalid input": _invalid,
    "first cursor of a fresh session": _first_cursor,
    "a second post while a turn runs": _busy,
    "form of the SSE ids": _id_form,
    "heartbeat events": _heartbeats,
    "comments in the stream": _comments,
    "[DONE] in the stream": _sentinel,
    "event: names": _event_names,
    "a tail of an idle session": _idle_tail,
    "status of malformed cursors": _malformed,
    "status of a long, unusual text": _unusual,
    "seconds of the dialogue's turns": _turn_seconds,
}
