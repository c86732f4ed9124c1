"""The steps of a history: what a client does next, in numbers that mean something on every server.

A step never names an id that a server gave: it says *the turn so many back*, *the cut at so many eighths*. So the same list
of steps can be played again on another server, and shrunk without asking what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.outcomes import BadInput

EIGHTHS: Final = 8
"""A cut lies behind so many eighths of what was received of a turn: 0 its first envelope, 8 its last."""

BYS: Final = ("query", "header")
IDS: Final = ("absent", "fresh", "null")
TIERS: Final = (None, "FAST", "SMART")
BODIES: Final = ("same", "text", "tier", "attachments")
STRANGERS: Final = ("append", "append-known", "since", "header", "list", "upload")

_FLAG: Final = (False, True)
_SESSION: Final = (0, 1)
FIELDS: Final[Mapping[str, Mapping[str, Sequence[Any]]]] = {
    # A second session beside the first one.
    "open": {},
    # A message; a turn that still runs is read to its end before.
    "post": {
        "session": _SESSION,
        "tier": TIERS,
        "id": IDS,
        "attachments": (0, 1, 2, 6),
        "header": _FLAG,
        "before": _FLAG,
        "to_the_end": _FLAG,
    },
    # A message while a turn runs: queued, refused as busy, or run beside it (M10).
    "post_while_running": {"session": _SESSION, "id": IDS},
    # Several messages at the same moment, with one client_message_id or with one each.
    "race": {"session": _SESSION, "posts": (2, 3), "one_id": _FLAG},
    # The client_message_id of an earlier message again; ``back`` counts the messages that had one.
    "duplicate": {"session": _SESSION, "back": (0, 1, 2), "body": BODIES, "twice": _FLAG},
    # A second tail of the running turn, cut after so many envelopes and resumed after the last one received.
    "break_off": {"session": _SESSION, "envelopes": (1, 2, 3, 5, 8), "by": BYS, "times": (1, 2)},
    # The running turn without a cursor.
    "uncursored": {"session": _SESSION},
    # The running turn is read to its end; ``again``: then once more from its cursor, by query and header.
    "finish": {"session": _SESSION, "again": _FLAG},
    # A turn that is over, from an id of it (or, ``eighths`` None, from its cursor); ``back`` 0 is the last turn.
    "resume": {"session": _SESSION, "back": (0, 1, 2), "eighths": (None, *range(EIGHTHS + 1)), "by": BYS},
    # Two of them at once, by query and by header.
    "resume_both": {"session": _SESSION, "eighths": tuple(range(EIGHTHS + 1))},
    # From the last id, for as long as silence is expected.
    "quiet": {"session": _SESSION},
    # Another session's id as a cursor.
    "foreign": {"session": _SESSION, "by": BYS},
    # GET …/messages.
    "messages": {"session": _SESSION},
    # The second tenant's key on this session.
    "stranger": {"session": _SESSION, "does": STRANGERS},
}
"""The fields of each kind of step, and the values that each may have."""


@dataclass(frozen=True)
class Step:
    """``do`` is a key of ``FIELDS``; ``given`` has the fields that it has there."""

    do: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.do, tuple(sorted(self.given.items(), key=lambda pair: pair[0]))))

    def to_json(self) -> dict[str, Any]:
        return {"do": self.do, **self.given}

    def __str__(self) -> str:
        return " ".join([self.do, *(f"{name}={value}" for name, value in self.given.items())])


def steps_from_json(listed: Any) -> tuple[Step, ...]:
    """The steps of a history file.

    :raises BadInput: the first thing in them that is none.
    """
    if not isinstance(listed, list) or not listed:
        raise BadInput("not a history: `steps` is no list of steps")
    return tuple(_step(number, one) for number, one in enumerate(listed, start=1))


def _step(number: int, one: Any) -> Step:
    do = one.get("do") if isinstance(one, dict) else None
    if not isinstance(do, str) or do not in FIELDS:
        raise BadInput(f"not a history: step {number} does nothing that is known")
    given = {name: value for name, value in one.items() if name != "do"}
    if given.keys() != FIELDS[do].keys():
        raise BadInput(f"not a history: step {number} ({do}) has not the fields {', '.join(FIELDS[do]) or '(none)'}")
    for name, allowed in FIELDS[do].items():
        if not any(type(value := given[name]) is type(other) and value == other for other in allowed):
            raise BadInput(f"not a history: step {number} ({do}): {name} cannot be that")
    return Step(do, given)
