"""What a fuzzing run is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.requirements import catalogue


@dataclass(frozen=True)
class FuzzSettings:
    """How much to send.

    `examples`: generated requests per operation, beside the document's own examples, the literals, and the boundary
    cases that schemathesis derives from its schemas. `turns`: 202s that the target may give; with 0 no message is sent
    that could start a turn. `seconds`: for the whole run. `seed`: the same seed gives the same requests in the same order
    (those that start no turn go out a few at a time, and may overtake each other).
    """

    examples: int
    turns: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class FuzzFailure:
    """One way in which the target departed from the document, with the shortest request found that shows it.

    `operation` is an operationId. `rule` is the id of the requirement that was broken, and so carries a level: what
    follows from a SHOULD fact never counts as more. `curl` has each key replaced by the variable that holds it.
    """

    operation: str
    rule: str
    expected: str
    came: str
    curl: str
    seed: int

    @property
    def page(self) -> str:
        """Where the rule is stated, or what it follows from."""
        return catalogue()[self.rule].page

    def __str__(self) -> str:
        return (
            f"{self.operation} breaks {self.rule}\n  page:     {self.page}\n  expected: {self.expected}\n"
            f"  came:     {self.came}\n  sent:     {self.curl}\n  seed:     {self.seed}"
        )


@dataclass(frozen=True)
class FuzzReport:
    """What was found and what it cost: requests sent, turns started (202s seen), seconds, requests by operationId.

    `per_operation` has every operation that was to be fuzzed. One with 0 was not judged at all: there was no session
    (`unasked` says why), or no time for it, as when the target's rate limit was used up. `origins` counts, by operation,
    how cases were come by and what they were given; a case counts under several. `left_out`: what was not sent, and why.
    """

    failures: tuple[FuzzFailure, ...]
    requests: int
    turns: int
    seconds: float
    per_operation: Mapping[str, int]
    unasked: str = ""
    seed: int = 0
    origins: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The part of conformance.json that says what was sent."""
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            "turns": self.turns,
            "operations": {
                name: {"requests": count, "origins": dict(sorted(self.origins.get(name, {}).items()))}
                for name, count in self.per_operation.items()
            },
            "left_out": [*self.left_out, *([self.unasked] if self.unasked else [])],
        }
