"""Who is let in without a good credential (AUTH-01)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

from conformance.mock.accounts import FIRST_MOCK_KEY, MOCK_KEYS, Account
from conformance.mock.answering import with_answers
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around

_PREFIX = 20


def _let_in(server: Behaviour, when: Callable[[Asking], bool]) -> Behaviour:
    """Such requests are served for the first tenant, whatever their credential; as where the check does not run."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        good = asking.headers.get("authorization", "") in {f"Bearer {key}" for key in MOCK_KEYS.values()}
        if good or not when(asking):
            return await proceed(asking)
        headers = {**asking.headers, "authorization": f"Bearer {FIRST_MOCK_KEY}"}
        return await proceed(replace(asking, headers=headers))

    return server.with_layer(around(change))


@fault("AUTH-01", mistake="EventSource cannot send a header, so the stream was left open 'for now'")
def open_tail(server: Behaviour) -> Behaviour:
    """The tail needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "tail")


@fault("AUTH-01", mistake="a router for the reading routes, to which the dependency was not added")
def open_replay(server: Behaviour) -> Behaviour:
    """The replay needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "replay")


@fault("AUTH-01", mistake="the upload route was added later, outside of the guarded group")
def open_grant(server: Behaviour) -> Behaviour:
    """The upload-url needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "grant")


@fault("AUTH-01", mistake="the widget on a public web page creates sessions, and the check was dropped for it")
def open_creation(server: Behaviour) -> Behaviour:
    """A new session needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "create")


@fault("AUTH-01", mistake="the id of the session is taken for a secret, and who knows it may write to it")
def open_messages(server: Behaviour) -> Behaviour:
    """Appending a message needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "append")


@fault("AUTH-01", mistake="a reconnect is trusted: its first connection was checked")
def open_tail_with_a_cursor(server: Behaviour) -> Behaviour:
    """A tail with a since or a Last-Event-Id needs no credential."""

    def resumed(asking: Asking) -> bool:
        return asking.operation == "tail" and ("since" in asking.query or "last-event-id" in asking.headers)

    return _let_in(server, resumed)


@fault("AUTH-01", mistake="the rule of the gateway is for the exact URL, without a query")
def open_replay_with_a_query(server: Behaviour) -> Behaviour:
    """A replay with a query needs no credential."""
    return _let_in(server, lambda asking: asking.operation == "replay" and bool(asking.query_string))


@fault("AUTH-01", mistake="the middleware looks at requests of the exact type application/json only")
def open_with_a_charset(server: Behaviour) -> Behaviour:
    """A request whose content type has a charset needs no credential."""

    def other_type(asking: Asking) -> bool:
        return asking.method == "POST" and ";" in asking.headers.get("content-type", "")

    return _let_in(server, other_type)


@fault("AUTH-01", mistake="HTTPBearer of FastAPI, whose auto_error is a 403 for a header that is missing")
def missing_credential_is_403(server: Behaviour) -> Behaviour:
    """Without an Authorization header the answer is 403."""

    def change(asking: Asking, answer: Answer) -> Answer:
        return answer if "authorization" in asking.headers else replace(answer, status=403)

    return with_answers(server, change, when=lambda status: status == 401)


@fault("AUTH-01", mistake="keys are found by their prefix, as it is shown in the console, and the rest is not compared")
def key_by_its_prefix(server: Behaviour) -> Behaviour:
    """A key is known by its first characters, whatever follows."""

    def account_of(authorization: list[bytes]) -> Account | None:
        if len(authorization) == 1:
            for key in MOCK_KEYS.values():
                if authorization[0].startswith(b"Bearer " + key[:_PREFIX].encode()):
                    return server.account_of([f"Bearer {key}".encode()])
        return server.account_of(authorization)

    return replace(server, account_of=account_of)


@fault("AUTH-01", mistake="header.split(' ')[-1]: whatever stands before the key is dropped")
def any_scheme(server: Behaviour) -> Behaviour:
    """A key is good under any scheme, and under none."""

    def account_of(authorization: list[bytes]) -> Account | None:
        last = [value.split(b" ")[-1] for value in authorization]
        return server.account_of([b"Bearer " + token for token in last])

    return replace(server, account_of=account_of)


@fault("AUTH-01", mistake="jwt.decode(token, options={'verify_signature': False}), left from a test")
def unsigned_token_accepted(server: Behaviour) -> Behaviour:
    """A token with the claims of a JWT is good, signed or not."""

    def account_of(authorization: list[bytes]) -> Account | None:
        parts = authorization[0].removeprefix(b"Bearer ").split(b".") if len(authorization) == 1 else []
        if len(parts) == 3 and authorization[0].startswith(b"Bearer ") and _is_object(parts[0]):
            return server.account_of([f"Bearer {FIRST_MOCK_KEY}".encode()])
        return server.account_of(authorization)

    return replace(server, account_of=account_of)


def _is_object(part: bytes) -> bool:
    try:
        return isinstance(json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))), dict)
    except ValueError:
        return False
