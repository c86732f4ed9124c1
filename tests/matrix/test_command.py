"""The command: what it writes, its exit code, and what wrong or interrupted calls get."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.matrix import command
from conformance.matrix.judging import CellResult


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conformance", "matrix", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def matrix_in(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "matrix.json").read_text(encoding="utf-8"))
    return value


def test_a_fault_and_a_variant_are_judged_for_real(tmp_path: Path) -> None:
    done = called("--only", "inclusive-cursor,created-200", "--jobs", "2", "--report-dir", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    value = matrix_in(tmp_path)
    assert {one["name"]: one["outcome"] for one in value["cells"]} == {
        "inclusive-cursor": "caught",
        "created-200": "passed",
    }
    assert not value["interrupted"]
    table = (tmp_path / "matrix.md").read_text(encoding="utf-8")
    assert "| inclusive-cursor | caught | CUR-01" in table
    again = called("--only", "inclusive-cursor,created-200", "--resume", "--report-dir", str(tmp_path))
    assert again.returncode == 0
    assert matrix_in(tmp_path)["cells"] == value["cells"], "nothing was left to judge"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "inclusive-cursr"], "near to it: inclusive-cursor"),
        (["--resume"], "cannot be read"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = called(*arguments, "--report-dir", str(tmp_path))
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def faked(monkeypatch: pytest.MonkeyPatch, *outcomes: str | type[BaseException]) -> None:
    def results(cells: list[Any], *_: object) -> Iterator[CellResult]:
        for cell, outcome in zip(cells, outcomes, strict=False):
            if not isinstance(outcome, str):
                raise outcome
            yield CellResult(cell.kind, cell.name, outcome, cell.breaks)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "results", results)


@pytest.mark.parametrize(("outcome", "code"), [("caught", 0), ("elsewhere", 1), ("missed", 1), ("error", 3)])
def test_the_exit_code_is_0_only_when_all_is_as_it_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, code: int
) -> None:
    faked(monkeypatch, "caught", outcome)
    arguments = ["--only", "created-200,invalid-422", "--report-dir", str(tmp_path)]
    assert CliRunner().invoke(command.matrix, arguments).exit_code == code
    assert outcome in {one["outcome"] for one in matrix_in(tmp_path)["cells"]}


def test_an_interrupted_matrix_is_written_marked_and_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--only", "created-200,invalid-422,inclusive-cursor", "--report-dir", str(tmp_path)]
    faked(monkeypatch, "passed", KeyboardInterrupt)
    first = CliRunner().invoke(command.matrix, arguments)
    assert first.exit_code == 130
    assert "1 of 3 servers" in first.output
    written = matrix_in(tmp_path)
    assert written["interrupted"]
    assert "Interrupted" in (tmp_path / "matrix.md").read_text(encoding="utf-8")
    faked(monkeypatch, "caught", "passed", "passed")
    second = CliRunner().invoke(command.matrix, [*arguments, "--resume"])
    assert second.exit_code == 0
    resumed = matrix_in(tmp_path)
    assert not resumed["interrupted"]
    assert len(resumed["cells"]) == 3
    assert written["cells"][0] in resumed["cells"], "what was judged is not judged again"


def test_a_sample_is_the_first_of_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faked(monkeypatch, "passed", "passed")
    arguments = ["--only", "created-*,invalid-*", "--report-dir", str(tmp_path), "--seed", "4"]
    sampled = CliRunner().invoke(command.matrix, [*arguments, "--sample", "2"])
    assert sampled.exit_code == 0
    value = matrix_in(tmp_path)
    assert (len(value["cells"]), value["wanted"], value["interrupted"]) == (2, 2, False)


def test_a_matrix_of_another_state_of_the_suite_is_not_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, "passed")
    arguments = ["--only", "created-200", "--report-dir", str(tmp_path)]
    CliRunner().invoke(command.matrix, arguments)
    path = tmp_path / "matrix.json"
    path.write_text(path.read_text().replace("sha256:", "sha256:0"))
    again = CliRunner().invoke(command.matrix, [*arguments, "--resume"])
    assert "another state of the suite" in str(again.exception)


def test_a_signal_leaves_a_matrix_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def results(cells: list[Any], *_: object) -> Iterator[CellResult]:
        yield CellResult(cells[0].kind, cells[0].name, "passed")
        os.kill(os.getpid(), signal.SIGTERM)
        yield CellResult(cells[1].kind, cells[1].name, "passed")

    monkeypatch.setattr(command, "results", results)
    before = signal.getsignal(signal.SIGTERM)
    try:
        arguments = ["--only", "created-200,invalid-422", "--report-dir", str(tmp_path)]
        stopped = CliRunner().invoke(command.matrix, arguments)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped.exit_code == 130
    assert "interrupted: 1 of 2" in stopped.output
    assert matrix_in(tmp_path)["interrupted"]
