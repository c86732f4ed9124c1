"""Where the tier shows, and what only looks like it: on turns written by hand."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from conformance.judging.tier_evidence import (
    PATTERNS,
    TEXT_SAYS,
    Evidence,
    Sample,
    Value,
    contexts,
    find,
    says_what_it_is,
    served,
    shown_by,
)

PLAN: dict[str, tuple[str | None, ...]] = {
    "dialogue": ("FAST", "FAST", "SMART", None, "SMART", "FAST", None),
    "attachments": ("FAST", "SMART", None),
    "duplicates": ("FAST", None),
    "racing": ("SMART",),
    "refusals": (None,),
}

Shows = Callable[[Sample], dict[str, Value]]


def turns(show: Shows, *sessions: str) -> list[Sample]:
    """The turns of a run; ``show`` says what each showed."""
    bare = [
        Sample(f"{name}/turn-{n}/post", name, n, n + 0.01 * len(name), tier, name != "attachments", {})
        for name in sessions or PLAN
        for n, tier in enumerate(PLAN[name], start=1)
    ]
    return [Sample(**{**vars(one), "shown": show(one)}) for one in bare]


def when(path: str, smart: Callable[[Sample], bool], fast_value: str = "a", smart_value: str = "b") -> Shows:
    return lambda one: {path: (smart_value,) if smart(one) else (fast_value,)}


@pytest.mark.parametrize("path", ["start.messageMetadata.model", "start.x"])
def test_the_right_way_is_evidence(path: str) -> None:
    found = find(turns(when(path, lambda one: one.tier == "SMART")))
    assert [(e.path, e.fast, e.smart) for e in found] == [(path, ("a",), ("b",))]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_known_mistake_is_evidence(pattern: str) -> None:
    """Also under a name that says nothing."""
    plain = turns(lambda _: {})
    strong = {c.sample.name for c in contexts(plain) if c.asked == "SMART" or PATTERNS[pattern](c)}
    samples = turns(when("start.x", lambda one: one.name in strong))
    found = find(samples)
    assert [e.path for e in found] == ["start.x"]
    assert {one.name for one in samples if served(found[0], one) == "SMART"} == strong


MISLEADING: dict[str, Shows] = {
    "nothing": lambda _: {},
    "a constant": lambda _: {"start.model": ("m",)},
    "a counter": lambda one: {"finish.n": (f"n{one.number}",)},
    "parity": when("202.node", lambda one: one.number % 2 == 1),
    "a first turn": when("start.phase", lambda one: one.number == 1),
    "a threshold in the session": when("start.phase", lambda one: one.number >= 3),
    "a threshold in the session, named": when("start.model", lambda one: one.number >= 3),
    "a threshold in time": when("start.model", lambda one: one.at > 2.5),
    "the session": lambda one: {"202.node": (one.session,)},
    "one SMART turn unlike the other": when("start.model", lambda one: one.name == "dialogue/turn-3/post"),
    "a third value where it is omitted": lambda one: {"start.model": (one.tier or "none",)},
    "reasoning in some turns": lambda one: (
        {"reasoning-start.type": ("reasoning-start",)}
        if one.name in ("racing/turn-1/post", "dialogue/turn-3/post")
        else {}
    ),
}


@pytest.mark.parametrize("what", MISLEADING)
def test_what_only_looks_like_a_tier_is_no_evidence(what: str) -> None:
    assert find(turns(MISLEADING[what])) == []


def test_a_script_that_goes_by_the_number_of_the_turn_is_no_evidence() -> None:
    """Even where it coincides with the tiers of the one dialogue: another session has the same number and tier."""
    strong = {3, 5}
    assert find(turns(when("text", lambda one: one.number in strong))) == []
    # With nothing but the dialogue there is no telling, and nothing is claimed.
    assert find(turns(when("text", lambda one: one.number in strong), "dialogue")) == []


def test_with_the_dialogue_alone_only_what_names_itself_is_believed() -> None:
    right = when("start.model", lambda one: one.tier == "SMART")
    assert [e.path for e in find(turns(right, "dialogue"))] == ["start.model"]
    # SMART for ever, in one session: time explains it as well.
    for_ever = when("start.model", lambda one: one.number >= 3)
    assert find(turns(for_ever, "dialogue")) == []


def test_a_tier_named_in_the_value_is_believed() -> None:
    smart = when("text", lambda one: one.tier == "SMART", "(fast) done", "(Smart) done")
    assert [e.path for e in find(turns(smart, "dialogue"))] == ["text"]


def test_a_random_flag_is_hardly_ever_evidence() -> None:
    """Two in a thousand of random binary values pass; a run shows few that nothing else disproves."""
    dice = random.Random(20260101)

    def flip(_: Sample) -> dict[str, Value]:
        return {"202.flag": ("true" if dice.random() < 0.5 else "false",)}

    passed = sum(bool(find(turns(flip))) for _ in range(4000))
    assert passed <= 20


def shows(**given: Any) -> dict[str, Value]:
    values: dict[str, Any] = {"data": {}, "headers": (), "chunks": (), "replayed": (), "text": "", "asked": ""}
    return shown_by(**{**values, **given})


def test_values_are_collected_by_path() -> None:
    found = shows(
        data={"chat_turn_id": "t", "deep": [{"flag": True}, {"flag": False}]},
        headers=[("X-Model", "m"), ("Date", "today"), ("x-request-id", "abc")],
        chunks=[{"type": "start", "messageMetadata": {"model": "m"}}, {"type": "text-delta", "id": "p", "delta": "x"}],
        replayed=[{"role": "user", "model_tier": "FAST"}],
        text="You said hello",
        asked="hello",
    )
    assert found["202.deep.flag"] == ("false", "true")
    assert found["202 header.x-model"] == ("m",)
    assert "202 header.date" not in found
    assert "202 header.x-request-id" not in found
    assert found["start.messageMetadata.model"] == ("m",)
    assert found["text-delta.type"] == ("text-delta",)
    assert "text-delta.delta" not in found
    assert found["message[user].model_tier"] == ("FAST",)
    assert found["text"] == ("You said …",)


@pytest.mark.parametrize(
    "value",
    [1, 1.5, None, "17", "-3", "12:30", "2026-11-23T14:06:33Z", "3f9b8f0c-522d-46f5-b653-e6d239544b2f", "17-1", ""],
)
def test_numbers_times_and_ids_are_no_evidence(value: Any) -> None:
    assert shows(data={"x": value}).get("202.x") is None


@pytest.mark.parametrize("chunk", [None, 1, [], {}, {"type": 1}, {"type": ["start"]}, {1: 2}])
def test_hostile_chunks_are_passed_over(chunk: Any) -> None:
    assert shows(chunks=[chunk]) == {}


@pytest.mark.parametrize(
    ("fast", "smart", "told"),
    [
        (("fast",), ("smart",), True),
        ((), ("smart",), False),
        (("fast",), (), False),
        ((), ("fast",), False),
        (("smart",), ("fast",), False),
        (("fast",), ("fast", "smart"), False),
    ],
)
def test_what_an_agent_says_is_evidence_only_where_it_always_names_its_own_tier(
    fast: tuple[str, ...], smart: tuple[str, ...], told: bool
) -> None:
    assert says_what_it_is(Evidence(TEXT_SAYS, fast, smart)) is told
