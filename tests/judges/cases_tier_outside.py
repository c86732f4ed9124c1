"""Cases of TIER that outside readers found: a replay that lags."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.cases_tier import PLAN, Turn, asked, blind

LATE: set[Turn] = {("dialogue", 4), ("dialogue", 7), ("duplicates", 2), ("racing", 1)}


def only_in_the_replay(recording: Recording, strong: set[Turn], late: set[Turn]) -> Recording:
    """The replay names the model of each message, and lacks the messages of the ``late`` turns."""
    turns: dict[str, Turn] = {}
    for e in recording.exchanges:
        if (e.journey, e.facts.get("turn")) in PLAN and e.operation == "append-message" and e.status == 202:
            turns[e.data["chat_turn_id"]] = (e.journey, e.facts["turn"])

    def change(body: Any) -> None:
        body["data"] = [one for one in body["data"] if turns.get(one["chat_turn_id"]) not in late]
        for one in body["data"]:
            if one["chat_turn_id"] in turns:
                one["model"] = "m-large" if turns[one["chat_turn_id"]] in strong else "m-small"

    def own(e: Exchange) -> bool:
        return e.operation == "list-messages" and e.status == 200 and e.credential == "own"

    return edits.json_body(blind(recording), own, change)


@broken("TIER-04", because="an omitted tier is SMART, and the replay alone shows it")
def omitted_is_smart_in_the_replay(recording: Recording) -> Recording:
    return only_in_the_replay(recording, asked("SMART", "-"), set())


@broken("TIER-05", because="SMART lasts for ever, and the replay alone shows it, with some turns missing")
def for_ever_in_a_lagging_replay(recording: Recording) -> Recording:
    strong = asked("SMART") | {("dialogue", 4), ("dialogue", 6), ("dialogue", 7), ("attachments", 3)}
    return only_in_the_replay(recording, strong, {("duplicates", 2), ("dialogue", 6)})


@lawful("TIER-03", "TIER-04", "TIER-05", because="the replay alone shows the model")
def model_in_the_replay(recording: Recording) -> Recording:
    return only_in_the_replay(recording, asked("SMART"), set())
