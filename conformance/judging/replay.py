"""What ``GET …/messages`` showed, whatever its schema: it is on no page (contract L1, open)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.evidence import Session
from conformance.judging.answers import is_interim
from conformance.judging.json_leaves import Path, leaves, shape
from conformance.recording import Exchange, Recording

Place = tuple[Path, tuple[str, ...]]
"""A kind of place in a replay, and what the objects around it say of who speaks."""

_SPEAKER = re.compile(
    r"(sender|author|message)?_?(role|type|kind)|author|sender|from|speaker|direction|is_?\w+", re.IGNORECASE
)


@dataclass(frozen=True)
class Replay:
    """All pages of one replay, in their order."""

    pages: tuple[Exchange, ...]

    @property
    def whole(self) -> bool:
        """Whether every page came, and the last one does not say that there is more."""
        return bool(self.pages) and all(p.status == 200 and p.json is not None for p in self.pages) and not self._more

    @property
    def _more(self) -> bool:
        body = self.pages[-1].json
        meta = body.get("meta") if isinstance(body, dict) else None
        pagination = meta.get("pagination") if isinstance(meta, dict) else None
        return isinstance(pagination, dict) and pagination.get("has_more") is True

    @cached_property
    def leaves(self) -> tuple[tuple[Path, Any], ...]:
        """Every scalar of the pages' bodies, but for ``meta``."""
        return tuple(
            (path, leaf) for page in self.pages for path, leaf in leaves(page.json) if not (path and path[0] == "meta")
        )

    @cached_property
    def strings(self) -> tuple[str, ...]:
        return tuple(leaf for _, leaf in self.leaves if isinstance(leaf, str))

    def shows(self, text: str) -> bool:
        """Whether that text stands anywhere in it, also within a longer one."""
        return any(text in string for string in self.strings)

    def places(self, text: str, message_ids: Collection[str] = ()) -> Counter[Place]:
        """How often exactly that text stands at each kind of place: by ``shape``, and by who speaks there.

        ``message_ids``: where the text stands in an object with one of these ids, only the places of that kind count. What an
        agent repeats of a text is no message of the user's.
        """
        found: list[tuple[Place, bool]] = []
        for page in self.pages:
            for path, leaf in leaves(page.json):
                if leaf == text and isinstance(leaf, str) and path[:1] != ("meta",):
                    around = _around(page.json, path)
                    own = any(value in message_ids for held in around for value in held.values() if _is_text(value))
                    found.append(((shape(path), _speaker(around)), own))
        own_places = {place for place, own in found if own}
        return Counter(place for place, _ in found if not own_places or place in own_places)


def _around(body: Any, path: Path) -> list[dict[str, Any]]:
    """The objects that hold what stands at the path, the outermost first."""
    held: list[dict[str, Any]] = []
    node = body
    for step in path:
        if isinstance(node, dict):
            held.append(node)
        node = node[step]
    return held


def _speaker(around: list[dict[str, Any]]) -> tuple[str, ...]:
    """What the objects say of who speaks, whatever the field is called."""
    return tuple(
        f"{key}={value}"
        for held in around
        for key, value in sorted(held.items())
        if _SPEAKER.fullmatch(key) and isinstance(value, str | bool)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def replay(recording: Recording, journey: str, name: str = "messages") -> Replay | None:
    """The replay that a journey recorded under that name; None where it was not played."""
    first = recording.get(journey, name)
    if first is None:
        return None
    further = (e for e in recording.of(journey, f"{name}/page-") if not is_interim(e))
    return Replay((first, *further))


def said(played: Session) -> frozenset[str]:
    """What the agent said in each turn of a session, as its text deltas add up: an echo of the user, perhaps."""
    texts = (
        "".join(
            delta for e in turn.envelopes if e.type == "text-delta" and isinstance(delta := e.value.get("delta"), str)
        )
        for turn in played.turns
    )
    return frozenset(text.strip() for text in texts)
