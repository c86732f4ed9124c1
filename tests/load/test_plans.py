"""What sessions do is drawn from the seed alone, and says how many turns it may start."""

from __future__ import annotations

import pytest

from conformance.histories.steps import FIELDS, steps_from_json
from conformance.load.plans import plan
from conformance.load.profiles import PROFILES

MANY = range(1, 200)


@pytest.mark.parametrize("name", PROFILES)
def test_a_plan_has_only_steps_that_a_history_can_have(name: str) -> None:
    for number in MANY:
        drawn = plan(PROFILES[name], number, 1, stranger=True)
        assert steps_from_json([step.to_json() for step in drawn.steps]) == drawn.steps


@pytest.mark.parametrize("name", PROFILES)
def test_the_same_seed_draws_the_same_plan(name: str) -> None:
    once, again = (plan(PROFILES[name], 7, 3, stranger=True) for _ in range(2))
    assert once == again
    assert any(plan(PROFILES[name], n, 3, stranger=True) != plan(PROFILES[name], n, 4, stranger=True) for n in MANY)


def test_every_kind_of_step_is_drawn() -> None:
    drawn = {step.do for n in MANY for step in plan(PROFILES["steady"], n, 1, stranger=True).steps}
    assert drawn == set(FIELDS)


def test_without_a_second_tenant_nobody_tries() -> None:
    drawn = {step.do for n in MANY for step in plan(PROFILES["steady"], n, 1, stranger=False).steps}
    assert "stranger" not in drawn


def test_a_plan_counts_every_message_that_could_be_accepted() -> None:
    for number in MANY:
        drawn = plan(PROFILES["burst"], number, 1, stranger=True)
        messages = sum(
            step.given.get("posts", 0)
            + (step.do in ("post", "post_while_running"))
            + (1 + step.given["twice"] if step.do == "duplicate" else 0)
            + (step.do == "stranger" and step.given["does"].startswith("append"))
            for step in drawn.steps
        )
        assert drawn.turns_most == messages


def test_the_profiles_differ_in_what_they_do() -> None:
    def share(name: str, do: str) -> float:
        steps = [step.do for n in MANY for step in plan(PROFILES[name], n, 1, stranger=True).steps]
        return steps.count(do) / steps.count("post")

    assert share("reconnect-storm", "break_off") > 2 * share("steady", "break_off")
    assert PROFILES["burst"].together is not None
    assert all(plan(PROFILES["churn"], n, 1, stranger=True).turns <= 5 for n in MANY)
