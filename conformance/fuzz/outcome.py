"""What a fuzzing run is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FuzzSettings:
    """How much to send.

    `examples`: generated requests per operation, beside the document's own examples and the boundary cases that
    schemathesis derives from its schemas. `turns`: 202s that the target may give; with 0 no message is sent that could
    start a turn. `seconds`: for the whole run. `seed`: the same seed gives the same requests in the same order.
    """

    examples: int
    turns: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class FuzzFailure:
    """One way in which the target departed from the document, with the first request that showed it.

    `operation` is an operationId. `rule` is the id of the requirement that was broken, and so carries a level: what
    follows from a SHOULD fact never counts as more. `curl` has the key replaced by $NEO_API_KEY.
    """

    operation: str
    rule: str
    expected: str
    came: str
    curl: str
    seed: int

    def __str__(self) -> str:
        return (
            f"{self.operation} breaks {self.rule}\n  expected: {self.expected}\n  came:     {self.came}\n"
            f"  sent:     {self.curl}\n  seed:     {self.seed}"
        )


@dataclass(frozen=True)
class FuzzReport:
    """What was found and what it cost: requests sent, turns started (202s seen), seconds, requests by operationId.

    `per_operation` has every operation that was to be fuzzed. One with 0 was not judged at all: there was no session
    (`unasked` says why), or no time for it, as when the target's rate limit was used up.
    """

    failures: tuple[FuzzFailure, ...]
    requests: int
    turns: int
    seconds: float
    per_operation: Mapping[str, int]
    unasked: str = ""
