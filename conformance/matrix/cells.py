"""What the matrix consists of: one cell for each server that is judged."""

from __future__ import annotations

import difflib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from conformance.outcomes import BadInput

Kind = Literal["reference", "fault", "under-load", "variant", "combination"]
KINDS: Mapping[str, Kind] = {
    "reference": "reference",
    "faults": "fault",
    "under-load": "under-load",
    "variants": "variant",
    "combinations": "combination",
}
FUZZ = "FUZZ-01"
HISTORIES = "FUZZ-02"
ALWAYS_UNOBSERVABLE = frozenset({"RATE-02"})
"""No 429 arises on a mock whose limit is not reached."""


@dataclass(frozen=True)
class Cell:
    """One server. ``breaks``: for a fault, the requirements that it breaks, its own first. ``unobservable``: for a
    lawful server, the requirements that it gives no evidence of. ``points``: what of the contract its variants settle; two
    variants that share one exclude each other. The kind *under-load*: a fault that shows only while many sessions are at
    work; the run that plays a few has to pass on it, and ``neo-conformance soak`` to find it."""

    kind: Kind
    name: str
    fault: str | None = None
    variants: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    unobservable: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[str]:
        """One of these has to fail for the fault to count as caught: the first that it breaks, or any of a fault that takes
        an order of steps; which of them shows first hangs on the order that was drawn."""
        return frozenset(self.breaks if HISTORIES in self.breaks else self.breaks[:1])

    @property
    def is_found_by_fuzzing(self) -> bool:
        """Generated requests are what its own requirement is about, or it takes generated histories to see it."""
        return self.kind == "fault" and (self.breaks[0] == FUZZ or HISTORIES in self.breaks)


def all_cells(listing: Mapping[str, Any]) -> list[Cell]:
    """The cells of a registry, as the mock lists it: ``{"faults": […], "variants": […], "combinations": […]}``."""
    hides = {one["name"]: frozenset(one["hides"]) for one in listing["variants"]}
    points = {one["name"]: frozenset(one["points"]) for one in listing["variants"]}
    cells = [Cell("reference", "reference", unobservable=ALWAYS_UNOBSERVABLE)]
    cells += [_of_fault(one) for one in listing["faults"]]
    cells += [
        Cell(
            "variant",
            one["name"],
            variants=(one["name"],),
            unobservable=ALWAYS_UNOBSERVABLE | hides[one["name"]],
            points=points[one["name"]],
        )
        for one in listing["variants"]
    ]
    cells += [
        Cell(
            "combination",
            "+".join(names),
            variants=tuple(names),
            unobservable=ALWAYS_UNOBSERVABLE.union(*(hides[name] for name in names)),
            points=frozenset().union(*(points[name] for name in names)),
        )
        for names in listing["combinations"]
    ]
    return cells


def _of_fault(one: Mapping[str, Any]) -> Cell:
    cell = Cell("fault", one["name"], fault=one["name"], breaks=tuple(one["breaks"]))
    return replace(cell, kind="under-load", unobservable=ALWAYS_UNOBSERVABLE) if one.get("under_load") else cell


def chosen(cells: Sequence[Cell], only: Sequence[str]) -> list[Cell]:
    """The cells that one of the patterns names: a kind (``faults``), a requirement, or a name with ``*`` and ``?``.

    :raises BadInput: a pattern that names none; with the nearest names.
    """
    if not only:
        return list(cells)
    found: list[Cell] = []
    for pattern in only:
        matching = [cell for cell in cells if _named(cell, pattern)]
        if not matching:
            words = [*KINDS, *(cell.name for cell in cells), *(one for cell in cells for one in cell.breaks)]
            near = difflib.get_close_matches(pattern, dict.fromkeys(words), n=3, cutoff=0.4)
            raise BadInput(
                f"--only {pattern}: names no fault, variant, combination or requirement"
                + (f"; near to it: {', '.join(near)}" if near else "")
            )
        found += [cell for cell in matching if cell not in found]
    return found


def _named(cell: Cell, pattern: str) -> bool:
    return (
        KINDS.get(pattern) == cell.kind
        or fnmatchcase(cell.name, pattern)
        or (cell.kind in ("fault", "under-load") and cell.breaks[0] == pattern)
    )


def in_order(cells: Sequence[Cell], seed: int) -> list[Cell]:
    """The cells as that seed orders them: no result may depend on what was played before."""
    ordered = sorted(cells, key=lambda cell: (cell.kind, cell.name))
    random.Random(seed).shuffle(ordered)
    return ordered
