"""What failed in one run is played first in the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.histories.corpus import keep, kept
from conformance.histories.outcome import HistorySettings
from conformance.histories.running import run_histories
from conformance.outcomes import BadInput
from tests.histories.server import LIMITS, mock, step


def test_the_same_history_is_kept_once(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    assert kept(folder) == []
    keep(folder, [(step("post"), step("messages")), (step("post"),)])
    keep(folder, [(step("post"),)])
    assert sorted(kept(folder), key=len) == [(step("post"),), (step("post"), step("messages"))]


def test_a_broken_corpus_is_the_users_matter(tmp_path: Path) -> None:
    (tmp_path / "steps-1.json").write_text("{")
    with pytest.raises(BadInput, match=r"steps-1\.json"):
        kept(tmp_path)


def test_the_kept_history_is_the_first_that_is_played(tmp_path: Path) -> None:
    keep(tmp_path, [(step("post", id="fresh"), step("post", id="null"), step("finish"), step("duplicate"))])
    with mock("ids-forgotten-after-a-null-id") as target:
        report = run_histories(target, LIMITS, HistorySettings(40, 20.0, 1, tmp_path))
    assert [failure.rule for failure in report.musts] == ["IDEM-01"]
    assert len(report.failures[0].steps) <= 4
    assert len(kept(tmp_path)) >= 1
