"""Request bodies: bounded, strict JSON. Nothing a client sends can become a 5xx (ERR-04) or be read in two ways."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from starlette.requests import Request

from conformance.mock.answers import ApiError, policy_of
from conformance.mock.settings import MAX_BODY_BYTES, MAX_JSON_DEPTH

_DRAIN_BYTES: Final = 8 * MAX_BODY_BYTES
_MAX_DIGITS: Final = 1_000
# A whole string, its end optional so that an unfinished one costs no second look, or one bracket.
_TOKENS: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)


async def read_bounded(request: Request, limit: int, what: str) -> bytes:
    """The whole request body.

    :param limit: bytes; a longer body is refused with 413, after a bounded part of it was read, so that a client
        which is still sending gets to see the answer.
    """
    body = bytearray()
    seen = 0
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > _DRAIN_BYTES:
        raise _too_large(limit, what)
    async for part in request.stream():
        seen += len(part)
        if seen <= limit:
            body += part
        elif seen > _DRAIN_BYTES:
            break
    if seen > limit:
        raise _too_large(limit, what)
    return bytes(body)


def _too_large(limit: int, what: str) -> ApiError:
    return ApiError(413, "PAYLOAD_TOO_LARGE", f"{what} is larger than {limit} bytes.", {"max_bytes": limit})


async def read_object(request: Request) -> dict[str, Any]:
    """The request's JSON object.

    :raises ApiError: 413 too long; 415 another content type; the policy's ``invalid_status`` for anything that is not
        exactly one JSON object in UTF-8 (duplicate names, ``NaN``, lone surrogates and deep nesting included).
    """
    body = await read_bounded(request, MAX_BODY_BYTES, "The request body")
    _require_json_type(request)
    try:
        value = parse(body)
    except ValueError as wrong:
        raise ApiError(
            policy_of(request).invalid_status, "BAD_REQUEST", f"The request body is not valid JSON: {wrong}."
        ) from wrong
    if not isinstance(value, dict):
        raise ApiError(policy_of(request).invalid_status, "validation_error", "The request body has to be an object.")
    return value


def _require_json_type(request: Request) -> None:
    # A body without a content type is taken for JSON; only one that says it is something else is refused.
    given = request.headers.get("content-type")
    if given is None:
        return
    kind = given.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The request body has to be application/json.")


def parse(body: bytes) -> Any:
    """Strict JSON.

    :raises ValueError: with a reason that quotes nothing of the body.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    if _depth(text) > MAX_JSON_DEPTH:
        raise ValueError(f"it is nested more than {MAX_JSON_DEPTH} deep")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as wrong:
        raise ValueError(f"syntax error at character {wrong.pos}") from None
    # Only an escape can bring a lone surrogate in, and only a look at every string can find it.
    _require_encodable(value)
    return value


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings; the parser itself would run into the recursion limit."""
    deepest = depth = 0
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number has more than {_MAX_DIGITS} digits")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number has more than {_MAX_DIGITS} digits")
    return float(digits)


def _require_encodable(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("a string has a lone surrogate") from None
    elif isinstance(value, dict):
        for name, member in value.items():
            _require_encodable(name)
            _require_encodable(member)
    elif isinstance(value, list):
        for member in value:
            _require_encodable(member)
