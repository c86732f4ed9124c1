"""Ids that look like one that exists, of sessions that do not exist.

A server may look at an id before it looks it up: at the version of a uuid, the alphabet of a ULID, the range of an integer.
So nearly all of the real one stays, and only characters at its end change, into others that stand in it, too.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_NODE = 12
"""Hexadecimal digits at the end of a uuid; its version and its variant stand before them."""
_WIDE = 12
"""Digits: a number so wide is no count of sessions, and its last ones may change without meeting another."""
_LAST_DIGITS = 6
_TAIL = 10
_LEAST_CHANGED = 4
_TRIES = 20


def unknown_id(session_id: str) -> str:
    """An id of the same form as one that exists, of a session that does not."""
    for _ in range(_TRIES):
        made = _of_its_form(session_id)
        if made != session_id:
            return made
    made = _replaced(session_id, _TAIL, _any_of_its_class)
    return made if made != session_id else f"{session_id}0"


def _of_its_form(session_id: str) -> str:
    if _UUID.fullmatch(session_id):
        alphabet = "0123456789ABCDEF" if session_id != session_id.lower() else "0123456789abcdef"
        return session_id[:-_NODE] + "".join(random.choices(alphabet, k=_NODE))
    if session_id.isascii() and session_id.isdigit():
        if len(session_id) >= _WIDE:
            return session_id[:-_LAST_DIGITS] + "".join(random.choices(string.digits, k=_LAST_DIGITS))
        # The same width where it can be: a server may read ids as numbers of bounded size.
        width = max(len(session_id), 8)
        return str(random.randint(9 * 10 ** (width - 1), 10**width - 1))
    changed = _replaced(session_id, _TAIL, lambda c: _seen(c, session_id))
    if sum(a != b for a, b in zip(changed, session_id, strict=True)) >= _LEAST_CHANGED:
        return changed
    # Too few characters to choose from: a neighbour of a short id may well be somebody's session.
    return _replaced(session_id, len(session_id), _any_of_its_class)


def _replaced(session_id: str, most: int, other: Callable[[str], str]) -> str:
    """The last letters and digits replaced; a prefix such as chs_ names the kind of id, and stays."""
    start = len(session_id) - len(_random_part(session_id))
    places = [at for at, c in enumerate(session_id) if at >= start and c.isascii() and c.isalnum()][-most:]
    changed = list(session_id)
    for at in places:
        changed[at] = other(session_id[at])
    return "".join(changed)


def _random_part(session_id: str) -> str:
    """What stands behind a prefix; all of it where too little does: in base64 an underscore is a letter like others."""
    _, _, rest = session_id.rpartition("_")
    return rest if sum(c.isascii() and c.isalnum() for c in rest) >= _LEAST_CHANGED else session_id


def _seen(character: str, session_id: str) -> str:
    """A character of the same class that stands in the id itself, so that it is of its alphabet."""
    for alphabet in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if character in alphabet:
            return random.choice([c for c in _random_part(session_id) if c in alphabet])
    return character


def _any_of_its_class(character: str) -> str:
    for alphabet in (string.digits, "abcdef", string.ascii_lowercase, "ABCDEF", string.ascii_uppercase):
        if character in alphabet:
            return random.choice([c for c in alphabet if c != character])
    return character
