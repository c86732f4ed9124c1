"""The last hands that a request goes through: where a credential may go, and how long headers may take."""

from __future__ import annotations

import asyncio

import httpx

from conformance.transport.refused import NotSent

HEADERS_WITHIN = "headers_within"
"""The request's extension with the seconds in which its answer's headers have to be there; absent: the default."""
HEADERS_MOST = 400
"""Header fields of one answer. Servers behind several proxies send some dozens."""
HEADER_BYTES_MOST = 64 * 1024
"""Of all names and values; h11 itself gives up at 100 KB, and leaves the number free."""

SAFE_METHODS = frozenset({"GET", "HEAD"})


class HeadersTooLarge(httpx.ProtocolError):
    """An answer with more header fields than any server needs: it is not read."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends to the target, and a credential to nobody else.

    The time for the headers counts from the moment that the request leaves: httpx bounds each read, and a server that
    sends a byte a second, or one interim answer after another, meets that bound for ever.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, origin: httpx.URL, headers_within: float, *, read_only: bool = False
    ) -> None:
        self._inner = inner
        self._origin = _origin(origin)
        self._headers_within = headers_within
        self._read_only = read_only

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """:raises NotSent: the request would have taken the key elsewhere, or written in a run that may not.

        :raises httpx.ReadTimeout: the headers were not there in time.
        """
        if "authorization" in request.headers and _origin(request.url) != self._origin:
            raise NotSent("not sent: the credential goes to the target's own origin only")
        if self._read_only and request.method not in SAFE_METHODS:
            raise NotSent("not sent: --read-only plays nothing that writes")
        within = request.extensions.get(HEADERS_WITHIN, self._headers_within)
        try:
            response = await asyncio.wait_for(self._inner.handle_async_request(request), within)
        except asyncio.TimeoutError:
            raise httpx.ReadTimeout(f"no headers within {within:g} s", request=request) from None
        raw = response.headers.raw
        if len(raw) > HEADERS_MOST or sum(len(name) + len(value) for name, value in raw) > HEADER_BYTES_MOST:
            await response.aclose()
            raise HeadersTooLarge(f"{len(raw)} header fields, more than are read")
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    ports = {"http": 80, "https": 443}
    return url.scheme, url.host, url.port if url.port is not None else ports.get(url.scheme)
