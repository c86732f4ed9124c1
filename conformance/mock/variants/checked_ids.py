"""Ids of sessions whose form is looked at before they are looked up: a malformed one is 422, not 404 (G6)."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.variants.registry import variant

_POINT = "form of session ids, and that it is looked at"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SNOWFLAKES = 2**63


def _renamed(server: Behaviour, make: Callable[[], str], good: Callable[[str], bool]) -> Behaviour:
    """Sessions have other ids outside than within; one that ``good`` does not take is refused as malformed."""
    inside: dict[str, str] = {}
    outside: dict[str, str] = {}

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation == "create":
            answer = await proceed(asking)
            if answer is None or answer.status >= 300:
                return answer
            body, shown = answer.json, make()
            inside[shown], outside[body["data"]["id"]] = body["data"]["id"], shown
            body["data"]["id"] = shown
            return answer.with_json(body)
        if not asking.path.startswith("/public-api/chat/sessions/"):
            return await proceed(asking)
        given = asking.path.removeprefix("/public-api/chat/sessions/").partition("/")[0]
        name = inside.get(given, "00000000-0000-4000-8000-000000000000")
        answer = await proceed(replace(asking, path=asking.path.replace(given, name)))
        if answer is None or good(given) or answer.status != 404:
            return answer
        body = answer.json
        body["error"] = {"code": "validation_error", "message": "This is no id of a session."}
        return replace(answer.with_json(body), status=422)

    return server.with_layer(around(change), "names")


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


@variant(_POINT, id_form="uuid")
def session_ids_ulid(server: Behaviour) -> Behaviour:
    """Session ids are ULIDs, and a letter that their alphabet has not is refused."""

    def make() -> str:
        number = (_milliseconds() << 80) | secrets.randbits(80)
        return "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in range(25, -1, -1))

    return _renamed(server, make, lambda given: len(given) == 26 and set(given) <= set(_CROCKFORD) and given[0] < "8")


@variant(_POINT, id_form="uuid")
def session_ids_uuid_7(server: Behaviour) -> Behaviour:
    """Session ids are uuids of version 7, and one of another version is refused."""
    form = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

    def make() -> str:
        time_part, chance = f"{_milliseconds():012x}", secrets.token_hex(10)
        return f"{time_part[:8]}-{time_part[8:]}-7{chance[:3]}-8{chance[3:6]}-{chance[6:18]}"

    return _renamed(server, make, lambda given: form.fullmatch(given) is not None)


@variant(_POINT, id_form="uuid")
def session_ids_snowflake(server: Behaviour) -> Behaviour:
    """Session ids are numbers of 19 digits, and one that 63 bits do not hold is refused."""

    def make() -> str:
        return str((_milliseconds() << 22) | secrets.randbits(22))

    return _renamed(server, make, lambda given: given.isascii() and given.isdigit() and int(given) < _SNOWFLAKES)
