"""``neo-conformance diff``: exit codes, and one line for whatever is no report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.outcomes import BadInput
from conformance.report import reading
from conformance.report.reading import MAX_DEPTH, checked, read_report
from tests.reports.made import earlier, example, report, saved


def compared(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "conformance", "diff", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_exit_codes(form: str, tmp_path: Path) -> None:
    good, bad = saved(report(), tmp_path / "a.json"), saved(report(CUR_01="failed"), tmp_path / "b.json")
    worse, better = compared(good, bad, "--format", form), compared(bad, good, "--format", form)
    assert (worse.returncode, better.returncode) == (1, 0), worse.stderr + better.stderr
    assert worse.stderr == better.stderr == ""
    assert "CUR-01" in worse.stdout
    assert "CUR-01" in better.stdout


def _damaged(**fields: Any) -> str:
    return json.dumps({**report(), **fields})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"format": NaN}', "not JSON"),
        (b"\xff\xfe\x00\x01", "not JSON"),
        ("[]", "not a report of this suite"),
        ("null", "not a report of this suite"),
        ('{"version": "2.1.0", "runs": []}', "not a report of this suite"),
        (_damaged(format=99), "report format 99"),
        (_damaged(format="1"), "report format '1'"),
        (_damaged(format=True), "report format True"),
        (_damaged(format="\u001b[31m" * 100), "report format"),
        (_damaged(verdict="splendid"), "damaged report at 'verdict'"),
        (_damaged(turns=-1), "damaged report at 'turns'"),
        (_damaged(seconds="61"), "damaged report at 'seconds'"),
        (_damaged(seconds=1e300), "damaged report at 'seconds'"),
        (_damaged(requirements={}), "damaged report at 'requirements'"),
        (_damaged(requirements=[{"id": "<b>"}]), "damaged report at 'requirements/0"),
        (_damaged(requirements=[report()["requirements"][0]] * 2), "requirements has 'ACC-01' twice"),
        (_damaged(observations=[{"about": "x", "value": 1}] * 2), "observations has 'x' twice"),
        (_damaged(observations=[{"about": "x", "value": 1}] * 2000), "damaged report at 'observations'"),
        (_damaged(latency=json.loads("[" * 200 + "]" * 200)), "nested more deeply"),
        ('{"format": 1, "requirements": [], "\\ud800": 1}', "not text"),
        (json.dumps({k: v for k, v in report().items() if k != "spec"}), "damaged report"),
    ],
)
def test_what_is_no_report_is_told_in_one_line(content: str | bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "conformance.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput, match=told) as caught:
        read_report(path)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 400


def test_on_the_command_line_it_is_exit_2(tmp_path: Path) -> None:
    good, bad = saved(report(), tmp_path / "a.json"), tmp_path / "no.json"
    for arguments in ((good, bad), (bad, good), (good, tmp_path), (good,), (good, good, "--format", "xml")):
        done = compared(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1


def test_too_large_a_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(report(), tmp_path / "a.json")
    size = path.stat().st_size
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", size)
    assert read_report(path)["verdict"] == "conformant"
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", size - 1)
    with pytest.raises(BadInput, match="larger than any report"):
        read_report(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="not a file"):
        read_report(tmp_path / "pipe")


def test_fields_of_other_versions_are_ignored() -> None:
    """Within a format fields came and went: an old report stays readable, a newer one too."""
    value = {**report(), "latency": {}, "something": [1, None]}
    for gone in ("counts", "breaks", "embedded_mock", "journeys", "not_judged", "interrupted", "spent"):
        value.pop(gone, None)
    assert checked(value, "x") == value
    assert "not_judged" in earlier()
    assert "interrupted" not in earlier()
    checked(earlier(), "a run of an earlier version")
    checked(example(), "the example run")


def test_deep_is_deeper_than_the_bound() -> None:
    def nested(depth: int) -> Any:
        return json.loads("[" * depth + "]" * depth)

    assert not reading._is_deeper(nested(MAX_DEPTH), MAX_DEPTH)
    assert reading._is_deeper(nested(MAX_DEPTH + 1), MAX_DEPTH)
