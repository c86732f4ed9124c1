"""Our model and the SDK's own client judge the same data alike, chunk by chunk and sequence by sequence."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.envelopes import Chunk, NotAChunk, Order, OutOfOrder, is_sentinel, parse
from tests.envelopes.sequences import JSON_CASES, ORDER_CASES, heaps, single_fields, turns

_SEED = 20260
_LEAST_SEQUENCES = 400


@dataclass(frozen=True)
class Judged:
    """data: "chunk", "rejected" or "sentinel" for each; stopped: the accepted chunk that stops the client, or None."""

    data: list[str]
    stopped: int | None


def our_verdict(sequence: list[str]) -> Judged:
    verdicts, chunks = [], []
    for data in sequence:
        if is_sentinel(data):
            verdicts.append("sentinel")
            continue
        try:
            chunks.append(parse(data))
        except NotAChunk:
            verdicts.append("rejected")
        else:
            verdicts.append("chunk")
    return Judged(verdicts, _stopped_at(chunks))


def _stopped_at(chunks: list[Chunk]) -> int | None:
    order = Order()
    for index, chunk in enumerate(chunks):
        try:
            order.feed(chunk)
        except OutOfOrder:
            return index
    return None


def the_clients_verdicts(ai_package: Path, sequences: list[list[str]]) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(sequence) + "\n" for sequence in sequences)
    command = ["node", str(ai_package / "check.mjs")]
    done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_our_model_judges_as_the_sdks_client_does(ai_package: Path) -> None:
    sequences = [
        *([data] for data in JSON_CASES),
        *([json.dumps(chunk) for chunk in case] for case in ORDER_CASES.values()),
        *single_fields(),
        *turns(400, _SEED),
        *heaps(400, _SEED),
    ]
    theirs = the_clients_verdicts(ai_package, sequences)
    assert len(theirs) == len(sequences) >= _LEAST_SEQUENCES

    differences = []
    for sequence, verdict in zip(sequences, theirs, strict=True):
        ours = our_verdict(sequence)
        if ours != Judged(verdict["data"], verdict["stopped"]):
            differences.append(f"data: {sequence}\n  ours: {ours}\n  SDK:  {verdict}")
    assert not differences, f"{len(differences)} differ, the first of them:\n" + "\n".join(differences[:3])


@pytest.mark.parametrize(
    ("verdict", "least"), [("chunk", 1000), ("rejected", 500), ("sentinel", 1)], ids=lambda value: str(value)
)
def test_the_sequences_hold_enough_of_each_verdict(verdict: str, least: int) -> None:
    sequences = [*single_fields(), *turns(400, _SEED), *heaps(400, _SEED), *([data] for data in JSON_CASES)]
    assert sum(our_verdict(sequence).data.count(verdict) for sequence in sequences) >= least


def test_the_sequences_hold_enough_stops_and_enough_that_read_to_the_end() -> None:
    verdicts = [our_verdict(sequence) for sequence in (*turns(400, _SEED), *heaps(400, _SEED))]
    stops = sum(verdict.stopped is not None for verdict in verdicts)
    assert 200 <= stops <= len(verdicts) - 200
