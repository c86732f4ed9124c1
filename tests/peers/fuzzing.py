"""Our fuzzing alone, as ``pytest conformance/fuzz --fuzz-seconds 60`` has it: no journey is played, no scenario judged."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from conformance.fuzz.operations import FuzzSettings, fuzz_operations
from conformance.histories.outcome import HistorySettings
from conformance.histories.running import run_histories
from conformance.journeys.limits import Limits
from conformance.target import Target

SECONDS: Final = 60.0
"""For both tests, half each."""
TURNS: Final = 400
_EXAMPLES: Final = 60
_LONGEST_TURN: Final = 10.0


@dataclass(frozen=True)
class FuzzingResult:
    """``rules``: what was found broken, MUST or SHOULD; histories are left out where generated requests found something."""

    rules: tuple[str, ...]
    seconds: float


def run(target: Target, seed: int) -> FuzzingResult:
    """Fuzz the target: generated requests first, and where nothing is broken, generated histories."""
    began = time.monotonic()
    share = TURNS // 2
    settings = FuzzSettings(_EXAMPLES, share, SECONDS / 2, seed)
    requests = fuzz_operations(target.base_url, target.api_key, target.agent_id, settings, other_key=target.other_key)
    rules = {failure.rule for failure in requests.failures}
    if not rules:
        histories = run_histories(target, Limits(turn_timeout=_LONGEST_TURN), HistorySettings(share, SECONDS / 2, seed))
        rules = {failed.rule for failed in histories.failures}
    return FuzzingResult(tuple(sorted(rules)), time.monotonic() - began)
