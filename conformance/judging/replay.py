"""What ``GET …/messages`` showed, whatever its schema: it is on no page (contract L1, open)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.judging.answers import is_interim
from conformance.judging.json_leaves import Path, leaves, shape
from conformance.recording import Exchange, Recording


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

    def places(self, text: str) -> Counter[Path]:
        """How often exactly that text stands at each kind of place (``shape``)."""
        return Counter(shape(path) for path, leaf in self.leaves if isinstance(leaf, str) and leaf == text)


def replay(recording: Recording, journey: str, name: str = "messages") -> Replay | None:
    """The replay that a journey recorded under that name; None where it was not played."""
    first = recording.get(journey, name)
    if first is None:
        return None
    further = (e for e in recording.of(journey, f"{name}/page-") if not is_interim(e))
    return Replay((first, *further))
