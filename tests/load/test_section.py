"""What a soak concludes of its counts: the outcomes of a run, and nothing from what load makes untellable."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from conformance.load.lag import INVALID
from conformance.load.master import SoakMaster
from conformance.load.running import Fleet, Soaked
from conformance.load.section import TIMED_LEAST, lines, soak_report
from conformance.load.settings import SoakSettings
from conformance.load.stage import BUSY, busy_across
from conformance.load.tally import Tally
from conformance.report.html import page
from conformance.spec_files import read_spec_json
from tests.judges.by_hand import post
from tests.load.test_tally import judged

SETTINGS = SoakSettings("http://127.0.0.1:9", seconds=60.0, started=1_700_000_000.0)


def reported(tally: Tally, *, interrupted: bool = False) -> tuple[str, dict[str, Any]]:
    """The verdict and the report of a soak that one worker has played; the report has its form, and its page."""
    master = SoakMaster(SETTINGS)
    master.report("a", {"tally": {**tally.to_json(), "open": 0, "longest_lag": 0.2}, "final": True})
    word, value = soak_report(SETTINGS, Fleet(), Soaked(master, 60.0, interrupted, master.lost()))
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(value)
    assert 'id="soak"' in page.render(value, None)
    assert lines(value)
    return word, value


def outcome(value: dict[str, Any], rule: str) -> str:
    return next(str(one["outcome"]) for one in value["requirements"] if one["id"] == rule)


def ruled(**numbers: tuple[int, int]) -> Tally:
    """``CUR_01=(passed, failed)`` in so many sessions."""
    tally = Tally(SETTINGS.slot_seconds)
    for name, (passed, failed) in numbers.items():
        tally.count("passed", name.replace("_", "-"), passed)
        tally.count("failed", name.replace("_", "-"), failed)
    return tally


def test_nothing_played_is_nothing_passed() -> None:
    word, value = reported(Tally(1.0))
    assert word == "incomplete"
    assert {one["outcome"] for one in value["requirements"]} == {"untested"}


def test_one_session_is_enough_to_break_a_requirement() -> None:
    tally = ruled(CUR_01=(999, 0))
    tally.note_judged(judged("CUR-01"), 0.0)
    word, value = reported(tally)
    assert word == "nonconformant"
    assert outcome(value, "CUR-01") == "failed"
    assert [(v["requirement"], v["sessions"], v["of"]) for v in value["soak"]["violations"]] == [("CUR-01", 1, 1000)]


@pytest.mark.parametrize(
    ("passed", "failed", "said"),
    [(100, 10, "passed"), (0, TIMED_LEAST - 1, "passed"), (TIMED_LEAST, TIMED_LEAST, "failed"), (30, 29, "passed")],
)
def test_a_moment_s_stall_of_a_crowded_server_is_no_violation(passed: int, failed: int, said: str) -> None:
    _, value = reported(ruled(EVT_07=(passed, failed)))
    assert outcome(value, "EVT-07") == said


@pytest.mark.parametrize(("busy", "said"), [(0, "failed"), (1, "untested")])
def test_where_other_sessions_make_a_server_busy_a_409_tells_nothing(busy: int, said: str) -> None:
    tally = ruled(IDEM_02=(5, 1), CUR_01=(5, 1))
    tally.count("across", BUSY, busy)
    _, value = reported(tally)
    assert outcome(value, "IDEM-02") == said
    assert outcome(value, "CUR-01") == "failed"


@pytest.mark.parametrize(
    ("step", "status", "across"),
    [
        ("turn-1/busy-1", 409, True),
        ("turn-1/post", 409, True),
        ("turn-1/post", 202, False),
        ("turn-2/busy-1", 409, False),  # its own first turn may run
        ("race-1/rival-1", 409, False),
        ("duplicate-1", 409, False),
    ],
)
def test_only_a_session_s_first_message_tells_that_others_count(step: str, status: int, across: bool) -> None:
    assert busy_across([post(1, status, name=f"session-1/{step}")]) is across


@pytest.mark.parametrize(("late", "valid"), [(INVALID / 2, True), (INVALID * 2, False)])
def test_figures_of_a_generator_that_lagged_are_marked(late: float, valid: bool) -> None:
    tally = Tally(SETTINGS.slot_seconds)
    for at in range(60):
        tally.bins.add("lag", float(at), late)
        tally.bins.add("accepted", float(at), 0.1)
    _, value = reported(tally)
    assert value["soak"]["latency"]["valid"] is valid
    assert bool(value["soak"]["latency"]["invalid_slots"]) is not valid
    assert any("invalid" in line for line in lines(value)) is not valid


def test_an_interrupted_soak_is_marked() -> None:
    _, value = reported(Tally(1.0), interrupted=True)
    assert value["interrupted"] is True
