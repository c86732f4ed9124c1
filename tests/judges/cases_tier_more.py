"""Further cases of TIER: SMART that is not served, a tier in words, and turns with attachments."""

from __future__ import annotations

from typing import Any

from conformance.recording import Recording
from tests.judges.cases import broken, lawful
from tests.judges.cases_tier import PLAN, asked, blind, model, show


def _word(recording: Recording, strong: set[tuple[str, int]]) -> Recording:
    return show(blind(recording), "model_tier", lambda turn: "SMART" if turn in strong else "FAST")


@broken("TIER-03", because="the second SMART turn of a session is served as FAST")
def second_smart_is_fast(recording: Recording) -> Recording:
    return model(recording, asked("SMART") - {("dialogue", 5)})


@broken("TIER-03", because="all turns of a session are served as the first one, and say so")
def tier_of_the_first_turn(recording: Recording) -> Recording:
    return _word(recording, {turn for turn in PLAN if PLAN[turn[0], 1] == "SMART"})


@broken("TIER-05", because="SMART once asked for is served to the whole tenant, and says so")
def whole_tenant(recording: Recording) -> Recording:
    return _word(recording, set(PLAN) - {("dialogue", 1), ("duplicates", 1)})


@broken("TIER-05", because="SMART lasts where there are attachments")
def lasts_with_attachments(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {("attachments", 3)})


@lawful("TIER-03", "TIER-04", "TIER-05", because="the strong model sees all pictures")
def pictures_need_the_strong_model(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {turn for turn in PLAN if turn[0] == "attachments"})


@lawful("TIER-03", "TIER-04", "TIER-05", because="a third model sees all pictures")
def pictures_have_a_model(recording: Recording) -> Recording:
    def served(turn: tuple[str, int]) -> Any:
        return "m-eyes" if turn[0] == "attachments" else "m-large" if turn in asked("SMART") else "m-small"

    return show(blind(recording), "model", served)


@lawful(
    "TIER-03",
    because="each session is dealt a model of its own",
    TIER_04="unobservable",
    TIER_05="unobservable",
)
def model_by_session(recording: Recording) -> Recording:
    return show(blind(recording), "model", lambda turn: "m-2" if turn[0] == "racing" else "m-1")


@lawful(
    "TIER-03", because="a tier of the tenant, the same in all turns", TIER_04="unobservable", TIER_05="unobservable"
)
def tier_of_the_tenant(recording: Recording) -> Recording:
    return show(blind(recording), "tenant_tier", lambda _: "SMART")


@lawful(
    "TIER-03",
    because="the tier is repeated as it was asked for, and left out where it was omitted",
    TIER_04="unobservable",
    TIER_05="unobservable",
)
def tier_as_asked(recording: Recording) -> Recording:
    names = {"FAST": "FAST", "SMART": "SMART", "-": None}
    return show(blind(recording), "model_tier", lambda turn: names[PLAN[turn]])


@lawful(
    "TIER-03",
    because="a replica of the model is named, by chance",
    TIER_04="unobservable",
    TIER_05="unobservable",
)
def replica_by_chance(recording: Recording) -> Recording:
    strong = {("dialogue", 3), ("racing", 1), ("dialogue", 7)}
    return show(blind(recording), "model", lambda turn: "m-east" if turn in strong else "m-west")
