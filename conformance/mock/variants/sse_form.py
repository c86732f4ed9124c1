"""The freedoms of the event stream's text: line ends, fields, comments, names (WHATWG, and E6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from conformance.mock.behaviour import Behaviour
from conformance.mock.policy import Policy
from conformance.mock.sse import Frame, Item
from conformance.mock.variants.registry import policy_variant, variant

_ENDS = "SSE line ends"
policy_variant("lines-end-with-crlf", _ENDS, "Lines end with CRLF.", newline="crlf")
policy_variant("lines-end-with-cr", _ENDS, "Lines end with CR.", newline="cr")
policy_variant("lines-end-mixed", _ENDS, "Lines end with LF, CRLF and CR in turn.", newline="mixed")
policy_variant(
    "odd-opening",
    "SSE opening",
    "The stream begins with a byte order mark and a retry line.",
    bom=True,
    retry_ms=2500,
)
policy_variant(
    "data-on-many-lines", "SSE data lines", "Each envelope is spread over several data lines.", split_data=True
)
policy_variant(
    "line-separators",
    "SSE data",
    "The text has U+2028, U+2029 and U+0085, which are no line ends.",
    line_separators=True,
)
policy_variant("named-message", "E6 event names", "Every event has the name message.", event_name="message")


def _with_lines(server: Behaviour, change: Callable[[Item, list[str]], list[str]]) -> Behaviour:
    def lines(policy: Policy, item: Item) -> list[str]:
        return change(item, server.lines(policy, item))

    return replace(server, lines=lines)


@variant("E6 event names", event_name="")
def named_by_type(server: Behaviour) -> Behaviour:
    """Every event has the name of its envelope's type."""

    def change(item: Item, lines: list[str]) -> list[str]:
        return [f"event: {json.loads(item.chunk)['type']}", *lines] if isinstance(item, Frame) else lines

    return _with_lines(server, change)


@variant("SSE comments")
def comments_within_events(server: Behaviour) -> Behaviour:
    """A comment stands before and after every line of an event."""

    def change(_: Item, lines: list[str]) -> list[str]:
        return [":", *(line for one in lines for line in (one, ": data: {}"))]

    return _with_lines(server, change)


@variant("SSE fields")
def odd_fields(server: Behaviour) -> Behaviour:
    """The id follows the data, no colon has a blank after it, an id and a name are given twice, others are unknown."""

    def change(item: Item, lines: list[str]) -> list[str]:
        bare = sorted((line.replace(": ", ":", 1) for line in lines), key=lambda line: line.startswith("id:"))
        if not isinstance(item, Frame) or item.event is None:
            return bare
        return ["trace: 4bf92f35", "x-empty", "id: 1-1", "event: other", "event", "Data: no", *bare]

    return _with_lines(server, change)
