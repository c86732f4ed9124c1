"""A gateway before the API that has nothing behind it now and then: a client is told to try again (G8)."""

from __future__ import annotations

import itertools

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.variants.registry import variant

_PAGE = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


# What is asked again half a second later is asked when a short turn is over: then it shows no streaming.
@variant("outages of a gateway", hides=("EVT-07", "CUR-11", "IDEM-05"))
def outages_now_and_then(server: Behaviour) -> Behaviour:
    """Each 23rd request gets a 503 in HTML from the gateway, and never reaches the server; the next attempt does."""
    numbers = itertools.count(1)
    met: set[tuple[str, ...]] = set()

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        # By chance one request could meet three outages in a row, which a client need not bear.
        request = (asking.method, asking.path, asking.query_string, repr(asking.headers), repr(asking.body))
        if asking.operation != "upload" and request not in met and next(numbers) % 23 == 0:
            met.add(request)
            return Answer(503, ((b"content-type", b"text/html"),), _PAGE)
        return await proceed(asking)

    return server.with_layer(around(change))
