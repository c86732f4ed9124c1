"""Whether an answer repeats a credential in another form, or in part."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from conformance.judging.echoes import echoed
from tests.judges.test_echoes import BASIC, KEY, SECRET, answered


@pytest.mark.parametrize(
    "shown",
    [
        base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        base64.b64encode(f"x Bearer {KEY}".encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(f"\xff\xfe{KEY}".encode("latin-1")).decode(),
        "debug" + base64.b64encode(KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.encode().hex(" "),
        KEY.encode().hex().upper(),
        quote(f"?{KEY}").replace("_", "%5F"),
        f"neo_sk_prod_{SECRET[:10]}**************",
        f"****{SECRET[-8:]}",
    ],
)
def test_an_encoded_or_hardly_masked_echo_is_found(shown: str) -> None:
    assert echoed(answered(f"Bearer {KEY}", f'{{"message": "no: {shown}"}}')) == "the body"


@pytest.mark.parametrize(
    "shown",
    [
        f"neo_sk_prod_{SECRET[:4]}…{SECRET[-4:]}",
        "request 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        base64.b64encode(b"neo_sk_prod_ is how a key begins").decode(),
        "%E2%80%9Cno%E2%80%9D",
    ],
)
def test_a_hint_or_another_thing_encoded_is_no_echo(shown: str) -> None:
    assert echoed(answered(f"Bearer {KEY}", f'{{"message": "no: {shown}"}}')) is None


def test_a_user_name_is_no_password() -> None:
    assert echoed(answered(f"Basic {BASIC}", '{"message": "no such user: user"}')) is None
