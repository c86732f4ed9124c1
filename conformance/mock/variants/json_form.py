"""The freedoms of JSON: white space, escapes, numbers, order (RFC 8259)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, answers
from conformance.mock.sse import Frame
from conformance.mock.tail import Tail
from conformance.mock.variants.registry import variant
from conformance.mock.wrapping import with_frames


def _written(server: Behaviour, write: Callable[[Any], str]) -> Behaviour:
    def change(_: Asking, answer: Answer) -> Answer:
        body = answer.json
        return answer if body is None else replace(answer, body=write(body).encode())

    return server.with_layer(answers(change), "spelling")


def _in_escapes(value: Any) -> str:
    """JSON in which every character of a string is an escape, or two."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_in_escapes(name)}:{_in_escapes(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_in_escapes, value)) + "]"
    if isinstance(value, str):
        units = value.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[i]:02X}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'
    return json.dumps(value)


@variant("JSON white space and escapes")
def json_of_escapes(server: Behaviour) -> Behaviour:
    """Every character of a string is an escape: ``\\u0041``."""
    return _written(server, _in_escapes)


@variant("JSON white space and escapes")
def json_pretty(server: Behaviour) -> Behaviour:
    """JSON is written on many lines with tabs, CRLF and white space around it, in ASCII."""
    return _written(server, lambda body: "\r\n\t " + json.dumps(body, indent="\t").replace("\n", "\r\n") + " \n")


@variant("JSON numbers")
def json_numbers_with_fractions(server: Behaviour) -> Behaviour:
    """Whole numbers are written with a fraction: ``17.0`` is the number 17."""

    def floating(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: floating(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [floating(inner) for inner in value]
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
        return float(value) if whole else value

    return _written(server, lambda body: json.dumps(floating(body), ensure_ascii=False))


def _shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        names = list(value)
        random.shuffle(names)
        return {name: _shuffled(value[name]) for name in names}
    return [_shuffled(one) for one in value] if isinstance(value, list) else value


@variant("JSON order of members")
def json_in_any_order(server: Behaviour) -> Behaviour:
    """The members of an object come in another order each time, in answers and in envelopes, also when these are read again."""

    def change(_: Tail, frame: Frame) -> list[Frame]:
        return [replace(frame, chunk=json.dumps(_shuffled(json.loads(frame.chunk)), ensure_ascii=False))]

    return _written(with_frames(server, change), lambda body: json.dumps(_shuffled(body), ensure_ascii=False))


@variant("JSON of envelopes")
def envelopes_of_escapes(server: Behaviour) -> Behaviour:
    """Envelopes are ASCII with blanks between their members; a character beyond is an escape, or two."""

    def change(_: Tail, frame: Frame) -> list[Frame]:
        return [replace(frame, chunk=" " + json.dumps(json.loads(frame.chunk), ensure_ascii=True) + " ")]

    return with_frames(server, change)
