"""Which servers the matrix consists of, and which of them are chosen."""

from __future__ import annotations

import pytest

from conformance.matrix.cells import ALWAYS_UNOBSERVABLE, Cell, all_cells, chosen, in_order
from conformance.outcomes import BadInput

LISTING = {
    "faults": [
        {"name": "inclusive-cursor", "breaks": ["CUR-01", "CUR-07"]},
        {"name": "exclusive-limit", "breaks": ["ATT-02"], "under_load": False},
        {"name": "lost-wake-up", "breaks": ["EVT-05", "CUR-02"], "under_load": True},
    ],
    "variants": [
        {"name": "plain", "hides": [], "points": ["M7"]},
        {"name": "no-tier", "hides": ["TIER-05"], "points": ["tier"]},
    ],
    "combinations": [["plain", "no-tier"]],
}
CELLS = all_cells(LISTING)


def names(*only: str) -> list[str]:
    return [cell.name for cell in chosen(CELLS, only)]


def test_every_server_of_the_registry_has_a_cell() -> None:
    assert [(cell.kind, cell.name) for cell in CELLS] == [
        ("reference", "reference"),
        ("fault", "inclusive-cursor"),
        ("fault", "exclusive-limit"),
        ("under-load", "lost-wake-up"),
        ("variant", "plain"),
        ("variant", "no-tier"),
        ("combination", "plain+no-tier"),
    ]


def test_a_combination_gives_no_evidence_of_what_its_variants_hide() -> None:
    assert CELLS[-1].unobservable == ALWAYS_UNOBSERVABLE | {"TIER-05"}


def test_a_fault_of_load_alone_is_a_server_that_has_to_pass_and_still_bears_what_it_breaks() -> None:
    (cell,) = chosen(CELLS, ["EVT-05"])
    assert (cell.kind, cell.fault, cell.breaks) == ("under-load", "lost-wake-up", ("EVT-05", "CUR-02"))
    assert cell.unobservable == ALWAYS_UNOBSERVABLE
    assert names("under-load") == ["lost-wake-up"]
    assert "lost-wake-up" not in names("faults")


def test_without_a_pattern_all_are_chosen() -> None:
    assert chosen(CELLS, []) == CELLS


def test_a_kind_a_name_a_wildcard_or_a_requirement_chooses() -> None:
    assert names("variants") == ["plain", "no-tier"]
    assert names("exclusive-limit") == ["exclusive-limit"]
    assert names("*cl*") == ["inclusive-cursor", "exclusive-limit"]
    assert names("CUR-01") == ["inclusive-cursor"]
    assert names("combinations", "reference") == ["plain+no-tier", "reference"]


def test_a_requirement_chooses_what_was_made_for_it_and_not_what_breaks_it_too() -> None:
    with pytest.raises(BadInput, match="CUR-07"):
        names("CUR-07")


def test_a_cell_is_chosen_once() -> None:
    assert names("faults", "inclusive-cursor") == ["inclusive-cursor", "exclusive-limit"]


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="near to it: inclusive-cursor"):
        names("inclusive-curser")


def test_a_seed_gives_an_order_and_the_same_one_again() -> None:
    many = [Cell("fault", f"f{number}") for number in range(20)]
    assert in_order(many, 1) == in_order(list(reversed(many)), 1)
    assert in_order(many, 1) != in_order(many, 2)
    assert sorted(cell.name for cell in in_order(many, 2)) == sorted(cell.name for cell in many)
