"""One cell: play the server, judge it, and say what the suite made of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import Literal

from conformance.evidence import VIEWS
from conformance.findings import Violation, judge
from conformance.fuzz.outcome import FuzzSettings
from conformance.journeys.limits import Limits
from conformance.journeys.run import ALL, play, with_what_they_need
from conformance.matrix.cells import FUZZ, HISTORIES, Cell, Kind
from conformance.matrix.shortcuts import part_of
from conformance.offline import judge_recording
from conformance.outcomes import BadInput
from conformance.recording import Recording
from conformance.requirements import catalogue
from conformance.target import Target

CellOutcome = Literal["caught", "elsewhere", "missed", "passed", "false alarm", "blind", "early", "error"]
GOOD: frozenset[CellOutcome] = frozenset({"caught", "passed"})
_BROKEN: frozenset[Kind] = frozenset({"fault", "under-load"})
"""What is not fuzzed unless that is what finds it: it takes much longer than to play."""
_TURNS, _SECONDS = 400, 60.0
"""What histories get for a fault that is made for them."""
_LONGEST_TURN = 10.0
"""Seconds. A mock's turn takes a fraction of one; a fault that never ends it is not waited for as a model would be."""
_LONGEST_TURN_FIRST = 5.0
"""The same, where it is only looked whether the fault shows on a few journeys: what does not is played whole after that."""
_LONGEST_LAWFUL_TURN = 60.0
"""Of a lawful server the turns may have to wait for each other."""


@dataclass(frozen=True)
class FuzzCost:
    """How much fuzzing each lawful server, and each fault of FUZZ-01, gets."""

    examples: int
    seconds: float
    turns: int = 10


_FUZZ_FOR_A_FAULT = FuzzCost(examples=60, seconds=30.0, turns=20)
"""A fault of generated requests gets what a run of the suite would give."""


@dataclass(frozen=True)
class CellResult:
    """What the suite said of one server.

    ``outcome`` of a fault: *caught* by its own requirement, *elsewhere* only, or *missed*. Of a lawful server: *passed*,
    *false alarm* (something failed), or *blind*: a requirement has no verdict that such a server gives evidence for. Of a
    fault that shows only under load: *passed*, *blind*, or *early*: something failed already without load.
    *error*: a mistake of ours. ``failed``, ``untested``, ``unobservable``: reasons by requirement. ``seen``: the journeys
    whose exchanges showed the fault, or the operation that was fuzzed. ``again``: this is the second look, with no others
    beside it.
    """

    kind: str
    name: str
    outcome: CellOutcome
    breaks: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    untested: Mapping[str, str] = field(default_factory=dict)
    unobservable: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    note: str = ""
    seen: tuple[str, ...] = ()
    again: bool = False


def caught_early(cell: Cell, target: Target, journeys: Collection[str]) -> CellResult | None:
    """The fault as those journeys alone show it; None when its own requirement does not fail on them."""
    began = time.monotonic()
    own = cell.breaks[0]
    try:
        recording = play(target, Limits(turn_timeout=_LONGEST_TURN_FIRST), journeys=journeys)
    except BadInput:
        return None
    result = judge_recording(recording, only=[own])[own]
    if result.outcome != "failed":
        return None
    reasons = {"failed": {own: result.reason}, "untested": {}, "unobservable": {}}
    found = _result(cell, reasons, time.monotonic() - began)
    return replace(found, note=f"only {', '.join(sorted(journeys))} was played", seen=seen_in(recording, own))


def caught_by_fuzzing(cell: Cell, target: Target, seed: int, operations: Collection[str]) -> CellResult | None:
    """The fault as generated requests, or generated histories, show it alone; None when its own requirement does not fail.

    ``operations``: those that are sent such requests; none stands for all.
    """
    began = time.monotonic()
    reasons: dict[str, dict[str, str]] = {"failed": {}, "untested": {}, "unobservable": {}}
    seen: tuple[str, ...] = ()
    if cell.breaks[0] == FUZZ:
        seen = _fuzz(target, _FUZZ_FOR_A_FAULT, seed, reasons, operations)
    else:
        _histories(target, _LONGEST_TURN, seed, reasons)
    if not cell.own & set(reasons["failed"]):
        return None
    return replace(_result(cell, reasons, time.monotonic() - began), note="only fuzzing was played", seen=seen)


def seen_in(recording: Recording, requirement: str) -> tuple[str, ...]:
    """The journeys that suffice to see that it is broken; of its tests that fail, of the one with the fewest.

    Those of the exchanges in the evidence may not do: a judge compares them with others. Then up to two more are added.
    """
    failed: list[frozenset[str]] = [
        frozenset(exchange.journey for exchange in finding.evidence) - {"preflight"}
        for _, finding in judge(recording, VIEWS, [requirement]).get(requirement, ())
        if isinstance(finding, Violation)
    ]
    fewest = min((journeys for journeys in failed if journeys), key=len, default=frozenset[str]())
    others = sorted(ALL - fewest, key=lambda journey: sum(e.journey == journey for e in recording.exchanges))
    for more in chain.from_iterable(combinations(others, count) for count in range(0 if fewest else 1, 3)):
        chosen = fewest.union(more)
        part = part_of(recording, with_what_they_need(chosen))
        if judge_recording(part, only=[requirement])[requirement].outcome == "failed":
            return tuple(sorted(chosen))
    return tuple(sorted(fewest))


