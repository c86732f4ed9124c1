"""Several variants at once: seeded, and chosen so that soon every two have met in one server."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.mock.changes import Variant
from conformance.mock.variants import all_variants

_SMALLEST, _LARGEST = 3, 6


def combinations(seed: int, count: int) -> list[tuple[str, ...]]:
    """So many combinations of three to six variants that do not contradict each other, the same for the same seed.

    Each is made greedily: the next variant is the one that meets most of the others in it for the first time, and of
    equals the one that was taken least often. So every variant is in one of them before any is in many.
    """
    chance = random.Random(seed)
    variants = sorted(all_variants().values(), key=lambda one: one.name)
    met: set[frozenset[str]] = set()
    taken = dict.fromkeys((one.name for one in variants), 0)
    found: list[tuple[str, ...]] = []
    for _ in range(count):
        together: list[Variant] = []
        size = chance.randint(_SMALLEST, _LARGEST)
        while len(together) < size:
            fitting = [one for one in variants if one not in together and fits(one, together)]
            if not fitting:
                break
            order = {one.name: chance.random() for one in fitting}
            together.append(max(fitting, key=lambda one: (_new(one, together, met), -taken[one.name], order[one.name])))
        names = [one.name for one in together]
        met.update(frozenset(pair) for pair in itertools.combinations(names, 2))
        for name in names:
            taken[name] += 1
        found.append(tuple(sorted(names)))
    return found


def fits(one: Variant, others: Iterable[Variant]) -> bool:
    """Whether the variant contradicts none of the others."""
    return not any(contradict(one, other) for other in others)


def contradict(one: Variant, other: Variant) -> bool:
    """Whether two variants settle the same point, or want one field of the policy to be otherwise."""
    wants: dict[str, Any] = dict(other.policy)
    return one.settles == other.settles or any(wants.get(name, value) != value for name, value in one.policy.items())


def _new(one: Variant, together: Sequence[Variant], met: set[frozenset[str]]) -> int:
    return sum(frozenset((one.name, other.name)) not in met for other in together)
