"""What a run of histories is told, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.findings import Violation
from conformance.histories.curl_lines import curl_lines
from conformance.histories.steps import Step
from conformance.histories.verdicts import Broken
from conformance.recording import Recording


@dataclass(frozen=True)
class HistorySettings:
    """``turns`` that may begin, ``seconds`` for all, shrinking included. The same ``seed`` draws the same histories.

    ``corpus``: the folder in which interesting examples are kept between runs; None: nowhere. ``leaving_out``: requirements
    that are not judged, for they are waived. ``shrinking``: a failure is brought to its shortest history.
    """

    turns: int
    seconds: float
    seed: int
    corpus: Path | None = None
    leaving_out: frozenset[str] = frozenset()
    shrinking: bool = True


@dataclass(frozen=True)
class FailedHistory:
    """The shortest history that showed a requirement to be broken, and what was recorded when it did.

    ``seen`` so often, in the first history and in shorter ones: once only where the failure did not come again.
    """

    steps: tuple[Step, ...]
    recording: Recording
    broken: tuple[Broken, ...]
    seed: int
    seen: int

    @property
    def rule(self) -> str:
        return self.broken[0].rule

    @property
    def is_must(self) -> bool:
        return self.broken[0].is_must

    @property
    def violation(self) -> Violation:
        return self.broken[0].violation


@dataclass(frozen=True)
class HistoriesReport:
    """What was found, the MUSTs first, and what it cost. ``histories``: how many were played, shrinking included."""

    failures: tuple[FailedHistory, ...]
    histories: int
    turns: int
    requests: int
    seconds: float
    seed: int

    def to_json(self, left_out: Sequence[str] = ()) -> dict[str, Any]:
        """For the report's section on fuzzing: what was played, and each failure with its curl lines."""
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            "turns": self.turns,
            "histories": self.histories,
            "left_out": list(left_out),
            "failures": [
                {
                    "requirement": failure.rule,
                    "came": failure.violation.came,
                    "seen": failure.seen,
                    "steps": [step.to_json() for step in failure.steps],
                    "curl": [str(line) for line in curl_lines(failure.recording)],
                }
                for failure in self.failures
            ],
        }

    @property
    def musts(self) -> Sequence[FailedHistory]:
        """The failures that fail FUZZ-02: it is a MUST, and lends its level to no SHOULD."""
        return [failure for failure in self.failures if failure.is_must]
