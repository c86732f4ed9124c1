"""What is found broken live is found broken again in the file of the recording, word for word, and nothing else is."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from conformance.journeys.limits import Limits
from conformance.journeys.run import play
from conformance.mock.accounts import FIRST_MOCK_KEY, SECOND_MOCK_KEY
from conformance.mock.embedded import running
from conformance.mock.faults import all_faults
from conformance.mock.settings import RateLimit, Settings
from conformance.offline import judge_recording
from conformance.recording_file import load, save
from conformance.target import Target

_PLAYABLE = sorted(name for name, fault in all_faults().items() if not fault.breaks[0].startswith("FUZZ"))
FAULTS = random.Random(20).sample(_PLAYABLE, 20)
TRIED = FAULTS[: int(os.environ.get("NEO_TEST_REPLAYED", "2"))]
"""Of twenty faults, those that are tried each time; NEO_TEST_REPLAYED=20 tries all."""


@pytest.mark.parametrize("fault", TRIED)
def test_the_file_is_judged_as_the_run_was(fault: str, tmp_path: Path) -> None:
    settings = Settings(turn_seconds=0.2, rate=RateLimit(requests=100_000, seconds=60.0), fault=fault)
    with running(settings) as mock:
        recording = play(Target(mock.base_url, FIRST_MOCK_KEY, SECOND_MOCK_KEY), Limits(turn_timeout=10.0))
    path = tmp_path / "recording.json"
    save(recording, path)
    assert judge_recording(load(path)) == judge_recording(recording)
