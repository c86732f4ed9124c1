"""A failing request is made as short as it can be, within bounds, and still fails."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core import NOT_SET

from conformance.fuzz.operations import FuzzSettings, fuzz_operations
from conformance.fuzz.reducing import Parts, reduced
from tests.fuzz.server import KEY, Behaviour, running
from tests.fuzz.test_fuzzing import AnyText

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.dictionaries(st.text(min_size=1, max_size=4), st.text(max_size=8), max_size=3)


def test_all_that_does_not_matter_is_left_out() -> None:
    body = {"message": "Hello there", "model_tier": "ULTRA", "attachments": [{"blob_path": "a"}], "title": "x"}
    parts = Parts({"a": "1"}, {"X-Odd": "2"}, body)
    shortest = reduced(parts, lambda p: p.body is not NOT_SET and len(p.body.get("model_tier", "")) >= 3)
    assert shortest == Parts({}, {}, {"model_tier": shortest.body["model_tier"]})
    assert len(shortest.body["model_tier"]) == 3


def test_a_list_keeps_as_many_as_it_takes() -> None:
    parts = Parts(body={"attachments": [{"blob_path": f"path-{n}", "mime": "image/png"} for n in range(12)]})
    shortest = reduced(parts, lambda p: len(p.body.get("attachments", [])) > 6, most=200)
    assert shortest.body == {"attachments": [{}] * 7}


def test_no_more_is_sent_than_allowed() -> None:
    sent: list[Parts] = []

    def fails(parts: Parts) -> bool:
        sent.append(parts)
        return False

    start = Parts(body={"a": "x" * 60, "b": list(range(40))})
    assert reduced(start, fails, most=25) == start
    assert len(sent) == 25


@given(TEXTS, TEXTS, JSON | st.binary(max_size=20), st.randoms(use_true_random=False))
def test_whatever_is_found_was_seen_to_fail(query: Any, headers: Any, body: Any, chance: Any) -> None:
    start = Parts(query, headers, body)
    failed = [start]

    def fails(parts: Parts) -> bool:
        if chance.random() < 0.3:
            failed.append(parts)
            return True
        return False

    assert reduced(start, fails) in failed


def test_the_shortest_request_is_the_one_that_is_told() -> None:
    with running(Behaviour(tiers=AnyText())) as server:
        settings = FuzzSettings(examples=10, turns=40, seconds=45.0, seed=2)
        report = fuzz_operations(server.base_url, KEY, None, settings, only=["appendMessage"])
    tiers = [one for one in report.failures if one.rule == "TIER-02"]
    assert tiers
    assert report.origins["appendMessage"]["a shortened failure"] > 0
    assert all("attachments" not in one.curl for one in tiers)
    assert min(len(one.curl.partition("--data-binary ")[2].partition(" -g ")[0]) for one in tiers) < 45


def test_shortening_starts_no_turn_that_is_not_allowed() -> None:
    with running(Behaviour(tiers=AnyText())) as server:
        report = fuzz_operations(server.base_url, KEY, None, FuzzSettings(10, 4, 45.0, 2), only=["appendMessage"])
    assert report.failures
    assert server.turns <= 5, "one more than allowed shows that the target starts turns unasked"
