"""Whether a replay shows the attachments that were sent, in whatever schema it has (contract M9: the form is open)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from conformance.judging.json_leaves import leaves
from conformance.judging.replay import Replay

Attachment = Mapping[str, Any]

_LEAST = 6
"""Characters: a shorter name could stand in a replay by chance."""

_KINDS: tuple[Callable[[Attachment], Any], ...] = (
    lambda one: one.get("blob_path"),
    lambda one: str(one.get("blob_path") or "").rpartition("/")[2],
    lambda one: str(one.get("blob_path") or "").rpartition("/")[2].partition(".")[0],
    lambda one: one.get("filename"),
    lambda one: one.get("alt"),
)

_HOLDER = re.compile(r"attach|image|file|media|blob|asset|upload|picture", re.IGNORECASE)
_URL = re.compile(r"https?://|data:|blob:|/")


def not_surfaced(sent: Sequence[Attachment], shown: Replay) -> str | None:
    """What is missing of the attachments, in a few words; None where they are there, as far as can be told.

    A server may show the path, a URL made of it, or the names. Whatever it shows of one attachment, it has to show of all
    that have it. Where it shows none of these, at least as many things have to be there as were sent: types that
    equal those sent, or URLs or objects in a field that is named for attachments.
    """
    haystack = [*shown.strings, *(unquote(s) for s in shown.strings if "%" in s)]
    wanted = [_distinct(kind, sent) for kind in _KINDS]
    found = [[mark is not None and any(mark in text for text in haystack) for mark in marks] for marks in wanted]
    used = [number for number, hits in enumerate(found) if any(hits)]
    if used:
        for place, one in enumerate(sent):
            has_mark = any(wanted[kind][place] is not None for kind in used)
            if has_mark and not any(found[kind][place] for kind in used):
                name = str(one.get("filename") or one.get("blob_path"))[:120]
                return f"the attachment {name!r} ({place + 1} of {len(sent)}) is not in the replay"
        return None
    if _types(sent, shown) or _held(shown) >= len(sent):
        return None
    return f"none of the {len(sent)} attachments is in the replay"


def _distinct(kind: Callable[[Attachment], Any], sent: Sequence[Attachment]) -> list[str | None]:
    """That mark of each attachment; None where it has none, or one that does not tell it from the others."""
    marks = [kind(one) for one in sent]
    texts = [mark if isinstance(mark, str) and len(mark) >= _LEAST else None for mark in marks]
    often = Counter(text for text in texts if text is not None)
    return [
        text if text is not None and often[text] == 1 and sum(text in other for other in often) == 1 else None
        for text in texts
    ]


def _types(sent: Sequence[Attachment], shown: Replay) -> bool:
    """Whether each type stands there at least as often as it was sent."""
    need = Counter(str(one.get("mime")).lower() for one in sent)
    have = Counter(text.partition(";")[0].strip().lower() for text in shown.strings)
    return all(have[mime] >= count for mime, count in need.items())


def _held(shown: Replay) -> int:
    """How many URLs, or objects with content, stand in fields that are named for attachments."""
    places: set[tuple[int, tuple[str | int, ...]]] = set()
    urls = 0
    for number, page in enumerate(shown.pages):
        for path, leaf in leaves(page.json):
            if leaf is None or leaf == "":
                continue
            held = next((i for i, step in enumerate(path) if isinstance(step, str) and _HOLDER.search(step)), None)
            if held is None:
                continue
            urls += isinstance(leaf, str) and _URL.match(leaf) is not None
            if len(path) > held + 1 and isinstance(path[held + 1], int):
                places.add((number, path[: held + 2]))
    return max(len(places), urls)
