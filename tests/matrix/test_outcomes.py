"""What the matrix makes of a judged server: each of its words can be had, and only the good ones give exit code 0."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from conformance.matrix.cells import Cell
from conformance.matrix.document import is_good
from conformance.matrix.judging import CellResult, FuzzCost, judge_cell
from conformance.mock.embedded import running
from conformance.mock.settings import RateLimit, Settings
from conformance.target import Target

COST = FuzzCost(1, 10.0)


@contextlib.contextmanager
def server(fault: str | None = None, variants: tuple[str, ...] = ()) -> Iterator[Target]:
    with running(Settings(turn_seconds=0.3, rate=RateLimit(1_000_000), fault=fault, variants=variants)) as mock:
        yield Target(mock.base_url, mock.keys["first"], mock.keys["second"])


def test_the_reference_passes_and_reports_of_it_what_it_must() -> None:
    with server() as target:
        lawful = judge_cell(Cell("reference", "reference", unobservable=frozenset({"RATE-02"})), target, COST, 1)
        blind = judge_cell(Cell("reference", "reference"), target, COST, 1)
        missed = judge_cell(Cell("fault", "nothing", breaks=("CUR-01",)), target, COST, 1)
    assert (lawful.outcome, dict(lawful.failed), dict(lawful.untested)) == ("passed", {}, {})
    assert blind.outcome == "blind", "a requirement without a verdict that nobody announced is no pass"
    assert missed.outcome == "missed"


def test_a_fault_is_caught_by_its_own_requirement_or_elsewhere_only() -> None:
    with server("inclusive-cursor") as target:
        own = judge_cell(Cell("fault", "inclusive-cursor", breaks=("CUR-01",)), target, COST, 1)
        elsewhere = judge_cell(Cell("fault", "inclusive-cursor", breaks=("UPL-01", "CUR-01")), target, COST, 1)
        alarm = judge_cell(Cell("variant", "inclusive-cursor"), target, COST, 1)
    assert (own.outcome, elsewhere.outcome, alarm.outcome) == ("caught", "elsewhere", "false alarm")
    assert "CUR-01" in own.failed


def test_a_fault_of_orders_is_caught_by_any_requirement_that_it_is_said_to_break() -> None:
    drawn = Cell("fault", "f", breaks=("CUR-07", "CUR-03", "FUZZ-02"))
    other = Cell("fault", "f", breaks=("CUR-07", "CUR-03"))
    assert drawn.own == {"CUR-07", "CUR-03", "FUZZ-02"}
    assert other.own == {"CUR-07"}
    with server("inclusive-cursor") as target:
        caught = judge_cell(Cell("fault", "f", breaks=("UPL-01", "CUR-01", "FUZZ-02")), target, COST, 1)
    assert caught.outcome == "caught"


def test_a_fault_of_load_alone_passes_without_load_or_it_is_none() -> None:
    cell = Cell("under-load", "lost-wake-up", breaks=("EVT-05",), unobservable=frozenset({"RATE-02"}))
    with server("lost-wake-up") as target:
        calm = judge_cell(cell, target, COST, 1)
    with server("inclusive-cursor") as target:
        early = judge_cell(cell, target, COST, 1)
    # Turns as short as here may be over before a busy machine has seen them run: that is no verdict, and none of ours.
    assert calm.outcome in ("passed", "blind")
    assert not calm.failed
    assert early.outcome == "early"
    assert "CUR-01" in early.failed


@pytest.mark.parametrize("outcome", ["missed", "elsewhere", "false alarm", "blind", "early", "error"])
def test_one_bad_cell_is_enough(outcome: str) -> None:
    good = [CellResult("fault", "a", "caught"), CellResult("variant", "b", "passed")]
    assert is_good(good)
    assert not is_good([*good, CellResult("fault", "c", outcome)])  # type: ignore[arg-type]
