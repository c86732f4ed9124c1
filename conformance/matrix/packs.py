"""Variants several at once: what all of them together do not make the suite fail, none of them does."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.matrix.cells import Cell

SIZE = 8


def packs(cells: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """The cells in their order, variants in groups that do not contradict each other; every other cell by itself."""
    groups: list[list[Cell]] = []
    for cell in cells:
        group = next((one for one in groups if _fits(cell, one)), None) if cell.kind == "variant" else None
        if group is None:
            groups.append([cell])
        else:
            group.append(cell)
    return [tuple(group) for group in groups]


def as_one(pack: Sequence[Cell]) -> Cell:
    """All variants of a pack on one server."""
    return Cell(
        "combination",
        "+".join(cell.name for cell in pack),
        variants=tuple(name for cell in pack for name in cell.variants),
        unobservable=frozenset().union(*(cell.unobservable for cell in pack)),
    )


def _fits(cell: Cell, group: Sequence[Cell]) -> bool:
    return group[0].kind == "variant" and len(group) < SIZE and not any(cell.points & other.points for other in group)
