"""A firewall before the API: what it takes for an attack never reaches the server, and gets a page of the firewall's own."""

from __future__ import annotations

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.variants.registry import variant

_PAGE = b"<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"
_IN_BODIES = (b"</script>", b"../", b"%00", b"__proto__", b"\\u0000", b"\\r\\n", b"\0")
_IN_PATHS = ("'", "\0")


@variant("firewall before the API")
def firewall(server: Behaviour) -> Behaviour:
    """A body with a script's end, a folder above, a NUL or a prototype's name in it gets a page in HTML and 403."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        suspect = any(mark in asking.body for mark in _IN_BODIES) or any(mark in asking.path for mark in _IN_PATHS)
        if suspect and asking.operation != "upload":
            return Answer(403, ((b"content-type", b"text/html"), (b"server", b"firewall")), _PAGE)
        return await proceed(asking)

    return server.with_layer(around(change))
