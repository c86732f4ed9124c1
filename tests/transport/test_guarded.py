"""A credential goes to the target's own origin; nothing is written that may not be; headers come in time or not at all."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from conformance.transport.guarded import HEADERS_MOST, GuardedTransport, HeadersTooLarge
from conformance.transport.refused import NotSent


def send(
    url: str, *, method: str = "GET", key: bool = True, read_only: bool = False, fields: int = 3
) -> httpx.Response:
    answer = httpx.Response(200, headers=[(f"x-{n}", "y") for n in range(fields)])
    inner = httpx.MockTransport(lambda _: answer)
    guarded = GuardedTransport(inner, httpx.URL("https://api.test"), 1.0, read_only=read_only)
    headers = {"Authorization": "Bearer x"} if key else {}
    return asyncio.run(guarded.handle_async_request(httpx.Request(method, url, headers=headers)))


@pytest.mark.parametrize(
    "url", ["https://evil.test/", "http://api.test/", "https://api.test:8443/", "https://api.test.evil.test/"]
)
def test_the_credential_goes_nowhere_else(url: str) -> None:
    with pytest.raises(NotSent, match="own origin"):
        send(url)
    assert send(url, key=False).status_code == 200


@pytest.mark.parametrize("url", ["https://api.test/", "https://api.test:443/x", "https://API.test/x"])
def test_it_goes_to_the_target(url: str) -> None:
    assert send(url).status_code == 200


def test_a_run_that_may_not_write() -> None:
    with pytest.raises(NotSent, match="--read-only"):
        send("https://api.test/", method="POST", read_only=True)
    assert send("https://api.test/", read_only=True).status_code == 200


def test_header_fields_are_counted() -> None:
    assert send("https://api.test/", fields=HEADERS_MOST).status_code == 200
    with pytest.raises(HeadersTooLarge):
        send("https://api.test/", fields=HEADERS_MOST + 1)


def test_headers_that_do_not_come() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    guarded = GuardedTransport(httpx.MockTransport(never), httpx.URL("https://api.test"), 0.1)
    with pytest.raises(httpx.ReadTimeout, match="no headers within"):
        asyncio.run(guarded.handle_async_request(httpx.Request("GET", "https://api.test/")))
