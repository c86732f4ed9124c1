"""Walks through the tiers show what keeps, forgets or ignores a tier, where the target shows it; and nothing on a lawful one."""

from __future__ import annotations

import random

import pytest

from conformance.histories.replaying import play_history
from conformance.histories.walks import EVERY, FIRST, among, tier_walk
from tests.histories.server import LIMITS, mock, step

SEEDS = (1,)


@pytest.mark.parametrize(
    ("fault", "rules"),
    [
        ("omitted-tier-is-smart", {"TIER-04"}),
        ("smart-for-one-turn-more", {"TIER-05"}),
        ("smart-until-fast-is-asked-for", {"TIER-05"}),
        ("only-the-first-smart-is-served", {"TIER-03"}),
        ("tier-of-the-first-turn", {"TIER-03", "TIER-05"}),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tier_that_is_served_wrongly_is_found(fault: str, rules: set[str], seed: int) -> None:
    with mock(fault) as target:
        _, broken = play_history(target, LIMITS, tier_walk(random.Random(seed)))
    assert rules & {one.rule for one in broken}


@pytest.mark.parametrize(
    "variants", [(), ("turns-parallel",), ("turns-refused",)], ids=lambda v: "+".join(v) or "reference"
)
def test_a_lawful_server_is_silent(variants: tuple[str, ...]) -> None:
    with mock(None, *variants) as target:
        recording, broken = play_history(target, LIMITS, tier_walk(random.Random(1)))
    assert [(one.rule, one.violation.reason) for one in broken] == []
    asked = [e.facts.get("tier") for e in recording.exchanges if e.facts.get("part") == "post"]
    assert len(asked) == 14
    assert set(asked) == {None, "FAST", "SMART"}


def test_walks_are_among_the_drawn_histories_and_hang_on_the_seed_alone() -> None:
    drawn = [(step("post"),) for _ in range(2 * EVERY)]
    first, second, other = (list(among(iter(drawn), seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert [number for number, steps in enumerate(first) if len(steps) > 1] == [FIRST, FIRST + EVERY + 1]
