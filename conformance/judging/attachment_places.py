"""Whether a replay shows each attachment with its own message, and with its own type.

The replay's schema is open (contract M9), so only what contradicts itself counts: an object that has the very path that
was sent and another type, or a message, found by its id, that has the attachments of another one instead of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.judging.json_leaves import leaves, objects
from conformance.judging.replay import Replay

Attachment = Mapping[str, Any]
Sent = Sequence[tuple[str, Sequence[Attachment]]]
"""Each message's id and its attachments."""

_MEDIA_TYPE = re.compile(r"(application|audio|font|image|text|video)/[\w.+-]+", re.ASCII)
_TYPE_FIELD = re.compile(r"mime|(mime|media|content)[-_]?type", re.IGNORECASE)
_OWN_ID = re.compile(r"_?id|uuid|key|(user_?)?message_?id", re.IGNORECASE)
_SAME_TYPE = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}


def mistyped(sent: Sequence[Attachment], shown: Replay) -> str | None:
    """An attachment that comes back under its own path with another type, in a few words; None where there is none."""
    types = {one.get("blob_path"): _plain(one.get("mime")) for one in sent}
    for page in shown.pages:
        for _, held in objects(page.json):
            paths = [value for value in held.values() if isinstance(value, str) and value in types]
            given = {_plain(value) for key, value in held.items() if _TYPE_FIELD.fullmatch(key) and _is_type(value)}
            for path in paths:
                if given and types[path] not in given:
                    return f"the attachment {path[:120]!r} was sent as {types[path]}, and comes back as {min(given)}"
    return None


def misplaced(sent: Sent, shown: Replay) -> str | None:
    """A message that shows the attachments of another one in place of its own; None where there is none, or no telling.

    A message is known by its id in one field of an element of a list. Which field that is, is open: where any of them
    gives every message its own attachments, all is well, and only one that is named for an id tells of a wrong place.
    """
    bearing = [(message_id, marks) for message_id, marks in ((one, _marks(of)) for one, of in sent) if marks]
    if len(bearing) < 2:
        return None
    found: str | None = None
    for elements in _lists(shown):
        for field in sorted({key for element in elements for key in element}):
            by_id = {
                message_id: [element for element in elements if element.get(field) == message_id]
                for message_id, _ in bearing
            }
            if any(len(of) != 1 for of in by_id.values()):
                continue
            texts = {message_id: _text(of[0]) for message_id, of in by_id.items()}
            wrong = _exchanged(bearing, texts)
            if wrong is None and all(any(mark in texts[one] for mark in marks) for one, marks in bearing):
                return None
            if _OWN_ID.fullmatch(field):
                found = found or wrong
    return found


def _exchanged(bearing: Sequence[tuple[str, Sequence[str]]], texts: Mapping[str, str]) -> str | None:
    for message_id, _ in bearing:
        for other, theirs in bearing:
            if other == message_id:
                continue
            shown_here = [mark for mark in theirs if mark in texts[message_id]]
            if shown_here and not any(mark in texts[other] for mark in shown_here):
                return f"the message {message_id!r} shows {shown_here[0][:120]!r}, which was sent with {other!r}"
    return None


def _lists(shown: Replay) -> Iterator[list[dict[str, Any]]]:
    """The objects of each list; lists at one place of several pages are one."""
    together: dict[tuple[str | int, ...], list[dict[str, Any]]] = {}
    for page in shown.pages:
        for path, held in objects(page.json):
            if path and isinstance(path[-1], int):
                together.setdefault(path[:-1], []).append(held)
    yield from together.values()


def _marks(sent: Sequence[Attachment]) -> list[str]:
    return [path for path in (one.get("blob_path") for one in sent) if isinstance(path, str) and path]


def _text(element: dict[str, Any]) -> str:
    return "\n".join(leaf for _, leaf in leaves(element) if isinstance(leaf, str))


def _is_type(value: object) -> bool:
    return isinstance(value, str) and _MEDIA_TYPE.fullmatch(_plain(value)) is not None


def _plain(value: object) -> str:
    text = str(value).partition(";")[0].strip().lower()
    return _SAME_TYPE.get(text, text)
