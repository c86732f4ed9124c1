"""TIER: how a server that handles the tier wrongly shows it, and what only looks like that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_cursor import by_exchange
from tests.judges.edits import named

Turn = tuple[str, int]

PLAN: dict[Turn, str] = {
    **{("dialogue", n): t for n, t in enumerate(("FAST", "FAST", "SMART", "-", "SMART", "FAST", "-"), start=1)},
    ("attachments", 1): "FAST",
    ("attachments", 2): "SMART",
    ("attachments", 3): "-",
    ("duplicates", 1): "FAST",
    ("duplicates", 2): "-",
    ("racing", 1): "SMART",
    ("refusals", 1): "-",
}
"""What each turn asks for; a dash: nothing."""

AFTER_SMART: set[Turn] = {("dialogue", n) for n in (4, 6, 7)} | {("attachments", 3)}


def asked(*tiers: str) -> set[Turn]:
    return {turn for turn, tier in PLAN.items() if tier in tiers}


def blind(recording: Recording) -> Recording:
    """The same server, showing the tier nowhere: no model, no tier in the replay."""
    new = edits.frames(recording, edits.tails, lambda fs: [_without_model(f) for f in fs])

    def drop(body: Any) -> None:
        for message in body["data"]:
            message.pop("model", None)
            message.pop("model_tier", None)

    return edits.json_body(
        new, lambda e: e.operation == "list-messages" and e.status == 200 and e.credential == "own", drop
    )


def _without_model(frame: Frame) -> Frame:
    return edits.chunk(frame, messageMetadata=...) if edits.kind(frame) in ("start", "finish") else frame


def show(recording: Recording, field: str, value: Callable[[Turn], Any]) -> Recording:
    """A field of the `start` envelope, by turn, in every tail that has it: the only thing that may show the tier."""
    starts: dict[tuple[str, str | None], Turn] = {}
    for exchange in recording.exchanges:
        if exchange.facts.get("kind") == "main" and exchange.frames:
            starts[exchange.journey, exchange.frames[0].id] = (exchange.journey, exchange.facts["turn"])

    def change(frame: Frame, journey: str) -> Frame:
        turn = starts.get((journey, frame.id))
        return frame if turn is None else edits.chunk(frame, messageMetadata={field: value(turn)})

    return by_exchange(recording, edits.tails, lambda e, fs: [change(f, e.journey) for f in fs])


def model(recording: Recording, strong: set[Turn]) -> Recording:
    """Only the model's name in `start`; the strong one answers in those turns."""
    return show(blind(recording), "model", lambda turn: "m-large" if turn in strong else "m-small")


@broken("TIER-04", because="an omitted tier is SMART")
def omitted_is_smart(recording: Recording) -> Recording:
    return model(recording, asked("SMART", "-"))


@broken("TIER-04", because="an omitted tier is SMART in a session's first turn")
def omitted_first(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {("refusals", 1)})


@broken("TIER-05", because="SMART lasts for ever, even against FAST")
def for_ever(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | AFTER_SMART)


@broken("TIER-05", because="SMART lasts until another tier is named")
def until_named(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {("dialogue", 4)})


@broken("TIER-05", because="SMART lasts one turn more, whatever that asks for")
def one_more(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {("dialogue", 4), ("dialogue", 6), ("attachments", 3)})


@broken("TIER-05", because="an explicit FAST directly after SMART is not heard")
def fast_unheard(recording: Recording) -> Recording:
    return model(recording, asked("SMART") | {("dialogue", 6)})


@broken("TIER-05", because="SMART lasts for ever, shown by a flag whose name says nothing")
def flag(recording: Recording) -> Recording:
    strong = asked("SMART") | AFTER_SMART
    return show(blind(recording), "x", lambda turn: turn in strong)


