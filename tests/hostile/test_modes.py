"""Every harm ends by itself within its bound, leaks nothing, breaks nothing of ours, and is never taken for conformance."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.findings import curl, describe
from conformance.journeys.limits import Limits
from conformance.journeys.run import play
from conformance.offline import judge_recording
from conformance.outcomes import BadInput
from conformance.recording import Recording
from conformance.recording_file import MAX_FILE_BYTES, load, save
from conformance.target import Target
from conformance.verdict import RequirementResult
from tests.hostile.leaks import KEY, OTHER_KEY, SIGNATURE, deltas, encodings, leaks
from tests.hostile.modes import MODES, Mode
from tests.hostile.server import Seen, hostile

LIMITS = Limits(
    turn_timeout=1.5,
    answer_timeout=1.5,
    headers_timeout=1.0,
    connect_timeout=4.0,
    run_seconds=8.0,
    run_bytes=48 << 20,
    body_bytes=1 << 20,
    tail_bytes=8 << 20,
    tail_frames=5_000,
    settle=0.3,
    quiet=0.1,
    grace=0.2,
    attempts=3,
    outage_pause=0.05,
)
BOUND = LIMITS.run_seconds + 12.0
"""Seconds: the time of the run, and room for a machine on which others work, too."""
SEARCHED = 4 << 20
"""Characters of a recording that are searched for keys in every encoding; of longer ones the rest, for the key as it is."""


@dataclass(frozen=True)
class Outcome:
    seconds: float
    seen: Seen
    recording: Recording
    results: Mapping[str, RequirementResult]


def _played(mode: Mode) -> Outcome | BadInput:
    with hostile(mode.server()) as (url, seen):
        began = time.monotonic()
        try:
            recording = play(Target(url, KEY, OTHER_KEY), LIMITS, None, mode.journeys)
        except BadInput as bad:
            assert time.monotonic() - began < BOUND
            return bad
        seconds = time.monotonic() - began
    return Outcome(seconds, seen, recording, judge_recording(recording))


def _outcome(outcomes: Mapping[str, Future[Outcome | BadInput]], name: str) -> Outcome:
    outcome = outcomes[name].result(300)
    assert isinstance(outcome, Outcome), outcome
    return outcome


@pytest.fixture(scope="module")
def outcomes() -> Iterator[Mapping[str, Future[Outcome | BadInput]]]:
    """All modes, some at a time: most of them only wait."""
    with ThreadPoolExecutor(6, thread_name_prefix="hostile") as pool:
        yield {name: pool.submit(_played, mode) for name, mode in MODES.items()}


def test_there_are_enough_of_them() -> None:
    assert len(MODES) >= 25


@pytest.mark.parametrize("name", MODES)
def test_a_hostile_server(name: str, outcomes: Mapping[str, Future[Outcome | BadInput]], tmp_path: Path) -> None:
    mode = MODES[name]
    if mode.unreachable:
        bad = outcomes[name].result(300)
        assert isinstance(bad, BadInput)
        assert leaks(str(bad), KEY) == []
        return
    outcome = _outcome(outcomes, name)
    results = outcome.results
    assert outcome.seconds < BOUND
    assert {i: results[i].outcome for i in mode.outcomes} == dict(mode.outcomes), {
        i: (r.outcome, r.reason) for i, r in results.items() if r.outcome != "untested"
    }
    for one in mode.never:
        assert results[one].outcome != "passed"
    # Nothing of it is conformant: a MUST is broken, or was not judged.
    assert any(r.outcome in ("failed", "untested") and r.requirement.level == "MUST" for r in results.values())

    saved = tmp_path / "recording.json"
    save(outcome.recording, saved)
    assert saved.stat().st_size < MAX_FILE_BYTES
    if saved.stat().st_size < SEARCHED:
        assert load(saved).exchanges
    text = saved.read_text(encoding="utf-8")
    shown = [r.reason for r in results.values()]
    shown += [curl(e.sent) + describe(e) for e in outcome.recording.exchanges]
    _nothing_leaks(text[:SEARCHED] + "\n".join(shown), outcome.recording)
    assert KEY not in text
    assert OTHER_KEY not in text
    for line in shown:
        assert all(c in "\n\t" or c.isprintable() for c in line), ascii(line)


def _nothing_leaks(text: str, recording: Recording) -> None:
    streams = [deltas([frame.value for frame in e.frames]) for e in recording.exchanges]
    for key in (KEY, OTHER_KEY):
        assert leaks(text, key) == []
        assert not any(key in stream or key[12:] in stream for stream in streams)
    assert SIGNATURE not in text


def test_the_search_finds_what_it_looks_for() -> None:
    """Else a clean result would mean nothing."""
    for name, text in encodings(KEY):
        assert leaks(f"before {text} behind", KEY), name
        assert leaks(json.dumps({"x": text}), KEY), name
    assert leaks("nothing here", KEY) == []
    assert leaks("the key begins with neo_sk_test_", KEY) == []


def test_the_key_goes_to_the_target_alone(outcomes: Mapping[str, Future[Outcome | BadInput]]) -> None:
    """PUTs carry none, and nothing follows a redirect."""
    uploads = _outcome(outcomes, "a-signature-in-every-answer").seen.requests
    assert {authorization for operation, authorization in uploads if operation == "put"} == {""}
    redirected = _outcome(outcomes, "a-redirect-to-itself")
    assert len(redirected.seen.requests) == len(redirected.recording.exchanges)
