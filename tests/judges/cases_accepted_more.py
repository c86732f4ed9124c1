"""More cases of ACC-08: what the ids of a 202 name in the replay."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _accepted(exchange: Exchange) -> bool:
    return exchange.operation == "append-message" and exchange.status == 202


def _replayed(exchange: Exchange) -> bool:
    return exchange.operation == "list-messages" and exchange.status == 200


@broken("ACC-08", because="the two ids of a 202 are swapped")
def swapped(r: Recording) -> Recording:
    def change(body: Any) -> None:
        data = body["data"]
        data["chat_turn_id"], data["user_message_id"] = data["user_message_id"], data["chat_turn_id"]

    return edits.json_body(r, _accepted, change)


@broken("ACC-08", because="the message id of a 202 is that of the agent's answer")
def id_of_the_answer(r: Recording) -> Recording:
    answers = {
        message["chat_turn_id"]: message["id"]
        for exchange in r.exchanges
        if _replayed(exchange)
        for message in exchange.json["data"]
        if message["role"] == "assistant"
    }

    def change(body: Any) -> None:
        turn = body["data"]["chat_turn_id"]
        body["data"]["user_message_id"] = answers.get(turn, body["data"]["user_message_id"])

    return edits.json_body(r, _accepted, change)


@lawful("ACC-08", because="a turn is known by its message: both have one id")
def one_id_for_both(r: Recording) -> Recording:
    def accepted(body: Any) -> None:
        body["data"]["chat_turn_id"] = body["data"]["user_message_id"]

    def replayed(body: Any) -> None:
        for message in body["data"]:
            del message["chat_turn_id"]
            message["turn_id"] = message.pop("id")

    return edits.json_body(edits.json_body(r, _accepted, accepted), edits.named("refusals/messages*"), replayed)


@lawful("ACC-08", because="the replay lists turns, each with the id of its message and of its workflow")
def replay_of_turns(r: Recording) -> Recording:
    def change(body: Any) -> None:
        for message in body["data"]:
            message["turn_message"], message["workflow_id"] = message.pop("id"), message.pop("chat_turn_id")
        body["data"] = {"turns": body["data"]}

    return edits.json_body(r, edits.named("refusals/messages*"), change)


@lawful("ACC-08", because="the agent's answers say to which message they belong")
def answers_with_their_question(r: Recording) -> Recording:
    def change(body: Any) -> None:
        asked = {m["chat_turn_id"]: m["id"] for m in body["data"] if m["role"] == "user"}
        for message in body["data"]:
            if message["role"] == "assistant":
                message["parent_id"] = asked.get(message["chat_turn_id"])

    return edits.json_body(r, edits.named("dialogue/messages*", "refusals/messages*"), change)
