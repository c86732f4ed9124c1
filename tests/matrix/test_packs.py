"""Which variants are judged on one server."""

from __future__ import annotations

from conformance.matrix.cells import Cell
from conformance.matrix.packs import SIZE, as_one, packs


def variant(name: str, *points: str, hides: str = "") -> Cell:
    return Cell("variant", name, variants=(name,), points=frozenset(points), unobservable=frozenset({hides} - {""}))


def test_variants_of_one_point_are_apart_and_no_fault_is_packed() -> None:
    cells = [
        Cell("fault", "f", breaks=("CUR-01",)),
        variant("a", "M7"),
        variant("b", "M7"),
        variant("c", "M8"),
    ]
    assert [[cell.name for cell in pack] for pack in packs(cells)] == [["f"], ["a", "c"], ["b"]]


def test_combinations_are_placed_first_and_bring_their_variants_along() -> None:
    both = Cell("combination", "a+c", variants=("a", "c"), points=frozenset({"M7", "M8"}))
    other = Cell("combination", "b+d", variants=("b", "d"), points=frozenset({"M7", "E5"}))
    cells = [variant("a", "M7"), variant("b", "M7"), variant("c", "M8"), variant("e", "E6"), both, other]
    found = packs(cells)
    assert [[cell.name for cell in pack] for pack in found] == [["a+c", "a", "c", "e"], ["b+d", "b"]]
    assert as_one(found[0]).variants == ("a", "c", "e")


def test_combinations_that_share_a_variant_are_apart() -> None:
    one = Cell("combination", "a+c", variants=("a", "c"), points=frozenset({"M7", "M8"}))
    two = Cell("combination", "a+d", variants=("a", "d"), points=frozenset({"M7", "E5"}))
    assert packs([one, two]) == [(one,), (two,)]


def test_every_cell_is_in_one_pack_and_no_pack_is_too_large() -> None:
    cells = [variant(f"v{number}", f"p{number}") for number in range(2 * SIZE + 1)]
    found = packs(cells)
    assert [len(pack) for pack in found] == [SIZE, SIZE, 1]
    assert [cell for pack in found for cell in pack] == cells


def test_a_pack_hides_what_its_variants_hide() -> None:
    together = as_one([variant("a", "M7", hides="TIER-05"), variant("b", "M8", hides="CUR-11")])
    assert together.unobservable == {"TIER-05", "CUR-11"}
    assert together.variants == ("a", "b")
