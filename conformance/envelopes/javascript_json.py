"""JSON as the AI SDK's client reads it: JavaScript's JSON.parse, then a refusal of keys that could poison a prototype.

Source: `secureJsonParse` in `@ai-sdk/provider-utils`, behind `parseJsonEventStream`. Python's json module is laxer
(NaN, Infinity) and stricter (nesting, very long integers) than JSON.parse, hence this module.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

MAX_NESTING: Final = 400
"""Levels of arrays and objects. JSON.parse has no bound; Python's parser gives up at 1,000 less the caller's depth."""

_EXACT_DIGITS: Final = 300
"""Integers up to this length are kept exact; longer ones become floats, which can be infinite, as in JavaScript."""

# A string that is not closed is taken to the end at once: trying again at each of its quotes would take quadratic time.
_STRING_OR_BRACKET: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class NotJson(ValueError):  # noqa: N818 (named after what the text is)
    """The text is not JSON for the SDK's client. The message says why, without quoting the text at length."""


class TooDeep(NotJson):
    """The text may well be JSON, but this suite cannot tell."""


def loads(text: str) -> Any:
    """Parse JSON as JSON.parse does: duplicate keys, the last one wins; lone surrogates in escapes are kept.

    Raises:
        NotJson: not JSON, or with a key that the SDK forbids.
        TooDeep: nested deeper than MAX_NESTING.
    """
    if _nesting(text) > MAX_NESTING:
        raise TooDeep(f"is nested deeper than {MAX_NESTING} levels, which this suite does not judge")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise NotJson(f"is not JSON: {error.msg} at character {error.pos} of {len(text)}") from None
    except RecursionError:
        raise TooDeep("is nested deeper than this suite can follow here") from None
    _refuse_prototype_keys(value)
    return value


def _nesting(text: str) -> int:
    opened = text.count("[") + text.count("{")
    if opened <= MAX_NESTING:
        return opened
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in ("]", "}"):
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"is not JSON: {name} is no JSON value")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _EXACT_DIGITS else float(digits)


def _refuse_prototype_keys(value: Any) -> None:
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if "__proto__" in node:
                raise NotJson("has a key __proto__, which the SDK's client refuses at any depth")
            constructor = node.get("constructor")
            if isinstance(constructor, dict) and "prototype" in constructor:
                raise NotJson("has a key constructor.prototype, which the SDK's client refuses at any depth")
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
