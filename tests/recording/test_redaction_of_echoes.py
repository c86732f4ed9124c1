"""A target may echo a key in any form and in any pieces: nothing that tells it is recorded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recording import Piece
from conformance.redaction import Redactor
from tests.hostile.leaks import KEY, SIGNATURE, encodings, leaks

TOKEN = f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.{'aB3_x9Kq7-' * 20}"
REDACTOR = Redactor({"NEO_API_KEY": KEY})


@pytest.mark.parametrize(("name", "text"), list(encodings(KEY)))
def test_every_encoding(name: str, text: str) -> None:
    for around in (f"before {text} behind", json.dumps({"x": text}), f"x={text}&y"):
        assert leaks(around, KEY), name
        assert leaks(REDACTOR.text(around), KEY) == [], name


@given(st.sampled_from([text for _, text in encodings(KEY)]), st.integers(0, 200), st.integers(0, 200))
def test_whatever_pieces_it_arrives_in(text: str, first: int, second: int) -> None:
    whole = f"data: {text}\n\n".encode()
    one, two = sorted((min(first, len(whole)), min(second, len(whole))))
    pieces = (Piece(0.0, whole[:one]), Piece(1.0, whole[one:two]), Piece(2.0, whole[two:]))
    redacted = REDACTOR.pieces(pieces)
    assert [p.at for p in redacted] == [0.0, 1.0, 2.0]
    assert leaks(b"".join(p.data for p in redacted).decode(), KEY) == []


@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_split_over_two_frames(cut: int) -> None:
    stream = f'data: {{"delta":"{KEY[:cut]}"}}\n\ndata: {{"delta":"{KEY[cut:]}"}}\n\n'
    text = REDACTOR.text(stream)
    frames = [json.loads(line[6:])["delta"] for line in text.splitlines() if line.startswith("data: ")]
    assert KEY not in "".join(frames)
    # Of the secret itself no more than a few characters at its bounds are left.
    assert sum(len(part) for part in (KEY[12:cut], KEY[max(cut, 12) :]) if part and part in text) < 8


def test_a_token_is_known_by_a_piece_of_its_signature() -> None:
    redactor = Redactor({"NEO_API_KEY": TOKEN})
    signature = TOKEN.rpartition(".")[2]
    assert signature[40:90] not in redactor.text(f"x {signature[40:90]} y")
    assert redactor.text('{"alg": "RS256"}') == '{"alg": "RS256"}'


@given(st.text(max_size=200))
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_words_of_a_key_stay() -> None:
    for text in ("neo_sk_test_", "a key neo_sk_<env>_<secret>", "neo_sk_test_…JkLz", "ends in JkLz"):
        assert REDACTOR.text(text) == text


def test_a_signature_is_learnt_and_can_be_used() -> None:
    redactor = Redactor({})
    url = f"https://blob.test/x?se=1&sig={SIGNATURE}%2B%3D&sp=cw"
    redactor.learn_signatures(json.dumps({"data": {"upload_url": url}}).encode())
    shown = redactor.text(f"PUT {url} {SIGNATURE}+=")
    assert SIGNATURE not in shown
    assert redactor.with_signatures(redactor.text(url)) == url


@pytest.mark.parametrize(
    "value", ["request_id", "x", "Traceback (most recent call last)", "a b c d e f g h i j k l m n"]
)
def test_a_target_does_not_choose_what_is_hidden(value: str) -> None:
    redactor = Redactor({})
    redactor.learn_signatures(f'{{"upload_url": "https://blob.test/x?sig={value}"}}'.encode())
    assert redactor.text(f"a {value} b") == f"a {value} b"


@pytest.mark.parametrize("flood", [b"\\", b"%25", b"&#", b"n", b"neo_", b"\\u00", KEY.encode(), KEY[12:20].encode()])
def test_a_flood_is_searched_in_a_time_that_grows_with_its_length(flood: bytes) -> None:
    import time

    began = time.process_time()
    REDACTOR.bytes(flood * (300_000 // len(flood)))
    assert time.process_time() - began < 5.0
