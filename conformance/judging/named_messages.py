"""Whether the id of a message names that message in a replay, as far as an open schema lets it be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.judging.json_leaves import objects

_OF_A_TURN = re.compile(r"turn|workflow", re.IGNORECASE)
_OF_A_MESSAGE = re.compile(r"id|(?:user_?)?message_?id", re.IGNORECASE)
_ROLE = re.compile(r"role|author|sender|from|type|kind", re.IGNORECASE)
_LARGE = 10**40
_AGENTS = frozenset({"assistant", "agent", "ai", "bot", "model"})


def named_otherwise(bodies: Iterable[Any], message: str, turn: str, text: str) -> str | None:
    """What the ids of a 202 name in the replay, where it is surely not what they should; None where nothing is.

    Two things are sure. The two are swapped where the message's id stands only in fields that are called a turn's, and the
    turn's in one that is called a message's. And it is the answer's id where it stands only in objects that say they are
    the agent's, none of which has the user's text in it.
    """
    bodies = list(bodies)
    holders = list(_holders(bodies, message))
    if not holders or message == turn:
        return None
    fields = {name for holder in holders for name in _fields(holder, message)}
    others = {name for holder in _holders(bodies, turn) for name in _fields(holder, turn)}
    if all(map(_OF_A_TURN.search, fields)) and any(map(_OF_A_MESSAGE.fullmatch, others)):
        return "the chat_turn_id names a message, and the user_message_id its turn"
    if text and all(_is_an_agents(holder) and not _has(holder, text) for holder in holders):
        return "the user_message_id names the agent's answer"
    return None


def _holders(bodies: Iterable[Any], wanted: str) -> Iterator[Mapping[str, Any]]:
    for body in bodies:
        for _, node in objects(body):
            if any(True for _ in _fields(node, wanted)):
                yield node


def _fields(holder: Mapping[str, Any], wanted: str) -> Iterator[str]:
    for name, value in holder.items():
        listed = value if isinstance(value, list) else [value]
        if any(one == wanted or (_is_number(one) and str(one) == wanted) for one in listed):
            yield name


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGE


def _is_an_agents(holder: Mapping[str, Any]) -> bool:
    return any(
        _ROLE.fullmatch(name) and isinstance(value, str) and value.lower() in _AGENTS for name, value in holder.items()
    )


def _has(holder: Mapping[str, Any], text: str) -> bool:
    pending: list[Any] = [holder]
    while pending:
        one = pending.pop()
        if isinstance(one, str) and text in one:
            return True
        pending.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return False
