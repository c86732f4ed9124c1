"""What the scenarios find in the recording of a history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from conformance import scenarios
from conformance.evidence import VIEWS
from conformance.findings import Violation, judge
from conformance.judging.casting import castings
from conformance.recording import Recording
from conformance.requirements import catalogue


@dataclass(frozen=True)
class Broken:
    """A requirement that a history shows to be broken; ``violation`` has the exchanges that show it."""

    rule: str
    violation: Violation

    @property
    def is_must(self) -> bool:
        return catalogue()[self.rule].level == "MUST"


def broken_rules(recording: Recording, leaving_out: Collection[str] = ()) -> list[Broken]:
    """Every requirement that the recording shows to be broken, once each; those of level MUST first.

    That something cannot be judged is no finding: a history plays what it plays.
    """
    scenarios.load()
    found: dict[str, Broken] = {}
    for casting in castings(recording):
        rules = casting.rules - set(leaving_out) - set(found)
        for rule, judged in judge(casting.recording, VIEWS, rules).items():
            if rule not in rules:
                continue
            for _, finding in judged:
                if isinstance(finding, Violation):
                    found.setdefault(rule, Broken(rule, finding))
    return sorted(found.values(), key=lambda one: (not one.is_must, one.rule))
