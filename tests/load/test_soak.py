"""Small soaks, as a user starts them: silent on a correct server, loud on a broken one, bounded, guarded, interruptible."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.embedded import EmbeddedMock
from conformance.report.html import page
from conformance.spec_files import read_spec_json
from tests.load.soaking import SMALL, command, environment, soak
from tests.runs.running import Ran

KEYS = {"NEO_API_KEY": "neo_sk_test_SecretOfOurs0123456789", "NEO_OTHER_API_KEY": "neo_sk_test_SecretOfTheirs012345"}


def failed(ran: Ran) -> set[str]:
    return {rule for rule, outcome in ran.outcomes.items() if outcome == "failed"}


@pytest.mark.parametrize("arguments", [(), ("--profile", "reconnect-storm"), ("--profile", "churn")], ids=str)
def test_a_correct_server_is_accused_of_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ran = soak(*SMALL, *arguments, report_dir=tmp_path / "out")
    assert ran.code == 0, ran.out + ran.err
    assert ran.report is not None
    told = ran.report["soak"]
    assert failed(ran) == set(), ran.out
    assert told["sessions"]["judged"] + sum(told["unjudged"].values()) == told["sessions"]["finished"]
    assert told["sessions"]["begun"] == told["sessions"]["finished"] + sum(told["unfinished"].values())
    assert told["sessions"]["judged"] >= 8
    assert told["turns"] == ran.report["turns"] > 8
    assert told["generator"]["connections_left"] == 0
    assert told["lost_workers"] == []
    assert ran.outcomes["CUR-02"] == ran.outcomes["EVT-03"] == "passed"
    # What no session of a soak can show is not passed.
    assert ran.outcomes["ATT-02"] == ran.outcomes["ACC-07"] == "untested"


def test_the_report_has_its_form_and_its_page(tmp_path: Path) -> None:
    ran = soak(*SMALL, report_dir=tmp_path / "out")
    assert ran.report is not None
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(ran.report)
    metrics = ran.report["soak"]["latency"]["metrics"]
    assert all(
        metrics[name]["count"] > 0 and metrics[name]["slots"] for name in ("accepted", "first", "between", "turn")
    )
    assert 0 < metrics["accepted"]["p50"] <= metrics["accepted"]["p99"] < metrics["turn"]["p99"]
    shown = (tmp_path / "out" / page.FILE_NAME).read_text(encoding="utf-8")
    assert 'id="soak"' in shown
    assert shown.count('class="curve p99"') == 5


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("cursor-after-enqueue", "CUR-02"),
        ("id-unknown-while-its-turn-runs", "IDEM-01"),
        ("one-event-lost-at-a-resume", "CUR-07"),
    ],
)
def test_a_broken_server_is_caught_with_evidence(fault: str, rule: str, tmp_path: Path) -> None:
    ran = soak(*SMALL, "--fault", fault, "--level", "should", report_dir=tmp_path / "out")
    assert ran.code == 1, ran.out + ran.err
    assert rule in failed(ran), ran.out
    assert ran.report is not None
    found = next(one for one in ran.report["soak"]["violations"] if one["requirement"] == rule)
    assert found["sessions"] >= len(found["examples"]) > 0
    example = found["examples"][0]
    assert example["evidence"]
    assert "curl" in example["message"]
    assert "$NEO_API_KEY" in example["message"]
    assert rule in ran.out


@pytest.mark.parametrize(
    "variants", ["turns-parallel,event-ids-opaque,created-200", "turns-refused,ids-integer,slow-posts"]
)
def test_lawful_freedoms_are_no_findings(variants: str, tmp_path: Path) -> None:
    ran = soak(*SMALL, "--variant", variants, report_dir=tmp_path / "out")
    assert failed(ran) == set(), ran.out
    assert ran.code == 0, ran.err


def test_two_processes_are_one_soak(tmp_path: Path) -> None:
    ran = soak(*SMALL, "--processes", "2", "--fault", "id-unknown-while-its-turn-runs", report_dir=tmp_path / "out")
    assert ran.code == 1, ran.out + ran.err
    assert ran.report is not None
    told = ran.report["soak"]
    assert told["processes"] == len(told["generator"]["memory"]) == 2
    assert told["lost_workers"] == []
    assert "IDEM-01" in failed(ran)


def test_a_limit_is_obeyed_and_counted_and_no_finding(tmp_path: Path) -> None:
    with EmbeddedMock("--rate-limit", "60/2", "--turn-seconds", "0.4") as target:
        keys = {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": str(target.other_key)}
        bound = ("--base-url", target.base_url, "--max-turns", "500")
        ran = soak(*SMALL[:6], "--think", "0.2", *bound, report_dir=tmp_path / "out", environ=keys)
    assert failed(ran) == set(), ran.out
    assert "429:" in ran.out


@pytest.mark.parametrize("processes", ["1", "2"])
def test_no_more_turns_are_started_than_allowed(processes: str, tmp_path: Path) -> None:
    with EmbeddedMock("--turn-seconds", "0.3") as target:
        keys = {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": str(target.other_key)}
        bound = ("--base-url", target.base_url, "--max-turns", "12", "--processes", processes)
        ran = soak(*SMALL[:6], *bound, report_dir=tmp_path / "out", environ=keys)
    assert ran.report is not None, ran.out + ran.err
    accepted = sum(n for what, n in ran.report["soak"]["answers"].items() if what == "append-message 202")
    assert 0 < accepted <= 12


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (("--base-url", "http://127.0.0.1:9"), KEYS, "--max-turns"),
        (("--base-url", "http://127.0.0.1:9", "--max-turns", "5"), {}, "NEO_API_KEY is not set"),
        (("--base-url", "https://api.neoagent.io", "--max-turns", "5"), KEYS, "--allow-production"),
        (("--base-url", "http://staging.example.net", "--max-turns", "5"), KEYS, "--allow-http"),
        (("--base-url", "http://127.0.0.1:9", "--max-turns", "5", "--fault", "x"), KEYS, "of the mock"),
        (("--master", "2"), KEYS, "--base-url"),
        (("--profile", "rush"), KEYS, "rush"),
        (("--fault", "no-such-fault"), {}, "no-such-fault"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    arguments: tuple[str, ...], environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    ran = soak(*arguments, report_dir=tmp_path / "out", environ=environ)
    assert ran.code == 2, ran.out + ran.err
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.report is None
    assert not any(key in ran.out + ran.err for key in KEYS.values())


def test_ctrl_c_leaves_a_marked_report(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--users", "5", "--seconds", "120", "--turn-seconds", "0.4", "--think", "0.2")
    process = subprocess.Popen(
        command(*arguments, report_dir=out),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    time.sleep(12)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, said + errors
    report = json.loads((out / "conformance.json").read_text(encoding="utf-8"))
    assert report["interrupted"] is True
    assert report["soak"]["sessions"]["judged"] > 0
    assert report["seconds"] < 60


def test_keys_are_in_nothing_that_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with EmbeddedMock("--turn-seconds", "0.3", "--fault", "id-unknown-while-its-turn-runs") as target:
        keys = {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": str(target.other_key)}
        bound = ("--base-url", target.base_url, "--max-turns", "200")
        ran = soak(*SMALL[:6], *bound, report_dir=out, environ=keys)
    written = "".join(path.read_text(encoding="utf-8") for path in out.iterdir()) + ran.out + ran.err
    assert not any(key in written for key in keys.values())
