"""Content codings are undone within their bound, and as httpx would undo them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.transport.decoding import BodyDecoder

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "deflate, GZIP": lambda data: gzip.compress(zlib.compress(data)),
    "": bytes,
    "identity": bytes,
}


def decoded(coding: str, raw: bytes, cuts: list[int], most: int = 1 << 20) -> bytes:
    decoder = BodyDecoder(coding, most)
    bounds = [0, *sorted(min(c, len(raw)) for c in cuts), len(raw)]
    return b"".join(decoder.feed(raw[a:b]) for a, b in pairwise(bounds))


@given(st.sampled_from(sorted(CODINGS)), st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=4))
def test_any_cut_of_the_raw_bytes_gives_the_content(coding: str, content: bytes, cuts: list[int]) -> None:
    assert decoded(coding, CODINGS[coding](content), cuts) == content


def test_a_bare_deflate_and_a_gzip_of_two_members() -> None:
    bare = zlib.compressobj(wbits=-15)
    assert decoded("deflate", bare.compress(b"bare") + bare.flush(), [3]) == b"bare"
    assert decoded("gzip", gzip.compress(b"one ") + gzip.compress(b"two"), [5, 25]) == b"one two"


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_gives_no_more_than_is_wanted(layers: int) -> None:
    raw = bytes(50_000_000)
    for _ in range(layers):
        raw = gzip.compress(raw)
    decoder = BodyDecoder(", ".join(["gzip"] * layers), 1000)
    assert len(decoder.feed(raw)) <= 1000
    assert decoder.overflowed
    assert decoder.feed(raw) == b""


def test_exactly_the_bound_is_no_overflow() -> None:
    decoder = BodyDecoder("gzip", 1000)
    assert decoder.feed(gzip.compress(bytes(1000))) == bytes(1000)
    assert not decoder.overflowed


def test_what_is_not_coded_as_announced() -> None:
    with pytest.raises(httpx.DecodingError):
        BodyDecoder("gzip", 1000).feed(b"not gzip at all")


def test_an_unknown_coding_is_left_as_it_is() -> None:
    assert BodyDecoder("br", 1000).feed(b"\x8b\x00") == b"\x8b\x00"
    assert BodyDecoder("gzip, gzip, gzip, gzip", 1000).feed(b"\x1f\x8b") == b"\x1f\x8b"