@broken("TIER-05", because="the replay repeats the tier that was asked for, while the model in the stream stays SMART")
def echo_and_model(recording: Recording) -> Recording:
    strong = asked("SMART") | {("dialogue", 4)}
    return show(recording, "model", lambda turn: "m-large" if turn in strong else "m-small")


@lawful("TIER-04", "TIER-05", because="a flag whose name says nothing follows the tier")
def right_flag(recording: Recording) -> Recording:
    return show(blind(recording), "x", lambda turn: turn in asked("SMART"))


def misleading(because: str, value: Callable[[Turn], Any], field: str = "x") -> None:
    """A lawful server that shows no tier, but something else."""

    @lawful(
        "TIER-04", "TIER-05", because=f"no tier is shown, but {because}", TIER_04="unobservable", TIER_05="unobservable"
    )
    def case(recording: Recording) -> Recording:
        return show(blind(recording), field, value)


misleading("nothing", lambda _: "same")
misleading("a counter", lambda turn: f"{turn[1]}")
misleading("a time", lambda turn: f"2026-11-23T14:0{turn[1]}:00Z")
misleading("a node by parity", lambda turn: "node-a" if turn[1] % 2 else "node-b")
misleading("a flag of the first turn", lambda turn: "opening" if turn[1] == 1 else "ongoing")
misleading("a phase that begins with the third turn", lambda turn: "early" if turn[1] < 3 else "late")
misleading(
    "a model that is replaced at the third turn of each session", lambda t: "m-1" if t[1] < 3 else "m-2", "model"
)
misleading("a node by session", lambda turn: f"node-{turn[0]}")
misleading("a random flag", lambda turn: turn in {("dialogue", 2), ("racing", 1), ("refusals", 1), ("attachments", 3)})
misleading("a third model in turns without a tier", lambda t: {"FAST": "a", "SMART": "b", "-": "c"}[PLAN[t]])


@lawful(
    "TIER-04",
    "TIER-05",
    because="the dialogue broke off before the second SMART turn",
    TIER_04="untested",
    TIER_05="untested",
)
def broke_off(recording: Recording) -> Recording:
    gone = edits.drop(recording, lambda e: e.journey == "dialogue" and e.facts.get("turn", 0) > 2)
    gone = edits.drop(gone, named("racing/*"))
    return edits.broke_off(gone, "dialogue", "turn-3/post", "the turn budget is spent")


@broken("TIER-01", because="a message with FAST is refused")
def no_fast(recording: Recording) -> Recording:
    return edits.answer(recording, named("dialogue/turn-6/post"), 400, edits.error(400))


@broken("TIER-01", because="a message without a tier is refused")
def tier_required(recording: Recording) -> Recording:
    return edits.answer(recording, named("dialogue/turn-4/post", "dialogue/turn-7/post"), 422, edits.error(422))


@lawful("TIER-01", "TIER-03", because="nothing is shown of the tier", TIER_04="unobservable", TIER_05="unobservable")
def nothing_shown(recording: Recording) -> Recording:
    return blind(recording)


@broken("TIER-03", because="a session keeps its first tier: another one is a conflict")
def keeps_first(recording: Recording) -> Recording:
    pick = named("dialogue/turn-3/post")
    return edits.facts(edits.answer(recording, pick, 409, edits.error(409)), pick, gave_up=True)


@broken("TIER-03", because="there is no way back from SMART")
def no_way_back(recording: Recording) -> Recording:
    return edits.answer(recording, named("dialogue/turn-4/post"), 422, edits.error(422))


@lawful("TIER-03", because="the change is made after a busy answer")
def after_busy(recording: Recording) -> Recording:
    post = recording.get("dialogue", "turn-3/post")
    assert post is not None
    busy = replace(
        post, step="turn-3/busy-1", sent_at=post.sent_at - 0.001, facts={**post.facts, "part": "busy", "busy": True}
    )
    grown = replace(recording, exchanges=(*recording.exchanges, busy))
    return edits.answer(grown, named("dialogue/turn-3/busy-1"), 409, edits.error(409))
