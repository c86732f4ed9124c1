"""What is kept for an object is never given for another one."""

from __future__ import annotations

import gc

from conformance.kept import Kept


class Owner:
    """Something that can be referred to weakly."""

    def __init__(self, name: int) -> None:
        self.name = name


def test_a_value_is_made_once_for_each_owner_and_key() -> None:
    kept: Kept[Owner, list[int]] = Kept()
    one, two = Owner(1), Owner(2)
    first = kept.of(one, lambda: [1])
    assert kept.of(one, list) is first
    assert kept.of(two, lambda: [2]) == [2]
    assert kept.of(one, lambda: [3], "other") == [3]


def test_an_object_in_the_place_of_one_that_is_gone_has_a_value_of_its_own() -> None:
    kept: Kept[Owner, int] = Kept()
    for number in range(2_000):
        owner = Owner(number)
        assert kept.of(owner, lambda owner=owner: owner.name) == number  # type: ignore[misc]
        del owner
    gc.collect()


def test_what_is_kept_for_owners_that_are_gone_is_thrown_away() -> None:
    kept: Kept[Owner, Owner] = Kept()
    alive: list[Owner] = []
    for number in range(2_000):
        owner = Owner(number)
        kept.of(owner, lambda: Owner(-1))
        alive = [owner]
    assert len(kept._values) <= 130
    assert alive
