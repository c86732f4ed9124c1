"""What a 401 tells (AUTH-02)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.mock.answering import with_answers, with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Asking


def _unauthorized(status: int) -> bool:
    return status == 401


def _token(asking: Asking) -> str:
    return asking.headers.get("authorization", "").split(" ")[-1]


def _said(server: Behaviour, say: Callable[[str], str]) -> Behaviour:
    def change(asking: Asking, body: Any) -> None:
        if len(_token(asking)) >= 12:
            body["error"]["message"] = say(_token(asking))

    return with_bodies(server, change, when=_unauthorized)


@fault("AUTH-02", mistake="an f-string with what was received, to help with mistakes of copying")
def credential_in_the_message(server: Behaviour) -> Behaviour:
    """The message of a 401 quotes the key."""
    return _said(server, lambda token: f"The API key {token} is not known.")


@fault("AUTH-02", mistake="the key is masked as in the console: its middle is replaced, its ends stay")
def credential_partly_masked(server: Behaviour) -> Behaviour:
    """The message of a 401 quotes the key but for four characters in its middle."""

    def masked(token: str) -> str:
        middle = len(token) // 2
        return f"Incorrect API key provided: {token[: middle - 2]}****{token[middle + 2 :]}"

    return _said(server, masked)


@fault("AUTH-02", mistake="the refused header is attached for the support team, encoded but not encrypted")
def credential_in_base64(server: Behaviour) -> Behaviour:
    """The details of a 401 have the Authorization header in Base64."""

    def change(asking: Asking, body: Any) -> None:
        given = f"Authorization: {asking.headers.get('authorization', '')}"
        body["error"]["details"] = {"context": base64.b64encode(given.encode()).decode()}

    return with_bodies(server, change, when=_unauthorized)


@fault("AUTH-02", mistake="the details are a dump of bytes, as a debugger shows them")
def credential_in_hexadecimal(server: Behaviour) -> Behaviour:
    """The details of a 401 have the key in hexadecimal."""

    def change(asking: Asking, body: Any) -> None:
        body["error"]["details"] = {"received": _token(asking).encode("utf-8", "replace").hex()}

    return with_bodies(server, change, when=_unauthorized)


@fault("AUTH-02", mistake="the challenge is written with the error's description, and that has the token")
def credential_in_the_challenge(server: Behaviour) -> Behaviour:
    """The header WWW-Authenticate of a 401 quotes the credential."""

    def change(asking: Asking, answer: Any) -> Any:
        token = _token(asking).encode("ascii", "replace").decode()
        return answer.with_header("www-authenticate", f'Bearer error="invalid_token", error_description="{token}"')

    return with_answers(server, change, when=_unauthorized)


@fault("AUTH-02", mistake="user and password of a Basic header are parsed before the scheme is refused")
def password_in_the_message(server: Behaviour) -> Behaviour:
    """The message of a 401 to Basic credentials quotes the password."""

    def change(asking: Asking, body: Any) -> None:
        scheme, _, token = asking.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            try:
                user, _, password = base64.b64decode(token, validate=True).decode().partition(":")
            except ValueError:
                return
            body["error"]["message"] = f"Basic is not supported (user {user}, password {password})."

    return with_bodies(server, change, when=_unauthorized)


@fault("AUTH-02", "ERR-01", "ENV-01", mistake="the stream is guarded by another library, with a 401 of its own")
def bare_unauthorized_tail(server: Behaviour) -> Behaviour:
    """The 401 of a tail is {"detail": "Not authenticated"}."""
    return with_bodies(server, lambda _, __: {"detail": "Not authenticated"}, "tail", when=_unauthorized)


@fault("AUTH-02", "ERR-01", mistake="the gateway refuses by itself, without a body")
def unauthorized_without_body(server: Behaviour) -> Behaviour:
    """The 401 to a request without any Authorization header has no body."""

    def change(asking: Asking, answer: Any) -> Any:
        return answer if "authorization" in asking.headers else replace(answer, body=b"")

    return with_answers(server, change, when=_unauthorized)
