"""What a server does, as one value: each field is a seam at which a variation or a fault can be attached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

from redis.asyncio import Redis
from starlette.requests import Request
from starlette.types import ASGIApp

from conformance.mock.accounts import Account, account_of
from conformance.mock.grants import check_signature, grant_upload, record_upload
from conformance.mock.json_body import read_object
from conformance.mock.listening import Listener
from conformance.mock.messages import Submission, append_message, list_messages, read_submission
from conformance.mock.policy import Policy
from conformance.mock.rate import Window, count_request
from conformance.mock.script import Step, Turn, steps
from conformance.mock.sessions import create_session, require_session
from conformance.mock.settings import RateLimit
from conformance.mock.sse import Frame, Item, Signal, lines_of
from conformance.mock.tail import Asked, Tail, frames, tail_from

Json = dict[str, Any]
Layer = Callable[[ASGIApp], ASGIApp]
Stage = Literal["meaning", "names", "spelling", "coding", "framing"]
"""What a layer changes: what an answer says; the ids in it; how its JSON is written; its compression; headers and bytes."""
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""From the inside out: what reads an answer as JSON has to be within what compresses it."""
Sends = AsyncIterator[Frame | Signal]


def unheard(session: str, newest: str) -> None:
    """Nobody is told."""
    del session, newest


@dataclass(frozen=True)
class Behaviour:
    """The parts of a server; the defaults are the reference.

    A change wraps the part that is there (``replace(behaviour, tail_from=changed(behaviour.tail_from))``), so several can
    be attached to one server. A part may keep state of its own: a behaviour belongs to one server process.
    """

    policy: Policy = field(default_factory=Policy)
    account_of: Callable[[list[bytes]], Account | None] = account_of
    count_request: Callable[[Redis, RateLimit, str], Awaitable[Window]] = count_request
    read_object: Callable[[Request], Awaitable[Json]] = read_object
    require_session: Callable[[Redis, Account, str], Awaitable[None]] = require_session
    create_session: Callable[[Redis, Policy, Account, Json], Awaitable[Json]] = create_session
    read_submission: Callable[[Redis, Policy, str, Json], Awaitable[Submission]] = read_submission
    append_message: Callable[[Redis, Policy, str, Submission], Awaitable[Json]] = append_message
    list_messages: Callable[[Redis, Policy, str, str | None, str | None], Awaitable[tuple[list[Json], Json]]] = (
        list_messages
    )
    grant_upload: Callable[[Redis, Policy, str, Json, str], Awaitable[Json]] = grant_upload
    check_signature: Callable[[Redis, str, str, str], Awaitable[Json]] = check_signature
    record_upload: Callable[[Redis, str, Json, bytes], Awaitable[None]] = record_upload
    tail_from: Callable[[Redis, Policy, str, Asked], Awaitable[str]] = tail_from
    frames: Callable[[Redis, Policy, Tail, asyncio.Event], Sends] = frames
    listener: Callable[[Redis, asyncio.Event], Listener] = Listener
    """Who tells the tails of a process what was written."""
    wrote: Callable[[str, str], None] = unheard
    """Told of each step that a turn of this process has written: the session, and its newest event."""
    lines: Callable[[Policy, Item], list[str]] = lines_of
    steps: Callable[[Turn, Policy], list[Step]] = steps
    layers: tuple[tuple[Stage, Layer], ...] = ()
    """ASGI layers around the whole application. In each stage the first is the innermost; :meth:`in_order` has them all."""

    def with_policy(self, given: Mapping[str, Any]) -> Behaviour:
        """This server with other values for some fields of its policy.

        :raises ValueError: as :meth:`Policy.with_fields`.
        """
        return replace(self, policy=self.policy.with_fields(given))

    def with_layer(self, layer: Layer, stage: Stage = "meaning") -> Behaviour:
        """This server with one more layer around it: the outermost of its stage, whatever was attached before or after."""
        return replace(self, layers=(*self.layers, (stage, layer)))

    def in_order(self) -> list[Layer]:
        """The layers, the innermost first."""
        return [layer for stage in STAGES for of, layer in self.layers if of == stage]
