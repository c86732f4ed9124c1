"""Names that this vendor gives to things: ULIDs with a prefix, or plain numbers."""

from __future__ import annotations

import itertools
import secrets
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid() -> str:
    """Twenty-six characters of Crockford's base 32: 48 bits of time, 80 of chance."""
    number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


class Names:
    """Gives out identifiers, in the form that the vendor prefers."""

    def __init__(self, numeric: bool) -> None:
        self._numbers = itertools.count(100_001) if numeric else None

    def new(self, prefix: str) -> str:
        """An identifier that was never given out before."""
        if self._numbers is not None:
            return str(next(self._numbers))
        return f"{prefix}_{ulid()}"
