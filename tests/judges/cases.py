"""The registry of broken and lawful recordings: what each judge must fail, and what none may fail.

A case is a function from the baseline (a run on the embedded mock) to another recording. A *broken* case must make the
requirements that it names `failed`. A *lawful* case must leave every requirement unfailed; the ids that it names are those
whose judge it exercises: they must be `passed`, unless the case says which other outcome is the honest one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conformance.recording import Recording

Edit = Callable[[Recording], Recording]


@dataclass(frozen=True)
class Case:
    """``outcomes``: for a lawful case, the outcome of each named requirement (``passed`` unless said otherwise)."""

    ids: tuple[str, ...]
    sentence: str
    edit: Edit
    outcomes: Mapping[str, str]


BROKEN: list[Case] = []
LAWFUL: list[Case] = []


def broken(*ids: str, because: str) -> Callable[[Edit], Edit]:
    """Register a recording of a server that breaks ``ids``; ``because`` is what that server does."""

    def mark(edit: Edit) -> Edit:
        BROKEN.append(Case(ids, because, edit, MappingProxyType({})))
        return edit

    return mark


def lawful(*ids: str, because: str, **outcomes: str) -> Callable[[Edit], Edit]:
    """Register a recording of a correct server; keyword ``CUR_07="unobservable"`` names another outcome than passed."""

    def mark(edit: Edit) -> Edit:
        named = {key.replace("_", "-"): value for key, value in outcomes.items()}
        LAWFUL.append(Case(ids, because, edit, MappingProxyType(named)))
        return edit

    return mark
