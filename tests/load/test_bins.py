"""Bins tell percentiles within five percent, slot by slot, and are summed over workers as if one had measured all."""

from __future__ import annotations

import json
import random
import statistics

import pytest

from conformance.load.bins import SLOTS_MOST, TimedBins


@pytest.mark.parametrize("percent", [50, 95, 99])
def test_a_percentile_is_that_of_the_values_within_five_percent(percent: int) -> None:
    draw = random.Random(5)
    values = [draw.lognormvariate(-3, 1.5) for _ in range(5_000)]
    bins = TimedBins(10.0)
    for value in values:
        bins.add("first", 1.0, value)
    found = bins.percentile("first", percent)
    assert found == pytest.approx(statistics.quantiles(values, n=100)[percent - 1], rel=0.06)


def test_nothing_measured_is_no_figure() -> None:
    bins = TimedBins(1.0)
    assert bins.percentile("first", 50) is None
    bins.add("first", 3.5, 0.2)
    assert bins.percentile("first", 50, 2) is None
    assert bins.slots("first") == [3]


def test_workers_are_summed_as_if_one_had_measured_all() -> None:
    draw = random.Random(1)
    one, two, both = TimedBins(2.0), TimedBins(2.0), TimedBins(2.0)
    for number in range(2_000):
        at, value = draw.uniform(0, 60), draw.uniform(0.001, 2)
        (one if number % 3 else two).add("turn", at, value)
        both.add("turn", at, value)
    one.merge(TimedBins.from_json(json.loads(json.dumps(two.to_json()))))
    assert one.to_json() == both.to_json()


def test_they_do_not_grow_with_what_is_measured() -> None:
    bins = TimedBins(1.0)
    for number in range(100_000):
        bins.add("between", float(number), number / 1000)
    assert len(bins.slots("between")) <= SLOTS_MOST
    assert len(json.dumps(bins.to_json())) < 60_000
    assert bins.count("between") == 100_000
