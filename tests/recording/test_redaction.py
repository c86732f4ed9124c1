"""A secret is replaced wherever it stands, also when it arrives in two pieces."""

from __future__ import annotations

import base64
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conformance.recording import Piece
from conformance.redaction import Redactor

SECRET = "neo_sk_test_AbC+/="
REDACTOR = Redactor({"NEO_API_KEY": SECRET})


@given(st.binary(max_size=20), st.binary(max_size=20), st.lists(st.integers(0, 60), max_size=5))
def test_no_cut_of_the_bytes_saves_a_secret(before: bytes, after: bytes, cuts: list[int]) -> None:
    whole = before + SECRET.encode() + after + SECRET.encode()
    bounds = [0, *sorted(min(c, len(whole)) for c in cuts), len(whole)]
    pieces = tuple(Piece(float(i), whole[a:b]) for i, (a, b) in enumerate(pairwise(bounds)))
    redacted = REDACTOR.pieces(pieces)
    assert b"".join(p.data for p in redacted) == before + b"$NEO_API_KEY" + after + b"$NEO_API_KEY"
    assert [p.at for p in redacted] == [p.at for p in pieces]


def test_a_secret_in_a_url_is_found_in_its_encoded_form() -> None:
    assert REDACTOR.text("http://x/?key=neo_sk_test_AbC%2B%2F%3D") == "http://x/?key=$NEO_API_KEY"


def test_headers_are_redacted() -> None:
    assert REDACTOR.headers((("Authorization", f"Bearer {SECRET}"),)) == (("Authorization", "Bearer $NEO_API_KEY"),)


def test_a_secret_that_contains_another_leaves_nothing_of_it() -> None:
    redactor = Redactor({"NEO_API_KEY": "abc", "NEO_OTHER_API_KEY": "abcdef"})
    assert redactor.text("abcdef abc") == "$NEO_OTHER_API_KEY $NEO_API_KEY"


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_an_encoded_secret_is_found_whatever_stands_around_it(before: bytes, after: bytes) -> None:
    whole = before + SECRET.encode() + after
    for encoded in (base64.b64encode(whole), base64.urlsafe_b64encode(whole), whole.hex().encode()):
        assert b"$NEO_API_KEY" in REDACTOR.bytes(b"context: " + encoded)


def test_the_secret_in_the_other_case_is_none_to_show() -> None:
    assert REDACTOR.text("neo_sk_test_aBc+/=") == "$NEO_API_KEY"
