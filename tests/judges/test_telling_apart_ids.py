"""An id in an answer is no knowledge of a session, whatever its form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.judging.telling_apart import told
from conformance.recording import Exchange, Piece, Received, Recording


def _refusal(exchange: Exchange, own: str, asked: str, details: Any) -> Exchange:
    error = {"error": {"code": "not_found", "message": f"No session {asked}.", "details": details}, "meta": {}}
    received = Received(404, (("content-type", "application/json"),), (Piece(0.0, json.dumps(error).encode()),))
    return replace(exchange, received=received, facts={"session": own, "asked": asked})


@pytest.mark.parametrize(("there", "nowhere"), [("12", "91234567"), ("12", "98121299"), ("chs_1", "chs_12")])
def test_an_answer_that_repeats_the_id_that_was_asked_for_tells_nothing(
    baseline: Recording, there: str, nowhere: str
) -> None:
    some = baseline.exchanges[0]
    pair = (_refusal(some, there, there, {"id": there}), _refusal(some, there, nowhere, {"id": nowhere}))
    assert told([pair], [], numbers=False) is None


def test_another_word_tells_the_two_apart(baseline: Recording) -> None:
    some = baseline.exchanges[0]
    pair = (
        _refusal(some, "12", "12", {"id": "12", "why": "yours"}),
        _refusal(some, "12", "91234567", {"id": "91234567"}),
    )
    assert told([pair], [], numbers=False) is not None
