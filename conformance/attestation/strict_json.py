"""JSON that has to be one certain sequence of bytes: whatever else says the same is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, Final, NoReturn

from conformance.attestation.refusals import Unusable

MAX_DEPTH: Final = 16
"""Lists and objects within one another; a statement has six."""


def canonical(value: Any) -> bytes:
    """``value`` as the one text that stands for it: keys sorted, nothing between the tokens, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def parse_canonical(content: bytes, what: str) -> Any:
    """The value that ``content`` is the canonical form of. ``what`` names it in the line.

    :raises Unusable: it is no JSON, gives a name twice, is nested too deeply, or is written in another form.
    """
    if _depth(content) > MAX_DEPTH:
        raise Unusable(f"{what} is nested more deeply than any attestation")
    try:
        value = json.loads(content.decode("ascii"), object_pairs_hook=_unique, parse_constant=_no_number)
        written = canonical(value)
    except (ValueError, RecursionError) as problem:
        twice = f": {problem}" if isinstance(problem, _TwiceNamedError) else ""
        raise Unusable(f"{what} is not the JSON of an attestation{twice}") from None
    if written != content:
        raise Unusable(f"{what} is not in the form in which it was written: a byte of it was changed, added or removed")
    return value


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a file, read once: whoever digests and whoever parses them must have the same.

    :raises Unusable: it is not there, no regular file, or larger than ``most`` bytes.
    """
    name = path.name
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unusable(f"{name!r} is not a file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise Unusable(f"{name!r}: {error.strerror}") from None
    except ValueError:
        raise Unusable(f"{name!r} is no name of a file") from None
    if len(content) > most:
        raise Unusable(f"{name!r} is larger than it can be ({most} bytes)")
    return content


class _TwiceNamedError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceNamedError(f"{name[:40]!r} stands twice in one object")
        found[name] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _depth(content: bytes) -> int:
    """The deepest nesting, counted before anything is parsed; brackets in strings are not counted."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in content:
        if in_string:
            escaped, in_string = (False, True) if escaped else (byte == 0x5C, byte != 0x22)
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
