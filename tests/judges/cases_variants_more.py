"""Freedoms of correct servers that the mock's variants took: none of them may fail anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Piece, Recording
from tests.judges import edits
from tests.judges.cases import lawful


def _fractions(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _fractions(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fractions(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@lawful("SES-03", "UPL-01", because="whole numbers are written with a fraction, which JSON does not tell apart")
def numbers_with_fractions(recording: Recording) -> Recording:
    def of_numbers(exchange: Exchange) -> bool:
        return exchange.operation in ("create-session", "request-upload-url") and edits.answered_json(exchange)

    return edits.json_body(recording, of_numbers, _fractions)


@lawful("ACC-06", "ACC-08", "IDEM-02", "IDEM-04", because="the messages of each session are counted from one")
def messages_counted_in_each_session(recording: Recording) -> Recording:
    """The number stands for the id wherever the session shows it."""
    numbers: dict[str, dict[str, str]] = {}
    for exchange in recording.exchanges:
        ident = exchange.data.get("user_message_id")
        if exchange.operation == "append-message" and exchange.status == 202 and isinstance(ident, str):
            known = numbers.setdefault(str(exchange.facts.get("session")), {})
            known.setdefault(ident, str(len(known) + 1))

    def of_messages(exchange: Exchange) -> bool:
        known = exchange.operation in ("append-message", "list-messages") and edits.answered_json(exchange)
        return known and str(exchange.facts.get("session")) in numbers

    def counted(exchange: Exchange) -> Exchange:
        assert exchange.received is not None
        body = exchange.received.body
        for ident, number in numbers[str(exchange.facts.get("session"))].items():
            body = body.replace(ident.encode(), number.encode())
        pieces = (Piece(exchange.ended_at, body),)
        return replace(exchange, received=replace(exchange.received, pieces=pieces))

    return edits.edit(recording, of_messages, counted)


@lawful("ACC-06", because="a turn has the id of its message")
def turns_named_by_their_messages(recording: Recording) -> Recording:
    def of_turn(exchange: Exchange) -> bool:
        return exchange.operation == "append-message" and exchange.status == 202

    def named(body: Any) -> None:
        body["data"]["chat_turn_id"] = body["data"]["user_message_id"]

    return edits.json_body(recording, of_turn, named)
