"""``conformance.json``: the run as one JSON document (spec/report.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.journeys.cost import Spent
from conformance.observations import Observation
from conformance.recording_file import write_whole
from conformance.requirements import Level
from conformance.verdict import RequirementResult, Verdict, counts

FORMAT = 1
FILE_NAME = "conformance.json"


@dataclass(frozen=True)
class RunFigures:
    """What the run was and cost. ``turns`` and ``requests`` by who spent them: ``scenarios``, ``fuzzing``."""

    target: str
    embedded: bool
    spec: str
    suite: str
    started: str
    seconds: float
    turns: Mapping[str, int]
    requests: Mapping[str, int]
    journeys: Mapping[str, Spent] = field(default_factory=dict)
    fuzzing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def document(
    word: Verdict,
    level: Level,
    figures: RunFigures,
    results: Sequence[RequirementResult],
    observations: Sequence[Observation],
    breaks: Sequence[Mapping[str, str]],
    *,
    interrupted: bool = False,
) -> dict[str, Any]:
    """The report as JSON values, as spec/report.schema.json describes them."""
    return {
        "format": FORMAT,
        "verdict": word,
        "interrupted": interrupted,
        "level": level,
        "target": figures.target,
        "embedded_mock": figures.embedded,
        "spec": figures.spec,
        "suite": figures.suite,
        "started": figures.started,
        "seconds": round(figures.seconds, 3),
        "turns": sum(figures.turns.values()),
        "requests": sum(figures.requests.values()),
        "spent": {
            who: {"turns": figures.turns.get(who, 0), "requests": figures.requests.get(who, 0)}
            for who in sorted({*figures.turns, *figures.requests})
        },
        "journeys": {
            name: {
                "turns": one.turns,
                "requests": one.requests,
                "bytes_sent": one.sent,
                "bytes_received": one.received,
                "seconds": round(one.seconds, 3),
            }
            for name, one in figures.journeys.items()
        },
        "fuzzing": {who: dict(sent) for who, sent in figures.fuzzing.items()},
        "counts": counts(results),
        "requirements": [_requirement(result) for result in results],
        "observations": [{"about": one.about, "value": one.value} for one in observations],
        "breaks": [dict(one) for one in breaks],
    }


def write(value: Mapping[str, Any], folder: Path) -> Path:
    """Write the report into the folder, whole or not at all.

    :raises OSError: when it cannot be written.
    """
    path = folder / FILE_NAME
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    return path


def _requirement(result: RequirementResult) -> dict[str, Any]:
    requirement = result.requirement
    return {
        "id": requirement.id,
        "level": requirement.level,
        "title": requirement.title,
        "page": requirement.page,
        "outcome": result.outcome,
        "reason": result.reason,
        "tests": [{"test": t.test, "outcome": t.outcome, "reason": t.reason} for t in result.tests],
        "evidence": [dict(one) for test in result.tests for one in test.evidence],
    }
