"""test_agreement.py settles which order is refused; here, that the refusal says why, and whether all clients agree."""

from __future__ import annotations

import json

import pytest

from conformance.envelopes import Order, OutOfOrder, parse
from tests.envelopes.sequences import ORDER_CASES


def refusal(case: str) -> OutOfOrder:
    order = Order()
    chunks = [parse(json.dumps(chunk)) for chunk in ORDER_CASES[case]]
    for chunk in chunks[:-1]:
        order.feed(chunk)
    with pytest.raises(OutOfOrder) as caught:
        order.feed(chunks[-1])
    return caught.value


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (
            "delta without start",
            'text-delta of "1": its part is not open (no text-start, or already ended)',
        ),
        (
            "finish-step closes reasoning",
            'reasoning-end of "1": its part is not open (no reasoning-start, or already ended)',
        ),
        ("tool delta without start", 'tool-input-delta of "c": no tool-input-start came before it'),
        (
            "output without call",
            'tool-output-available of "c": no tool call with this id came before it',
        ),
        (
            "start with another id",
            'text-delta of "1": it came before a start with another messageId, which begins another message',
        ),
        (
            "metadata: of start and finish",
            "finish: its messageMetadata cannot be merged into the earlier one, no object and no array",
        ),
    ],
)
def test_the_reason_names_the_chunk_and_what_it_lacks(case: str, reason: str) -> None:
    assert refusal(case).reason == reason


@pytest.mark.parametrize(
    ("case", "disputed"),
    [
        ("start with another id", True),
        ("start with another id drops tool calls", True),
        ("start with another id drops tool inputs", True),
        ("first start with id drops what came before", True),
        ("delta without start", False),
        ("output of another call", False),
        ("metadata: object into string", False),
    ],
)
def test_a_refusal_that_not_every_6x_client_shares_is_marked(case: str, disputed: bool) -> None:
    assert refusal(case).disputed is disputed


def test_what_a_step_closed_before_is_not_disputed() -> None:
    order = Order()
    for data in ('{"type":"text-start","id":"1"}', '{"type":"start","messageId":"m"}', '{"type":"finish-step"}'):
        order.feed(parse(data))
    with pytest.raises(OutOfOrder) as caught:
        order.feed(parse('{"type":"text-end","id":"1"}'))
    assert not caught.value.disputed


def test_a_refused_chunk_leaves_no_trace() -> None:
    order = Order()
    order.feed(parse('{"type":"text-start","id":"1"}'))
    with pytest.raises(OutOfOrder):
        order.feed(parse('{"type":"text-end","id":"2"}'))
    order.feed(parse('{"type":"text-end","id":"1"}'))
