"""What a 409 to a message tells: which message it names, and whether the server says it to whoever comes while it is busy."""

from __future__ import annotations

import re

from conformance.judging.json_leaves import leaves, names, scalars
from conformance.judging.rivals import rival_numbers
from conformance.recording import Exchange, Recording


def names_message(exchange: Exchange, message_id: str) -> bool:
    """Whether the id stands in the body, wherever that is: its place is open (contract M8)."""
    if exchange.json is not None:
        return names(exchange.json, message_id)
    return exchange.received is not None and message_id in exchange.received.text


_TELLING = 8
"""Characters: a shorter id may stand in any answer as a number or a word of its own."""
_OF_A_MESSAGE = re.compile(r"message|original|^id$", re.IGNORECASE)


def certainly_names_message(exchange: Exchange, message_id: str) -> bool:
    """The same beyond doubt: a short id has to be the value of a field of the error that is called after a message."""
    if len(message_id) >= _TELLING:
        return names_message(exchange, message_id)
    error = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    return any(
        message_id in scalars(leaf) and _OF_A_MESSAGE.search(str(path[-1])) for path, leaf in leaves(error) if path
    )


def refuses_while_busy(recording: Recording) -> bool:
    """Whether this server was seen to answer 409 to a message that cannot be a duplicate (contract M10)."""
    return any(
        e.operation == "append-message" and e.status == 409 and (e.facts.get("busy") or e.facts.get("gave_up"))
        for e in recording.exchanges
    )


def takes_messages_while_running(recording: Recording) -> bool:
    """Whether it was seen to take two different messages at once, and never to be busy.

    At once: each was on its way as the other was answered. One that was sent again, behind an outage, came later.
    """
    rivals = [
        e
        for n in rival_numbers(recording)
        if (e := recording.get("racing", f"rival-{n}")) is not None and e.status == 202
    ]
    if len(rivals) < 2 or refuses_while_busy(recording):
        return False
    return max(e.sent_at for e in rivals) < min(e.answered_at for e in rivals)


def may_have_been_accepted(recording: Recording, journey: str, prefix: str) -> bool:
    """Whether an attempt of such a step got no answer of the API: the server may have kept the message all the same."""
    return any(e.operation == "append-message" and "outage" in e.facts for e in recording.of(journey, prefix))
