"""The turns of a whole soak: each may cost money, so no session begins before its turns were granted."""

from __future__ import annotations


class TurnLedger:
    """The master's. ``most`` None: unbounded."""

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.granted = 0

    def grant(self, wanted: int) -> int:
        """``wanted``, if so many are left; else 0, and nothing more is granted to anybody who wants as many."""
        if self.most is not None and self.granted + wanted > self.most:
            return 0
        self.granted += wanted
        return wanted


class TurnPurse:
    """A worker's: what it was granted and has not used. A worker that dies takes its rest with it: the bound holds."""

    def __init__(self) -> None:
        self.left = 0

    def put(self, turns: int) -> None:
        self.left += turns

    def take(self, turns: int) -> bool:
        """Whether so many were there; then they are taken."""
        if self.left < turns:
            return False
        self.left -= turns
        return True
