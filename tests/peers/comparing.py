"""One server, judged by the peer, by our fuzzing alone, and by the suite, one after the other, each on a fresh start of it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from conformance.matrix.cells import Cell
from conformance.matrix.judging import CellResult, FuzzCost, judge_cell
from conformance.matrix.stable import Stable
from tests.peers import fuzzing, stock

TURN_SECONDS = 0.2
_CALIBRATION_SEEDS = (1, 2)
_COST = FuzzCost(3, 20.0)


@dataclass(frozen=True)
class Compared:
    """What each said of one server; ``seconds`` of ours are those of the whole judgement."""

    cell: Cell
    stock: stock.StockResult
    fuzzing: fuzzing.FuzzingResult
    ours: CellResult
    our_seconds: float


def checks_without_alarm(jobs: int) -> tuple[str, ...]:
    """The peer's checks that do not fail on the reference server: the others would call every server broken."""
    reference = Cell("reference", "reference")
    wanted = [(check, seed) for check in stock.CHECKS for seed in _CALIBRATION_SEEDS]
    alarming = set()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(_stock_alone, reference, seed, (check,)): check for check, seed in wanted}
        for future in as_completed(futures):
            result = future.result()
            if result.note:
                raise RuntimeError(f"{futures[future]} on the reference server: {result.note}")
            if result.failures:
                alarming.add(futures[future])
    return tuple(check for check in stock.CHECKS if check not in alarming)


def compare(cells: Sequence[Cell], checks: tuple[str, ...], jobs: int, seed: int) -> Iterator[Compared]:
    """Every server as both judge it, as the results come."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_both, cell, checks, seed) for cell in cells]):
            yield future.result()


def _stock_alone(cell: Cell, seed: int, checks: tuple[str, ...]) -> stock.StockResult:
    with Stable() as stable:
        return stock.run(stable.start(cell, TURN_SECONDS), seed, checks)


def _both(cell: Cell, checks: tuple[str, ...], seed: int) -> Compared:
    with Stable() as stable:
        theirs = stock.run(stable.start(cell, TURN_SECONDS), seed, checks)
        alone = fuzzing.run(stable.start(cell, TURN_SECONDS), seed)
        target = stable.start(cell, TURN_SECONDS)
        began = time.monotonic()
        ours = judge_cell(cell, target, _COST, seed)
        return Compared(cell, theirs, alone, ours, time.monotonic() - began)
