"""However a target writes the key, and wherever the network cuts it: nothing that tells it survives."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recording import Piece
from conformance.redaction import Redactor

SECRET = "neo_sk_test_Q7vZ2mX9tB4hL6cR8wY1"
TELLING = SECRET.rpartition("_")[2]
REDACTOR = Redactor({"NEO_API_KEY": SECRET})

CHARACTERS: dict[str, Callable[[str], str]] = {
    "as it is": lambda c: c,
    "percent": lambda c: f"%{ord(c):02X}",
    "percent, twice": lambda c: f"%25{ord(c):02x}",
    "JSON": lambda c: f"\\u{ord(c):04x}",
    "hexadecimal in a string": lambda c: f"\\x{ord(c):02X}",
    "HTML": lambda c: f"&#{ord(c)};",
    "HTML, hexadecimal": lambda c: f"&#x{ord(c):X};",
}
"""One character of the key, as it may be escaped; a text may mix them."""

WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda b: b,
    "backwards": lambda b: b[::-1],
    "hexadecimal": lambda b: b.hex().encode(),
    "Base64": base64.b64encode,
    "Base64 of the web": base64.urlsafe_b64encode,
    "percent": lambda b: quote(b, safe="").encode(),
}
"""The whole text around the key, encoded at once."""


def pieces(text: bytes, cuts: list[int]) -> tuple[Piece, ...]:
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return tuple(Piece(float(at), text[start:stop]) for at, (start, stop) in enumerate(pairwise(bounds)))


def readings(shown: bytes) -> set[str]:
    """What a reader makes of the text: as it is, and with the escapes read, until nothing changes any more."""
    texts = {shown.decode("utf-8", "replace")}
    for _ in range(3):
        for text in list(texts):
            texts.add(html.unescape(text))
            texts.add(unquote_to_bytes(text).decode("utf-8", "replace"))
            try:
                texts.add(json.loads(f'"{text}"'))
            except ValueError:
                texts.add(text.encode("latin-1", "replace").decode("unicode-escape", "replace"))
    return texts


CUTS = st.lists(st.integers(0, 400), max_size=6)


@given(st.lists(st.sampled_from(sorted(CHARACTERS)), min_size=len(SECRET), max_size=len(SECRET)), CUTS)
def test_no_mixture_of_escapes_saves_the_key(forms: list[str], cuts: list[int]) -> None:
    written = "".join(CHARACTERS[form](character) for form, character in zip(forms, SECRET, strict=True))
    shown = b"".join(piece.data for piece in REDACTOR.pieces(pieces(f"key: {written}.".encode(), cuts)))
    assert not any(TELLING in reading for reading in readings(shown))
    assert b"$NEO_API_KEY" in shown


@pytest.mark.parametrize("form", WHOLE)
@given(before=st.binary(max_size=12), after=st.binary(max_size=12), cuts=CUTS)
def test_no_encoding_of_the_whole_saves_the_key(form: str, before: bytes, after: bytes, cuts: list[int]) -> None:
    text = WHOLE[form](before + SECRET.encode() + after)
    redacted = REDACTOR.pieces(pieces(b"<" + text + b">", cuts))
    shown = b"".join(piece.data for piece in redacted)
    assert WHOLE[form](SECRET.encode())[4:-4] not in shown
    assert b"NEO_API_KEY" in shown
    assert len(redacted) == len(cuts) + 1, "no piece is lost: each has its time"


@given(st.binary(max_size=60), CUTS)
def test_what_is_no_key_is_left_as_it_is(text: bytes, cuts: list[int]) -> None:
    given_pieces = pieces(text, cuts)
    assert REDACTOR.pieces(given_pieces) == given_pieces


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_what_was_redacted_once_is_left_as_it_is(before: bytes, after: bytes) -> None:
    once = REDACTOR.bytes(before + SECRET.encode() + after)
    assert REDACTOR.bytes(once) == once
