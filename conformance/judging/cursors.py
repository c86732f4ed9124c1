"""Arithmetic of cursors: which envelopes a tail from an id should have, and how it differs from that.

Pure functions of what was read. Ids are opaque, but for those of the form ``<ms>-<seq>``, which compare as two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.evidence import Envelope
from conformance.findings import escape_controls

_STREAM_ID = re.compile(r"([0-9]{1,20})-([0-9]{1,20})", re.ASCII)
"""A Redis stream id: two unsigned 64-bit numbers. More digits are another form, and int() would refuse very many."""

READ_OUT = frozenset({"complete", "terminal", "goal", "closed", "silence"})
"""Endings after which nothing more was to come: what is missing then is missing."""


def stream_id(text: str | None) -> tuple[int, int] | None:
    """``<ms>-<seq>`` as two numbers; None for every other form."""
    match = _STREAM_ID.fullmatch(text or "")
    return (int(match[1]), int(match[2])) if match else None


def same_json(one: Any, other: Any) -> bool:
    """Equality of JSON values: an object has no order, 1 is 1.0, but true is not 1.

    Without recursion: a target may nest as deep as the parser allows.
    """
    todo = [(one, other)]
    while todo:
        a, b = todo.pop()
        if isinstance(a, bool) or isinstance(b, bool):
            if a is not b:
                return False
        elif isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            todo += [(a[key], b[key]) for key in a]
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            todo += zip(a, b, strict=True)
        elif isinstance(a, dict | list) or isinstance(b, dict | list) or a != b:
            return False
    return True


def same_content(one: Envelope, other: Envelope) -> bool:
    """The same data, whatever the ids; equal text is equal even where it is no JSON."""
    if one.frame.data == other.frame.data:
        return True
    return one.value is not None and other.value is not None and same_json(_unsigned(one), _unsigned(other))


def _unsigned(envelope: Envelope) -> Any:
    """Its value, a web address in it without the query: a server may sign it anew each time that it hands it out."""
    url = envelope.value.get("url") if envelope.type in ("source-url", "file") else None
    if isinstance(url, str) and url.startswith(("https://", "http://")):
        return {**envelope.value, "url": url.partition("?")[0]}
    return envelope.value


def same(one: Envelope, other: Envelope) -> bool:
    """The same envelope read twice: equal id, equal JSON."""
    return one.id == other.id and same_content(one, other)


def is_data_part(envelope: Envelope) -> bool:
    return envelope.type.startswith("data-")


def is_fleeting(envelope: Envelope) -> bool:
    """A part that no replay owes: transient, or a data part without an id to resume from."""
    return envelope.transient or (is_data_part(envelope) and envelope.id is None)


def lasting(tail: Iterable[Envelope]) -> tuple[Envelope, ...]:
    """Without the parts that a second tail may lawfully leave out."""
    return tuple(e for e in tail if not is_fleeting(e))


def shown(what: Envelope | str | None) -> str:
    """An id or an envelope for a message: short, and without control characters."""
    if isinstance(what, Envelope):
        return f"{shown(what.id) if what.id else '(no id)'} {what.type[:40] or repr(what.frame.data[:60])}"
    text = "null" if what is None else escape_controls(what).replace("\n", "\\n")
    return text if len(text) <= 80 else f"{text[:79]}…"


def listed(some: Sequence[Envelope]) -> str:
    """The first few of them, for a message."""
    text = ", ".join(shown(e) for e in some[:3])
    return text if len(some) <= 3 else f"{text}, … ({len(some)} in all)"


class Places:
    """Where each envelope stands in a tail, found by id, or by content where there is no id."""

    def __init__(self, tail: Sequence[Envelope]) -> None:
        self._tail = tail
        self._by_id: dict[str | None, list[int]] = {}
        for index, envelope in enumerate(tail):
            self._by_id.setdefault(envelope.id, []).append(index)

    @property
    def any(self) -> bool:
        return bool(self._tail)

    def of_id(self, wanted: str | None) -> list[int]:
        return self._by_id.get(wanted, [])

    def of(self, envelope: Envelope, after: int = -1) -> int | None:
        """The first place of that very envelope behind ``after``; failing that, the first of all."""
        found = [i for i in self.of_id(envelope.id) if same(self._tail[i], envelope)]
        return next((i for i in found if i > after), found[0] if found else None)

    def __contains__(self, envelope: Envelope) -> bool:
        return self.of(envelope) is not None


@dataclass(frozen=True)
class Difference:
    """The first way in which a tail is not what it should be."""

    kind: Literal["lost", "repeated", "changed", "foreign", "order"]
    sentence: str


def difference(expected: Sequence[Envelope], got: Sequence[Envelope], *, whole: bool = True) -> Difference | None:
    """How ``got`` differs from ``expected``; None where it does not. Fleeting parts do not count on either side.

    ``whole``: whether the tail was read out. If not, only what is missing before its last envelope is lost.
    """
    want, have = lasting(expected), lasting(got)
    places = Places(want)
    seen: set[int] = set()
    last = -1
    for envelope in have:
        place = places.of(envelope, last)
        if place is None:
            if envelope.id is not None and places.of_id(envelope.id):
                return Difference("changed", f"{shown(envelope)} came with other data under the same id")
            return Difference("foreign", f"{shown(envelope)} is not among what is to come there")
        if place in seen:
            return Difference("repeated", f"{shown(envelope)} came twice")
        if place < last:
            return Difference("order", f"{shown(envelope)} came after {shown(want[last])}")
        seen.add(place)
        last = place
    end = len(want) if whole else last
    lost = [want[i] for i in range(end) if i not in seen]
    if lost:
        return Difference("lost", f"{len(lost)} of {len(want)} envelopes are missing: {listed(lost)}")
    return None


def once(tail: Iterable[Envelope]) -> tuple[Envelope, ...]:
    """Every envelope that has an id once: a repeat is another rule's finding."""
    kept: list[Envelope] = []
    seen: dict[str, list[Envelope]] = {}
    for envelope in tail:
        if envelope.id is not None:
            known = seen.setdefault(envelope.id, [])
            if any(same_content(envelope, one) for one in known):
                continue
            known.append(envelope)
        kept.append(envelope)
    return tuple(kept)


