"""A generator that is late itself says so: figures are marked, and no server is accused of what it may have missed."""

from __future__ import annotations

import asyncio
import time

from conformance.load.bins import TimedBins
from conformance.load.lag import ACCUSES_NOT, EVERY, INVALID, TIMES_NOT, LagMeter
from conformance.load.section import invalid_slots


def test_a_loop_that_is_held_up_is_seen_to_lag() -> None:
    bins = TimedBins(1.0)

    async def held_up() -> LagMeter:
        meter = LagMeter(time.monotonic, lambda _, late: bins.add("lag", 0.0, late))
        running = asyncio.create_task(meter.run())
        await asyncio.sleep(3 * EVERY)
        time.sleep(0.4)
        await asyncio.sleep(3 * EVERY)
        running.cancel()
        return meter

    meter = asyncio.run(held_up())
    assert meter.longest > 0.25
    assert (bins.percentile("lag", 100) or 0) > 0.25


def test_slots_are_invalid_where_a_twentieth_of_the_strokes_came_late() -> None:
    bins = TimedBins(1.0)
    for slot, late in ((0, 0.01), (1, 0.01), (2, 0.01)):
        bins.add("lag", slot, late, 95)
    bins.add("lag", 1, INVALID * 3, 6)
    bins.add("lag", 2, INVALID * 3, 1)
    assert invalid_slots(bins) == [1]


def test_a_session_is_not_judged_by_what_was_missed_meanwhile() -> None:
    meter = LagMeter(lambda: 0.0, lambda *_: None)
    meter.take(20.0, ACCUSES_NOT + 1)
    meter.take(50.0, ACCUSES_NOT / 2)
    assert meter.worst(10.0, 17.0) >= ACCUSES_NOT
    assert meter.worst(19.0, 30.0) >= ACCUSES_NOT
    assert meter.worst(1.0, 10.0) == 0.0
    assert TIMES_NOT < meter.worst(21.0, 60.0) < ACCUSES_NOT
