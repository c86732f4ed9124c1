"""All cells, several at a time, each worker with its own process for the mocks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace

from conformance.journeys.run import play
from conformance.matrix.cells import Cell
from conformance.matrix.judging import GOOD, CellResult, FuzzCost, caught_by_fuzzing, caught_early, judge_cell
from conformance.matrix.packs import as_one, packs
from conformance.matrix.seen import seen_before
from conformance.matrix.shortcuts import Shortcuts, shortcuts
from conformance.matrix.stable import Stable
from conformance.outcomes import OurMistake
from conformance.target import Target

MOST_AGAIN = 15
"""Servers that are judged a second time, alone."""
_stable: Stable | None = None


@dataclass(frozen=True)
class Plan:
    """How cells are judged: ``jobs`` at a time, with turns of that length.

    ``quick``: a fault is looked for where it suffices to look (a few journeys, or the fuzzing alone) before all is done, and
    variants are judged several at once, and in halves and one by one only where that did not pass.
    """

    jobs: int
    turn_seconds: float
    fuzz: FuzzCost
    seed: int
    quick: bool = False
    shortcuts: Shortcuts = field(default_factory=dict)
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)


def results(cells: Sequence[Cell], plan: Plan) -> Generator[CellResult, None, None]:
    """The result of each cell, as it comes.

    :raises OurMistake: a worker process ended by itself.
    """
    if plan.quick:
        plan = replace(plan, seen=seen_before())
        unknown = [c for c in cells if c.kind == "fault" and not c.is_found_by_fuzzing and c.name not in plan.seen]
        if unknown:
            plan = replace(plan, shortcuts=_shortcuts(plan.turn_seconds))
    tasks = packs(cells) if plan.quick else [(cell,) for cell in cells]
    # A stable sort: what takes its time, and most of it waits, must not be what all wait for in the end.
    tasks.sort(key=lambda task: not task[0].is_found_by_fuzzing)
    # Spawned and not forked: what this process has imported and opened is no business of a worker.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(plan.jobs, mp_context=context, initializer=_open_stable)
    try:
        futures = [pool.submit(_judged, task, plan) for task in tasks]
        doubtful: list[CellResult] = []
        for future in as_completed(futures):
            for one in future.result():
                if one.outcome in GOOD:
                    yield one
                else:
                    doubtful.append(one)
        yield from _alone(pool, doubtful, {(cell.kind, cell.name): cell for cell in cells}, plan)
    except BrokenProcessPool as broken:
        raise OurMistake("a worker of the matrix ended by itself") from broken
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _alone(
    pool: ProcessPoolExecutor, doubtful: Sequence[CellResult], cells: Mapping[tuple[str, str], Cell], plan: Plan
) -> Generator[CellResult, None, None]:
    """What did not come out well among others on a crowded machine is judged whole once more, with nothing beside it.

    Both outcomes are told. More than a few are no matter of the crowd, and are left as they are.
    """
    for first in doubtful:
        if len(doubtful) > MOST_AGAIN:
            yield first
            continue
        again = pool.submit(_whole_one, cells[first.kind, first.name], plan).result()
        yield replace(
            again, note=f"judged again alone: at first it was {first.outcome}. {again.note}".strip(), again=True
        )


def default_jobs() -> int:
    """Four times the processors: most of the time of a server is waiting for turns."""
    return 4 * (os.cpu_count() or 1)


def _shortcuts(turn_seconds: float) -> Shortcuts:
    with Stable() as stable:
        return shortcuts(play(stable.start(Cell("reference", "reference"), turn_seconds)))


def _open_stable() -> None:
    global _stable
    # Ctrl-C is for the process that the user started; a cell that is under way is finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stable = Stable().__enter__()


def _reopen_stable() -> None:
    """A new process for the mocks: what went wrong in one cell must not go on in the next."""
    if _stable is not None:
        _stable.__exit__(None, None, None)
    _open_stable()


def _judged(pack: Sequence[Cell], plan: Plan, before: str = "") -> list[CellResult]:
    """All cells of a pack on one server; where that does not pass, in halves. ``before``: why it came to halves."""
    if len(pack) == 1:
        one = _one(pack[0], plan)
        return [replace(one, note=" ".join(filter(None, (one.note, before))))]
    together = _one(as_one(pack), plan)
    if together.outcome != "passed":
        before = f"(with {', '.join(as_one(pack).variants)} it was {together.outcome}: {_first_reason(together)})"
        middle = len(pack) // 2
        return [*_judged(pack[:middle], plan, before), *_judged(pack[middle:], plan, before)]
    note = " ".join(filter(None, (f"passed on one server with {', '.join(as_one(pack).variants)}", before)))
    share = round(together.seconds / len(pack), 2)
    return [CellResult(cell.kind, cell.name, "passed", seconds=share, note=note) for cell in pack]


def _first_reason(result: CellResult) -> str:
    reasons = {**result.unobservable, **result.untested, **result.failed}
    return next((f"{one} {reason}" for one, reason in reversed(reasons.items())), result.note)[:200]


def _one(cell: Cell, plan: Plan) -> CellResult:
    try:
        return _early(cell, plan) or _whole(cell, plan)
    except Exception:  # noqa: BLE001 - whatever it is, it is ours, and the other cells go on
        _reopen_stable()
        last = traceback.format_exc().strip().splitlines()
        return CellResult(cell.kind, cell.name, "error", cell.breaks, note=" | ".join(last[-4:]))


def _whole_one(cell: Cell, plan: Plan) -> CellResult:
    return _one(cell, replace(plan, quick=False))


def _early(cell: Cell, plan: Plan) -> CellResult | None:
    if cell.kind != "fault" or not plan.quick:
        return None
    known = plan.seen.get(cell.name, ())
    if cell.is_found_by_fuzzing:
        return caught_by_fuzzing(cell, _started(cell, plan.turn_seconds), plan.seed, known)
    for journeys in [frozenset(known)] if known else plan.shortcuts.get(cell.breaks[0], ()):
        result = caught_early(cell, _started(cell, plan.turn_seconds), journeys)
        if result is not None:
            return result
    return None


def _whole(cell: Cell, plan: Plan) -> CellResult:
    result = judge_cell(cell, _started(cell, plan.turn_seconds), plan.fuzz, plan.seed)
    if result.outcome != "blind":
        return result
    # On a busy machine a short turn may be over before its tail is open. That is no verdict that a second look could hide:
    # a failure is never played again.
    longer = judge_cell(cell, _started(cell, 3 * plan.turn_seconds), plan.fuzz, plan.seed)
    lacking = ", ".join(sorted({*result.untested, *result.unobservable} - cell.unobservable))
    return replace(longer, note=f"with turns three times as long; the first time there was no evidence of {lacking}")


def _started(cell: Cell, turn_seconds: float) -> Target:
    assert _stable is not None
    return _stable.start(cell, turn_seconds)