def judge_cell(cell: Cell, target: Target, fuzz: FuzzCost, seed: int) -> CellResult:
    """Play every journey on the server, judge them all, and fuzz it where that can matter."""
    began = time.monotonic()
    reasons: dict[str, dict[str, str]] = {"failed": {}, "untested": {}, "unobservable": {}}
    longest = _LONGEST_TURN if cell.kind == "fault" else _LONGEST_LAWFUL_TURN
    try:
        recording = play(target, Limits(turn_timeout=longest))
    except BadInput as broken:
        # The server does not even answer the first call: that is seen by whoever runs the suite, but judged by nothing.
        return _result(cell, reasons, time.monotonic() - began, note=str(broken))
    for one, result in judge_recording(recording).items():
        if one not in (FUZZ, HISTORIES) and result.outcome in reasons:
            reasons[result.outcome][one] = result.reason
    if cell.kind not in _BROKEN or FUZZ in cell.breaks:
        _fuzz(target, _FUZZ_FOR_A_FAULT if cell.kind == "fault" else fuzz, seed, reasons)
        _traffic(recording, reasons)
    if HISTORIES in cell.breaks and not cell.own & set(reasons["failed"]):
        _histories(target, longest, seed, reasons)
    whole = _result(cell, reasons, time.monotonic() - began)
    if cell.kind == "under-load" and whole.outcome == "passed":
        return replace(whole, note=f"shows only under load: neo-conformance soak --fault {cell.name}")
    return replace(whole, seen=seen_in(recording, cell.breaks[0])) if whole.outcome == "caught" else whole


def _fuzz(
    target: Target,
    cost: FuzzCost,
    seed: int,
    reasons: Mapping[str, dict[str, str]],
    operations: Collection[str] = (),
) -> tuple[str, ...]:
    """Fuzz those operations, or all; the name of the one that shows something broken."""
    # schemathesis takes more than a second to import, and most cells do without it.
    from conformance.fuzz.operations import ORDER, fuzz_operations

    report = fuzz_operations(
        target.base_url,
        target.api_key,
        target.agent_id,
        FuzzSettings(cost.examples, cost.turns, cost.seconds, seed),
        other_key=target.other_key,
        only=operations or ORDER,
    )
    broken = [failure for failure in report.failures if catalogue()[failure.rule].level == "MUST"]
    unasked = [name for name, count in report.per_operation.items() if count == 0]
    if broken:
        reasons["failed"][FUZZ] = f"{broken[0].operation} breaks {broken[0].rule}: {broken[0].came}"
        return (broken[0].operation,)
    if report.unasked or unasked:
        reasons["untested"][FUZZ] = report.unasked or f"no time was left for {', '.join(unasked)}"
    return ()


def _traffic(recording: Recording, reasons: Mapping[str, dict[str, str]]) -> None:
    """What the journeys recorded, held against the document: the other half of FUZZ-01."""
    from conformance.fuzz.traffic import departures

    for one in departures(recording):
        if catalogue()[one.finding.rule].level == "MUST":
            reasons["failed"].setdefault(FUZZ, f"{one.exchange.name} breaks {one.finding.rule}: {one.finding.came}")
            reasons["untested"].pop(FUZZ, None)
            return


def _histories(target: Target, longest_turn: float, seed: int, reasons: Mapping[str, dict[str, str]]) -> None:
    """What histories find broken, they find of a requirement: that counts as broken beside FUZZ-02."""
    # hypothesis takes a while to import, and most cells do without it.
    from conformance.histories.outcome import HistorySettings
    from conformance.histories.running import run_histories

    report = run_histories(
        target, Limits(turn_timeout=longest_turn), HistorySettings(_TURNS, _SECONDS, seed, shrinking=False)
    )
    for failed in report.failures:
        for one in failed.broken:
            reasons["failed"].setdefault(one.rule, f"{len(failed.steps)} steps: {one.violation.reason}")
    if report.musts:
        must = report.musts[0]
        reasons["failed"][HISTORIES] = f"{len(must.steps)} steps break {must.rule}: {must.violation.reason}"


def _result(cell: Cell, reasons: Mapping[str, Mapping[str, str]], seconds: float, note: str = "") -> CellResult:
    return CellResult(
        cell.kind,
        cell.name,
        _outcome(cell, reasons, note),
        cell.breaks,
        reasons["failed"],
        reasons["untested"],
        reasons["unobservable"],
        round(seconds, 2),
        note,
    )


def _outcome(cell: Cell, reasons: Mapping[str, Mapping[str, str]], note: str) -> CellOutcome:
    failed = reasons["failed"]
    if cell.kind == "fault":
        if cell.own & set(failed):
            return "caught"
        return "elsewhere" if failed else "missed"
    if failed or note:
        return "early" if cell.kind == "under-load" else "false alarm"
    unexplained = set(reasons["unobservable"]) - cell.unobservable
    return "blind" if unexplained or reasons["untested"] else "passed"
