"""TIER-01, TIER-03 to TIER-05 on recordings written by hand: a header of the 202 tells which tier was served."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_model_tier as tiers
from tests.judges.by_hand import exchange, found, outcome, post, recording, stream, tail

ACCEPTED = tiers.test_both_tiers_and_none_are_accepted
CHANGES = tiers.test_the_tier_may_change_from_turn_to_turn
OMITTED = tiers.test_an_omitted_tier_is_fast
ONE_TURN = tiers.test_smart_lasts_one_turn
SERVED = tiers.test_smart_is_served_whatever_came_before

F, S = "FAST", "SMART"


def turn(number: int, tier: str | None, status: int = 202, served: str | None = None, **more: Any) -> list[Exchange]:
    """A turn that was asked for with that tier; ``served``: the model that its 202 names, if it does."""
    data: dict[str, Any] = {
        "chat_turn_id": f"w-{number}",
        "user_message_id": f"m-{number}",
        "since_cursor": f"{number}-0",
    }
    if served is not None:
        data["model"] = served
    journey = more.pop("journey", "dialogue")
    body = {"data": data, "meta": {}} if status == 202 else {}
    posted = post(number, status, journey=journey, tier=tier, body=body, **more)
    if status != 202:
        return [posted]
    words = f"{number}-1:start {number}-2:text-start {number}-3:text-delta {number}-4:finish"
    facts = {"session": more["session"]} if "session" in more else {}
    return [posted, tail(stream(words, 10.0 * number + 0.5), number, journey=journey, **facts)]


def played(*turns: list[Exchange]) -> Any:
    return recording(*(one for part in turns for one in part))


def plan(*asked: tuple[str | None, str | None]) -> list[list[Exchange]]:
    """Turns one after another: the tier that was asked for, and the model that served it."""
    return [turn(number, tier, served=model) for number, (tier, model) in enumerate(asked, 1)]


# --- TIER-01 ----------------------------------------------------------------------------------------------------------

ALL_KINDS = [turn(1, F), turn(2, S), turn(3, None)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_both_tiers_and_none_are_accepted(place: int) -> None:
    assert outcome(ACCEPTED, played(*ALL_KINDS)) == "kept"
    reason = found(ACCEPTED, played(*(t for n, t in enumerate(ALL_KINDS) if n != place)))
    assert (
        reason == f"untested: no message was accepted, nor refused, with the tier {('FAST', 'SMART', 'omitted')[place]}"
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "violation"),
        (400, "violation"),
        (422, "violation"),
        (500, "violation"),
        (409, "kept"),
        (429, "kept"),
        (0, "kept"),
    ],
)
@pytest.mark.parametrize("tier", [F, S, None])
def test_a_message_with_a_tier_is_answered_202(tier: str | None, status: int, expected: str) -> None:
    assert outcome(ACCEPTED, played(*ALL_KINDS, turn(4, tier, status))) == expected
    elsewhere = turn(4, tier, status, journey="refusals")
    assert outcome(ACCEPTED, played(*ALL_KINDS, elsewhere)) == "kept"
    assert outcome(ACCEPTED, played(*ALL_KINDS, turn(4, tier, status, part="busy"))) == "kept"


def test_what_could_not_be_judged_is_told() -> None:
    reason = found(ACCEPTED, played(ALL_KINDS[0], turn(2, S, 0), turn(3, None, 0)))
    assert "SMART, omitted; dialogue/turn-2/post got no answer" in reason
    assert "dialogue/turn-3/post got no answer" in reason
    broke = Break("dialogue", "turn-2/post", "status 500")
    assert "the dialogue broke off at turn-2/post: status 500" in found(
        ACCEPTED, recording(*turn(1, F), breaks=[broke])
    )
    assert outcome(ACCEPTED, played(ALL_KINDS[0], turn(2, S, 0), turn(3, None, 400))) == "violation"


# --- TIER-03 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((F, S, F), "kept"),
        ((None, S, None), "kept"),
        ((S, F, S), "kept"),
        ((F, S), "untested"),
        ((S, F), "untested"),
        ((F, F, None), "untested"),
    ],
)
def test_the_tier_changes_to_smart_and_back(asked: tuple[str | None, ...], expected: str) -> None:
    assert outcome(CHANGES, played(*(turn(n, tier) for n, tier in enumerate(asked, 1)))) == expected


@pytest.mark.parametrize(
    ("before", "after", "status", "expected"),
    [
        (F, S, 400, "violation"),
        (S, F, 400, "violation"),
        (S, None, 500, "violation"),
        (None, S, 422, "violation"),
        (F, None, 400, "kept"),  # no change
        (S, S, 400, "kept"),
        (F, S, 429, "kept"),
        (F, S, 0, "kept"),
        (F, S, 409, "violation"),  # the turn before was over
    ],
)
def test_a_change_is_not_refused(before: str | None, after: str | None, status: int, expected: str) -> None:
    good = [turn(1, F), turn(2, S), turn(3, F)]
    assert outcome(CHANGES, played(*good, turn(4, before), turn(5, after, status))) == expected


def test_a_409_may_be_of_a_turn_that_runs() -> None:
    good = [turn(1, F), turn(2, S), turn(3, F)]
    running = [post(4, tier=F), tail(stream("4-1:start", 40.5), 4, ending="time-limit")]
    assert outcome(CHANGES, played(*good, running, turn(5, S, 409))) == "kept"
    elsewhere = [post(1, journey="refusals", session="session-2", at=49.5)]
    assert outcome(CHANGES, played(*good, turn(4, F), elsewhere, turn(5, S, 409))) == "kept"
    refused = [post(4, 409, tier=F, part="post")]
    assert outcome(CHANGES, played(*good, refused, turn(5, S, 400))) == "kept"  # nothing was changed from


# --- TIER-04, TIER-05, and TIER-03 again ------------------------------------------------------------------------------

QUICK, DEEP = "quick-model", "deep-model"
CLEAN = ((F, QUICK), (None, QUICK), (F, QUICK), (S, DEEP), (None, QUICK), (F, QUICK), (S, DEEP), (F, QUICK))
"""Neither the time nor the place in the session tells these models apart: only the tier does."""


def test_where_every_turn_gets_its_tier_all_is_well() -> None:
    for scenario in (OMITTED, ONE_TURN, SERVED, CHANGES):
        assert found(scenario, played(*plan(*CLEAN))) == "kept"


def changed(place: int, model: str | None) -> Any:
    turns: list[tuple[str | None, str | None]] = list(CLEAN)
    turns[place] = (turns[place][0], model)
    return played(*plan(*turns))


@pytest.mark.parametrize(
    ("place", "omitted", "one_turn"),
    [
        (1, "violation", "kept"),  # an omitted tier before any SMART
        (4, "kept", "violation"),  # directly behind SMART
        (7, "kept", "violation"),  # FAST behind SMART
    ],
)
def test_a_turn_that_is_served_as_smart_unasked_is_found(place: int, omitted: str, one_turn: str) -> None:
    assert outcome(OMITTED, changed(place, DEEP)) == omitted
    assert outcome(ONE_TURN, changed(place, DEEP)) == one_turn


def test_a_third_value_says_nothing_of_its_turn() -> None:
    assert outcome(OMITTED, changed(1, "third-model")) == "unobservable"


def test_a_smart_turn_that_is_served_as_fast_is_found() -> None:
    turns = (*CLEAN, (S, DEEP), (S, QUICK))
    assert outcome(SERVED, played(*plan(*turns))) == "violation"
    assert outcome(SERVED, played(*plan(*CLEAN, (S, DEEP), (S, DEEP)))) == "kept"


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (((F, QUICK), (F, QUICK), (S, DEEP), (S, DEEP)), "unobservable"),  # the time may explain it as well
        (((F, QUICK), (F, QUICK), (S, DEEP), (F, QUICK), (S, DEEP)), "untested"),  # none without a tier
        (((F, QUICK), (None, QUICK), (S, DEEP), (S, DEEP)), "untested"),  # one of FAST is too few
        (((F, QUICK), (None, QUICK), (F, QUICK), (S, DEEP)), "untested"),
        (((F, QUICK), (F, QUICK), (S, DEEP), (None, QUICK), (S, DEEP)), "untested"),  # only behind SMART
        (((F, QUICK), (F, QUICK), (S, DEEP), (F, QUICK), (None, QUICK), (S, DEEP)), "kept"),  # a FAST one lay between
        (((F, QUICK), (F, QUICK), (S, DEEP), (F, QUICK), (None, DEEP), (S, DEEP)), "violation"),
        (((F, None), (None, None), (F, None), (S, None), (S, None)), "unobservable"),
        (((F, QUICK), (None, QUICK), (F, QUICK), (S, QUICK), (S, QUICK)), "unobservable"),
    ],
)
def test_an_omitted_tier_is_judged_away_from_smart(turns: Any, expected: str) -> None:
    assert outcome(OMITTED, played(*plan(*turns))) == expected


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (((F, QUICK), (F, QUICK), (S, DEEP), (S, DEEP), (F, QUICK)), "kept"),
        (((F, QUICK), (F, QUICK), (S, DEEP), (F, QUICK), (S, DEEP), (F, DEEP)), "violation"),
        (((F, QUICK), (F, QUICK), (S, DEEP), (F, QUICK), (S, DEEP), (None, DEEP)), "violation"),
        (((F, None), (F, None), (S, None), (S, None), (F, None)), "unobservable"),
    ],
)
def test_smart_lasts_one_turn(turns: Any, expected: str) -> None:
    assert outcome(ONE_TURN, played(*plan(*turns))) == expected


def test_a_turn_that_nobody_read_or_with_another_beside_it_shows_nothing() -> None:
    turns = plan(*CLEAN)
    unread = [turns[0][:1], *turns[1:]]
    assert outcome(OMITTED, played(*unread)) == "untested"
    beside = [post(8, 500, part="probe", name="dialogue/probe", at=10.2, over_at=19.0)]
    assert outcome(OMITTED, played(*turns, beside)) == "untested"


@pytest.mark.parametrize(("fast", "expected"), [(QUICK, "violation"), (DEEP, "kept"), (None, "kept")])
def test_turns_with_attachments_are_judged_where_they_show_the_tier_too(fast: str | None, expected: str) -> None:
    """An agent may use another model for pictures: one of FAST and one of SMART must show what plain ones show."""
    more: dict[str, Any] = {"attachments": 1, "journey": "attachments", "session": "session-2"}
    pictures = [turn(1, F, served=fast, **more)] if fast is not None else []
    pictures += [turn(2, S, served=DEEP, **more), turn(3, F, served=DEEP, **more)]
    assert outcome(ONE_TURN, played(*plan(*CLEAN), *pictures)) == expected


def test_the_replay_and_the_text_show_the_tier_as_well() -> None:
    def replay(model_of: dict[int, str]) -> list[Exchange]:
        rows = [{"id": f"m-{n}", "role": "user", "model": model} for n, model in model_of.items()]
        return [
            exchange(
                "dialogue/messages", "list-messages", 200, {"data": rows, "meta": {}}, at=90.0, session="session-1"
            )
        ]

    bare = [turn(n, tier) for n, (tier, _) in enumerate(CLEAN, 1)]
    models = {n: str(model) for n, (_, model) in enumerate(CLEAN, 1)}
    assert outcome(ONE_TURN, played(*bare, replay(models))) == "kept"
    assert outcome(ONE_TURN, played(*bare, replay({**models, 5: DEEP}))) == "violation"
    assert outcome(OMITTED, played(*bare, replay({**models, 2: DEEP}))) == "violation"
