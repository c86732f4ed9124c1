"""Several instances behind one address, each of which says who it is: in a header, or in an error."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from conformance.mock.answering import error, with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, answers
from conformance.mock.variants.registry import variant

_POINT = "instances behind a load balancer"


def _names() -> Iterator[str]:
    while True:
        yield random.choice(("chat-7d9f-alpha", "chat-7d9f-beta"))


def _in_headers(server: Behaviour, names: Iterator[str]) -> Behaviour:
    def change(_: Asking, answer: Answer) -> Answer:
        name = next(names)
        named = answer.with_header("x-backend-server", name)
        return named.with_header("x-canary", "true") if name.endswith("beta") else named

    return server.with_layer(answers(change))


@variant(_POINT)
def instances_at_random(server: Behaviour) -> Behaviour:
    """Each answer names one of two instances in a header; one of them adds a header of its own."""
    return _in_headers(server, _names())


@variant(_POINT)
def instances_in_turns(server: Behaviour) -> Behaviour:
    """Two instances take turns, and each answer names its own in a header."""
    return _in_headers(server, itertools.cycle(("chat-7d9f-alpha", "chat-7d9f-beta")))


@variant(_POINT)
def instances_in_errors(server: Behaviour) -> Behaviour:
    """Each error names one of two instances in its details."""
    names = _names()

    def change(_: Asking, body: Any) -> None:
        body["error"]["details"] = {**(body["error"].get("details") or {}), "instance": next(names)}

    return with_bodies(server, change, when=error)
