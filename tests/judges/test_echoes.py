"""Whether an answer repeats a credential."""

from __future__ import annotations

import base64

import pytest

from conformance.judging.echoes import echoed
from conformance.recording import Exchange, Piece, Received, Sent

SECRET = "AbCdEf0123456789AbCdEf01"
KEY = f"neo_sk_prod_{SECRET}"
BASIC = base64.b64encode(f"user:{SECRET}".encode()).decode()


def answered(authorization: str | None, body: str, *headers: tuple[str, str]) -> Exchange:
    sent = () if authorization is None else (("Authorization", authorization),)
    return Exchange(
        "strangers",
        "bad-x/list-messages",
        "list-messages",
        "bad-x",
        Sent("GET", "http://localhost/public-api", sent, b""),
        0.0,
        0.1,
        0.1,
        Received(401, headers, (Piece(0.1, body.encode()),)),
        "complete",
    )


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        (f"Bearer {KEY}", KEY),
        (f"Bearer {KEY}", SECRET),
        (KEY, SECRET),
        (f"Basic {BASIC}", BASIC),
        (f"Basic {BASIC}", SECRET),
        (f"Bearer {KEY}", "$NEO_API_KEY"),
    ],
)
def test_an_echo_is_found_in_the_body_and_in_a_header(authorization: str, shown: str) -> None:
    assert echoed(answered(authorization, f'{{"message": "no: {shown}"}}')) == "the body"
    assert echoed(answered(authorization, "{}", ("X-Debug", shown))) == "the header X-Debug"


def test_an_escaped_echo_is_found() -> None:
    assert echoed(answered(f"Bearer {KEY}", f'{{"message": "neo\\u005fsk_prod_{SECRET}"}}')) == "the body"


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer x", "Basic !", f"Bearer {KEY}", "Bearer $NEO_API_KEY"]
)
def test_a_form_a_prefix_or_a_scheme_is_no_echo(authorization: str | None) -> None:
    body = (
        '{"message": "Bearer neo_sk_<env>_<secret>, not x; the key neo_sk_prod_AbC… is unknown. Basic is not taken."}'
    )
    assert echoed(answered(authorization, body, ("WWW-Authenticate", "Bearer"))) is None
