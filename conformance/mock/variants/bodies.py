"""How request bodies are read, where no page says how (RFC 8259 lets a parser take more than JSON)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from starlette.requests import Request

from conformance.mock.answers import ApiError, policy_of
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.json_body import read_bounded
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.settings import MAX_BODY_BYTES
from conformance.mock.variants.registry import policy_variant, variant

policy_variant("null-tier-refused", "M5 null", "A null as model_tier is bad input.", null_tier="refuse")
policy_variant("null-tier-as-fast", "M5 null", "A null as model_tier means FAST.", null_tier="fast")

_KNOWN = frozenset({"message", "attachments", "client_message_id", "model_tier"})


@variant("unknown fields of a request")
def unknown_request_fields_refused(server: Behaviour) -> Behaviour:
    """A message with a field that no page names is bad input."""

    async def read_submission(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        submission = await server.read_submission(client, policy, session, given)
        if not given.keys() <= _KNOWN:
            raise ApiError(policy.invalid_status, "validation_error", "The message has a field that is not known.")
        return submission

    return replace(server, read_submission=read_submission)


@variant("JSON that a parser takes")
def lenient_parser(server: Behaviour) -> Behaviour:
    """A body may begin with a byte order mark, name a member twice, and have half a surrogate pair, which is replaced."""

    async def read_object(request: Request) -> Json:
        body = await read_bounded(request, MAX_BODY_BYTES, "The request body")
        refused = ApiError(policy_of(request).invalid_status, "BAD_REQUEST", "The body is no JSON object.")
        try:
            value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant, parse_int=_integer)
        except (ValueError, RecursionError):
            raise refused from None
        if not isinstance(value, dict):
            raise refused
        whole: Json = _encodable(value)
        return whole

    return replace(server, read_object=read_object)


def _no_constant(_: str) -> None:
    raise ValueError


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 1_000 else float(digits)


def _encodable(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if depth > 64:
        return None
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner, depth + 1) for name, inner in value.items()}
    return [_encodable(one, depth + 1) for one in value] if isinstance(value, list) else value


@variant("content type of a request")
def any_content_type(server: Behaviour) -> Behaviour:
    """A body is read as JSON, whatever its content type says."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation in ("create", "append", "grant"):
            asking = replace(asking, headers={**asking.headers, "content-type": "application/json"})
        return await proceed(asking)

    return server.with_layer(around(change))


@variant("largest body")
def bodies_of_64_kilobytes(server: Behaviour) -> Behaviour:
    """A JSON body of more than 64 KB is answered 413."""

    async def read_object(request: Request) -> Json:
        if int(request.headers.get("content-length", "0")) > 65_536:
            await read_bounded(request, 65_536, "The request body")
        return await server.read_object(request)

    return replace(server, read_object=read_object)