def lacks(got: Sequence[Envelope], seen: Sequence[Envelope], *, read_out: bool) -> tuple[Envelope, ...]:
    """The envelopes of one turn that ``seen`` has, from the first that ``got`` has too, and ``got`` has not.

    ``read_out``: whether nothing more was to come in ``got``; else only what is missing before its last one counts.
    """
    here = Places(got)
    first = next((i for i, e in enumerate(seen) if e in here), None)
    if first is None:
        return ()
    last = max(i for i, e in enumerate(seen) if e in here)
    if read_out and not seen[last].terminal:
        # The turn went on in the other tail: up to its end, and not into the next one.
        last = next((i for i, e in enumerate(seen) if i > last and e.type in ("finish", "abort")), len(seen) - 1)
    return tuple(e for e in lasting(seen[first : last + 1]) if e not in here)


def missing_beginning(
    main: Sequence[Envelope], other: Sequence[Envelope], *, first_turn: bool = False
) -> tuple[Envelope, ...]:
    """The envelopes of a turn that come in ``other`` before the first one that ``main`` has.

    ``other`` may begin with the end of the turn before. So what precedes a terminal envelope there is not this turn's,
    data parts may lie between turns, and where ``main`` begins with ``start`` nothing counts but another ``start`` and
    what follows it. Fleeting parts tell no place: each connection may begin with one of its own.
    """
    main, other = lasting(main), lasting(other)
    if not main:
        return ()
    first = next((i for i, e in enumerate(other) if same(e, main[0])), None)
    if first is None:
        return ()
    head = list(other[:first])
    if not first_turn or any(e.terminal for e in head):  # an agent may greet: a turn before the first one
        terminal = max((i for i, e in enumerate(head) if e.terminal), default=-1)
        head = head[terminal + 1 :]
        if main[0].type == "start":
            head = head[next((i for i, e in enumerate(head) if e.type == "start"), len(head)) :]
    return tuple(e for e in head if not is_data_part(e))


_CLOSING = frozenset({"finish-step", "message-metadata", "text-end", "reasoning-end", "error"})
"""What may stand between an ``error`` and the ``finish`` that belongs to it."""


def to_the_end(full: Sequence[Envelope]) -> tuple[Envelope, ...]:
    """A turn up to its end, where a client leaves (contract E6). What a server sends behind it nobody need have read."""
    start = max((i for i, e in enumerate(full) if e.type == "start"), default=0)
    end = next((i for i, e in enumerate(full) if i >= start and e.terminal), None)
    if end is None:
        return tuple(full)
    for index in range(end + 1, len(full)) if full[end].type == "error" else ():
        if full[index].type == "finish":
            end = index
        if full[index].type not in _CLOSING and not is_fleeting(full[index]):
            break
    return tuple(full[: end + 1])


def to_the_last_id(tail: Sequence[Envelope]) -> Sequence[Envelope]:
    """Without what has no id at its end: a client that waits for a known id does not wait for that."""
    last = max((i for i, e in enumerate(tail) if e.id is not None), default=-1)
    return tail[: last + 1]


def rest(full: Sequence[Envelope], after: str) -> tuple[Envelope, ...] | None:
    """What a tail strictly after that id should give; None where the id is not there, or stands in two places."""
    places = [i for i, e in enumerate(full) if e.id == after]
    return tuple(full[places[0] + 1 :]) if len(places) == 1 else None


def resumed(full: Sequence[Envelope], after: str | None, got: Sequence[Envelope], *, whole: bool) -> Difference | None:
    """How a tail that was opened after that id (None: at the beginning of the turn) differs from the rest of the turn.

    What follows the end of the turn is not this turn's: data parts, the next turn. Envelopes without an id directly
    behind ``after`` are left open: a server may send several under one id, the last of them carrying it or the first.
    """
    expected = tuple(full) if after is None else rest(full, after)
    if expected is None:
        return None
    left = Places(full[: len(full) - len(expected)])
    repeated = next((e for e in got if e.id is not None and not is_fleeting(e) and e in left), None)
    if repeated is not None:
        return Difference("repeated", f"{shown(repeated)} came again")
    if after is not None and any(e.id == after and not is_fleeting(e) for e in got):
        return Difference("repeated", f"the envelope {shown(after)} itself came again")
    if after is not None:
        got = tuple(e for e in got if e.id is not None or not _behind(expected, e))
        while expected and expected[0].id is None:
            expected = expected[1:]
    places = Places(expected)
    last = max((i for i, e in enumerate(got) if e in places), default=-1)
    if expected and last >= 0 and same(got[last], expected[-1]):
        got = got[: last + 1]  # the turn's end was read; what comes behind it is not this turn's
    elif not expected:
        return None
    return difference(expected, got, whole=whole)


def _behind(expected: Sequence[Envelope], envelope: Envelope) -> bool:
    """Whether it is one of those without an id that directly follow the id from which the tail was opened."""
    for one in expected:
        if one.id is not None:
            return False
        if same_content(one, envelope):
            return True
    return False
