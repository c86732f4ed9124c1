"""Variants several at once: what all of them together do not make the suite fail, none of them does."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.matrix.cells import Cell

SIZE = 12
"""Variants on one server."""
_PACKED = frozenset({"variant", "combination"})


def packs(cells: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    """Variants and combinations of them in groups that do not contradict each other; every other cell by itself.

    Combinations are placed first: most variants are then in one of them already and cost no server of their own.
    """
    groups: list[list[Cell]] = []
    # A stable sort: within a kind the seed's order stays.
    for cell in sorted(cells, key=lambda one: one.kind != "combination"):
        group = next((one for one in groups if _fits(cell, one)), None) if cell.kind in _PACKED else None
        if group is None:
            groups.append([cell])
        else:
            group.append(cell)
    return [tuple(group) for group in groups]


def as_one(pack: Sequence[Cell]) -> Cell:
    """All variants of a pack on one server."""
    names = _variants(pack)
    return Cell(
        "combination",
        "+".join(names),
        variants=names,
        unobservable=frozenset().union(*(cell.unobservable for cell in pack)),
    )


def _variants(pack: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for cell in pack for name in cell.variants))


def _fits(cell: Cell, group: Sequence[Cell]) -> bool:
    if group[0].kind not in _PACKED:
        return False
    together = _variants(group)
    if set(cell.variants) <= set(together):
        return True
    if any(name in together for name in cell.variants):
        # Each brings points of its own, and those of a variant that both have would look like a contradiction.
        return False
    return len(together) + len(cell.variants) <= SIZE and not any(cell.points & other.points for other in group)
