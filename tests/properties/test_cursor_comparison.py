"""Whatever the turn, its ids and the cut: a lawful resume is no difference, and each way to go wrong is told by its name."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conformance.evidence import Envelope
from conformance.judging.cursors import difference, once, rest, resumed, same_json, stream_id
from tests.properties.turns import frame, turns

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(turns(), st.data())
def test_a_resume_at_every_cut_is_what_the_rest_is(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(turn) - 1))
    after = turn[cut].id
    assert after is not None
    assert rest(turn, after) == turn[cut + 1 :]
    assert resumed(turn, after, turn[cut + 1 :], whole=True) is None
    assert resumed(turn, None, turn, whole=True) is None


@given(turns(), st.data())
def test_one_envelope_lost_is_told(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, len(turn) - 1))
    found = difference(turn, turn[:lost] + turn[lost + 1 :])
    assert found is not None
    assert found.kind == "lost"


@given(turns(), st.data())
def test_what_was_not_read_out_is_not_lost(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    read = data.draw(st.integers(0, len(turn)))
    assert difference(turn, turn[:read], whole=False) is None


@given(turns(), st.data())
def test_one_envelope_twice_is_told(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    twice = data.draw(st.integers(0, len(turn) - 1))
    repeated = turn[: twice + 1] + turn[twice:]
    found = difference(turn, repeated)
    assert found is not None
    assert found.kind == "repeated"
    assert once(repeated) == turn


@given(turns(), st.data())
def test_two_envelopes_exchanged_are_told(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(turn) - 2))
    exchanged = (*turn[:first], turn[first + 1], turn[first], *turn[first + 2 :])
    found = difference(turn, exchanged)
    assert found is not None
    assert found.kind == "order"


@given(turns(), st.data())
def test_other_data_under_a_known_id_is_told(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(turn) - 1))
    other = replace(turn[which], frame=frame(turn[which].id, {"type": "text-delta", "id": "0", "delta": "other"}))
    found = difference(turn, (*turn[:which], other, *turn[which + 1 :]))
    assert found is not None
    assert found.kind == "changed"


@given(turns(), st.data())
def test_the_cursors_own_envelope_is_a_repeat(turn: tuple[Envelope, ...], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(turn) - 1))
    found = resumed(turn, turn[cut].id, turn[cut:], whole=True)
    assert found is not None
    assert found.kind == "repeated"


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_stream_ids_compare_as_numbers(ms: int, seq: int, other_ms: int, other_seq: int) -> None:
    one, other = stream_id(f"{ms}-{seq}"), stream_id(f"{other_ms}-{other_seq}")
    assert one is not None
    assert other is not None
    assert (one < other) == ((ms, seq) < (other_ms, other_seq))


@given(st.text(max_size=12))
def test_any_text_is_two_numbers_or_opaque(text: str) -> None:
    read = stream_id(text)
    assert read is None or all(part.isascii() and part.isdigit() for part in text.split("-"))


@given(JSON, JSON)
def test_equality_of_json_is_an_equivalence(one: object, other: object) -> None:
    assert same_json(one, one)
    assert same_json(one, other) == same_json(other, one)
    assert same_json([one], [other]) == same_json(one, other) == same_json({"a": one}, {"a": other})
    if same_json(one, other):
        assert one == other, "never looser than Python, which takes true for 1"
