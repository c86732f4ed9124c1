"""Turns as a tail might show them: envelopes with ids of any form that the contract allows, texts of any kind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.evidence import Envelope, envelopes
from conformance.recording import Frame
from conformance.sse import Event

IDS = st.one_of(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 99)), min_size=2, max_size=8, unique=True).map(
        lambda pairs: [f"{ms}-{seq}" for ms, seq in sorted(pairs)]
    ),
    st.lists(st.text("abcXYZ09+/=", min_size=1, max_size=6), min_size=2, max_size=8, unique=True),
)
"""The ids of one turn, each once: two numbers that grow, or opaque."""


def frame(id: str | None, value: Any) -> Frame:
    return Frame(0.0, Event(json.dumps(value), "", id, id or "", None))


@st.composite
def turns(draw: st.DrawFn) -> tuple[Envelope, ...]:
    """A whole turn: ``start``, deltas of which some may be equal, ``finish``."""
    ids = draw(IDS)
    deltas = [draw(st.sampled_from(["a", "b", "", "\u2028"])) for _ in ids[2:]]
    values = [{"type": "start"}, *({"type": "text-delta", "id": "0", "delta": one} for one in deltas)]
    return envelopes([frame(id, value) for id, value in zip(ids, [*values, {"type": "finish"}], strict=True)])
