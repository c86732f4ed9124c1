"""A failed history is reproduced by its printed curl lines alone, with real curl, and by its file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.histories.curl_lines import commands_in, curl_lines, printed
from conformance.histories.history_file import read_history, write_history
from conformance.histories.outcome import FailedHistory, HistorySettings
from conformance.histories.replaying import play_history
from conformance.histories.running import run_histories
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target
from tests.histories.server import LIMITS, mock, step

FORGETFUL = "ids-forgotten-after-a-broken-tail"
SKIPPING = "tails-skip-one-after-a-duplicate-while-running"


def environment(target: Target) -> dict[str, str]:
    keys = {KEY_VARIABLE: target.api_key, OTHER_KEY_VARIABLE: str(target.other_key)}
    return {**os.environ, **keys, "NEO_BASE_URL": target.base_url}


def run_lines(lines: str, target: Target, folder: Path) -> None:
    folder.mkdir()
    commands = commands_in(lines)
    assert target.api_key not in commands
    done = subprocess.run(
        ["sh", "-c", commands], cwd=folder, env=environment(target), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def answer(folder: Path, number: int) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / f"{number}.out").read_text())
    return value


@pytest.fixture(scope="module")
def forgotten() -> FailedHistory:
    """What a search with the seed of the default finds on a server that forgets ids when a client leaves."""
    with mock(FORGETFUL) as target:
        report = run_histories(target, LIMITS, HistorySettings(turns=400, seconds=60.0, seed=1))
    return report.failures[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_a_seeded_failure_is_reproduced_by_its_printed_lines(forgotten: FailedHistory, tmp_path: Path) -> None:
    lines = printed(curl_lines(forgotten.recording))
    assert forgotten.rule == "IDEM-01"
    last = len(curl_lines(forgotten.recording))
    accepted = [n for n, e in enumerate(forgotten.recording.exchanges, start=1) if e is forgotten_evidence(forgotten)]
    shown = accepted[0] if accepted else last
    with mock(FORGETFUL, turn_seconds=1.0) as target:
        run_lines(lines, target, tmp_path / "broken")
    assert "user_message_id" in answer(tmp_path / "broken", shown)["data"], "the duplicate was accepted again"
    with mock(turn_seconds=1.0) as target:
        run_lines(lines, target, tmp_path / "kept")
    assert "error" in answer(tmp_path / "kept", shown)


def forgotten_evidence(failed: FailedHistory) -> object:
    """The exchange of the recording that shows the failure; the evidence is of a casting, under another name."""
    shown = failed.violation.evidence[0]
    return next(e for e in failed.recording.exchanges if e.received is shown.received)


def test_the_shortest_history_is_found(forgotten: FailedHistory) -> None:
    assert {one.do for one in forgotten.steps} <= {"post", "race", "break_off", "finish", "duplicate"}
    assert len(forgotten.steps) <= 4
    assert forgotten.seen > 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_lines_with_attachments_cursors_and_cut_tails(tmp_path: Path) -> None:
    steps = [
        step("post", to_the_end=True),
        step("post", id="fresh", attachments=1),
        step("duplicate"),
        step("break_off", envelopes=3),
        step("stranger", does="header"),
        step("finish"),
    ]
    with mock(SKIPPING, turn_seconds=0.6) as target:
        recording, broken = play_history(target, LIMITS, steps)
        run_lines(printed(curl_lines(recording)), target, tmp_path / "broken")
    assert "CUR-07" in {one.rule for one in broken}
    numbers = {exchange.step: n for n, exchange in enumerate(recording.exchanges, start=1)}
    assert "data" in answer(tmp_path / "broken", numbers["turn-2/post"])
    assert "error" in answer(tmp_path / "broken", numbers["duplicate-1"])
    assert "error" in answer(tmp_path / "broken", numbers["foreign-turns/session-1-header-1"])

    def ids(number: int) -> list[str]:
        text = (tmp_path / "broken" / f"{number}.out").read_text()
        return [line for line in text.splitlines() if line.startswith("id:")]

    whole, cut, rest = (ids(numbers[f"turn-2/{name}"]) for name in ("tail", "live-001", "live-002"))
    assert whole[1 : len(cut) + 1] == cut, "the tail behind the duplicate lacks the first envelope, as it did then"
    assert set(rest) < set(whole)


def run_command(arguments: Sequence[str], target: Target | None) -> subprocess.CompletedProcess[str]:
    from sys import executable

    given = environment(target) if target is not None else dict(os.environ)
    command = [executable, "-m", "conformance", "replay-history", *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=90)


def test_a_history_file_is_played_again(forgotten: FailedHistory, tmp_path: Path) -> None:
    path = write_history(forgotten, tmp_path, 1)
    assert path.name == "history-1.json"
    steps, rules = read_history(path)
    assert tuple(steps) == forgotten.steps
    assert rules == {one.rule for one in forgotten.broken}
    with mock(FORGETFUL) as target:
        again = run_command([str(path), "--base-url", target.base_url, "--turn-timeout", "10"], target)
        assert again.returncode == 1, again.stderr
        assert "IDEM-01 is broken" in again.stdout
        assert target.api_key not in again.stdout
    kept = run_command([str(path)], None)
    assert kept.returncode == 0, kept.stderr
    assert "it did not fail again" in kept.stdout


def test_what_cannot_be_played_again_is_told_in_one_line(tmp_path: Path) -> None:
    none = run_command([str(tmp_path / "none.json")], None)
    assert (none.returncode, none.stdout, none.stderr.count("\n")) == (2, "", 1)
    steps = [step("post")]
    path = tmp_path / "history-1.json"
    path.write_text(json.dumps({"format": 1, "steps": [one.to_json() for one in steps]}))
    bad = run_command([str(path), "--base-url", "nowhere"], None)
    assert (bad.returncode, bad.stderr.count("\n")) == (2, 1)
