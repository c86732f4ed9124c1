"""What is drawn makes sense, and depends on the seed alone."""

from __future__ import annotations

from conformance.histories.machine import EPILOGUE, Intent
from conformance.histories.steps import FIELDS, Step
from tests.histories.server import step


def after(*steps: Step) -> Intent:
    intent = Intent()
    for one in steps:
        intent.follow(one)
    return intent


def allowed(intent: Intent) -> set[str]:
    return {do for do in FIELDS if intent.allows(do)}


def test_a_history_begins_with_a_message() -> None:
    assert allowed(after()) == {"post", "race"}


def test_what_needs_a_running_turn_is_drawn_only_while_one_is_meant_to_run() -> None:
    running = {"break_off", "uncursored", "post_while_running", "finish"}
    assert running <= allowed(after(step("post", to_the_end=False)))
    assert not running & allowed(after(step("post", to_the_end=True)))
    assert not running & allowed(after(step("post", to_the_end=False), step("quiet")))


def test_a_second_session_is_opened_once_and_its_cursors_are_tried_then() -> None:
    one = after(step("post"))
    assert "open" in allowed(one)
    assert "foreign" not in allowed(one)
    assert "foreign" in allowed(after(step("post"), step("open")))
    assert "open" not in allowed(after(step("post"), step("open")))


def test_a_step_goes_to_a_session_in_which_it_does_something() -> None:
    both = after(step("post", to_the_end=True), step("open"), step("post", session=1, to_the_end=False))
    assert both.meant("break_off", step("break_off").given)["session"] == 1
    assert both.meant("post", step("post").given)["session"] == 0
    assert both.meant("open", {}) == {}


def test_the_epilogue_is_made_of_steps() -> None:
    for do, given in EPILOGUE:
        assert {"session", *given} == set(FIELDS[do])
        assert all(value in FIELDS[do][name] for name, value in given.items())
