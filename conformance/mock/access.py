"""The outermost layer: who is asking, how often, and that every answer is an envelope whatever happens within."""

from __future__ import annotations

import logging
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.accounts import Account
from conformance.mock.answers import ApiError, refusal, unavailable
from conformance.mock.behaviour import Behaviour
from conformance.mock.rate import uncounted
from conformance.mock.settings import RateLimit

API_ROOT = "/public-api"
_OPEN_PATHS = frozenset({API_ROOT + "/openapi.json"})

logger = logging.getLogger(__name__)


class AccessLayer:
    """Authenticates and counts the requests under ``/public-api``, and answers 401, 429 and 500 itself."""

    def __init__(self, app: ASGIApp, behaviour: Behaviour, rate: RateLimit) -> None:
        self._app = app
        self._behaviour = behaviour
        self._rate = rate
        self.client: Redis | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry; what is not HTTP goes straight through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["mock.behaviour"] = self._behaviour
        scope["mock.policy"] = self._behaviour.policy
        scope["mock.started"] = time.perf_counter()
        response = _Started(send)
        try:
            await self._serve(scope, receive, response)
        except Exception:
            # ERR-05: the reason goes to the log and never into the answer.
            logger.exception("a request failed")
            if not response.started:
                await self._refuse(scope, receive, response, ApiError(500, "INTERNAL_ERROR", "Something went wrong."))

    async def _serve(self, scope: Scope, receive: Receive, response: _Started) -> None:
        path = scope["path"]
        if not (path == API_ROOT or path.startswith(API_ROOT + "/")) or path in _OPEN_PATHS:
            await self._app(scope, receive, response)
            return
        account = self._behaviour.account_of([value for name, value in scope["headers"] if name == b"authorization"])
        if account is None:
            # One text for a credential that is missing, malformed or unknown, and it is not repeated (AUTH-02).
            error = ApiError(
                401, "UNAUTHORIZED", "A valid API key is required.", headers={"www-authenticate": "Bearer"}
            )
            await self._refuse(scope, receive, response, error)
            return
        scope["mock.account"] = account
        try:
            assert self.client is not None
            window = await self._behaviour.count_request(self.client, self._rate, account.tenant)
        except RedisError:
            # Without the store no operation can be served; asking it again would only double the wait.
            response.extra = uncounted(self._rate).headers()
            await self._refuse(scope, receive, response, unavailable())
            return
        response.extra = window.headers()
        if window.retry_after is not None:
            error = ApiError(
                429,
                "RATE_LIMITED",
                "Too many requests.",
                {"retry_after": window.retry_after},
                {"retry-after": str(window.retry_after)},
            )
            await self._refuse(scope, receive, response, error)
            return
        await self._app(scope, receive, response)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: ApiError) -> None:
        await refusal(HTTPConnection(scope), error)(scope, receive, send)


def account(connection: HTTPConnection) -> Account:
    """Who asks; only for requests under ``/public-api``, which come here authenticated."""
    found: Account = connection.scope["mock.account"]
    return found


class _Started:
    """A ``send`` that knows whether the answer has begun, and that adds headers to its beginning."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.extra: list[tuple[bytes, bytes]] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers: list[Any] = [*message.get("headers", ()), *self.extra]
            message = {**message, "headers": headers}
        await self._send(message)
