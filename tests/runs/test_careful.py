"""What a run costs is known before, bounded by force, and never spent on production by a slip."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from conformance import plugin
from conformance.embedded import EmbeddedMock
from conformance.guards import guard
from conformance.journeys import cost
from conformance.journeys.cost import COSTS, PLANNED_TURNS, allotment
from conformance.journeys.limits import Limits
from conformance.journeys.run import play
from conformance.offline import judge_recording
from conformance.outcomes import BadInput
from conformance.recording import Recording
from conformance.target import Target
from tests.hostile.server import Call, hostile, politely
from tests.runs.running import suite

KEY = "neo_sk_test_0123456789"
PRODUCTION = "https://api.neoagent.io"


@pytest.mark.parametrize(
    ("target", "word"),
    [
        (Target(PRODUCTION, KEY), "--allow-production"),
        (Target("https://API.neoagent.io.", KEY), "--allow-production"),
        (Target("https://staging.test", "neo_sk_prod_0123456789"), "--allow-production"),
        (Target("https://staging.test", KEY, "neo_sk_PROD_0123456789"), "--allow-production"),
        (Target("http://staging.test", KEY), "--allow-http"),
        (Target("http://10.0.0.7", KEY), "--allow-http"),
    ],
)
def test_what_has_to_be_allowed(target: Target, word: str) -> None:
    with pytest.raises(BadInput, match=word) as refused:
        guard(target, allow_production=False, allow_http=False)
    assert "\n" not in str(refused.value)
    assert target.api_key not in str(refused.value)
    guard(target, allow_production=True, allow_http=True)


@pytest.mark.parametrize("url", ["https://staging.test", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"])
def test_what_needs_no_permission(url: str) -> None:
    guard(Target(url, KEY, KEY), allow_production=False, allow_http=False)


def test_production_is_refused_before_any_request(tmp_path: Path) -> None:
    ran = suite("--base-url", PRODUCTION, report_dir=tmp_path / "reports", environ={"NEO_API_KEY": KEY})
    assert ran.code == 2
    assert len(ran.err.strip().splitlines()) == 1
    assert "--allow-production" in ran.err
    assert ran.report is None


def test_a_dry_run_opens_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    package = Path(plugin.__file__).parent
    arguments = ["-c", "/dev/null", f"--rootdir={package}", "-p", "no:cacheprovider", "--import-mode=importlib", "-q"]
    arguments += [
        "--dry-run",
        "--base-url",
        PRODUCTION,
        "--report-dir",
        str(tmp_path / "reports"),
        "--turn-seconds",
        "9",
    ]
    assert pytest.main([*arguments, str(package)]) == 0
    shown = capsys.readouterr().out
    assert "dry run: nothing is sent" in shown
    assert "turns of 9 s" in shown
    assert not (tmp_path / "reports").exists()


def test_the_plan_is_what_is_played(baseline: Recording) -> None:
    """The figures of the dry run, held against a real one."""
    spent = cost.spent(baseline.exchanges)
    for name, planned in COSTS.items():
        assert spent[name].turns == planned.turns, name
        assert abs(spent[name].requests - planned.requests) <= max(6, 0.25 * planned.requests), name
        assert spent[name].received > 0
    assert sum(one.turns for one in spent.values()) == PLANNED_TURNS


@pytest.mark.parametrize("most", range(1, 20))
def test_a_small_budget_is_given_to_the_most_valuable(most: int) -> None:
    given = allotment(most)
    assert sum(given.values()) <= most
    assert given["dialogue"] >= 1
    assert {name for name, planned in COSTS.items() if planned.turns == 0} <= set(given)
    if most >= PLANNED_TURNS:
        assert given == {name: planned.turns for name, planned in COSTS.items()}


@pytest.mark.parametrize("most", [1, 5])
def test_no_more_turns_than_allowed_on_a_server_that_accepts_everything(most: int) -> None:
    async def accept(call: Call) -> bool:
        await politely(call)
        return True

    limits = Limits(turn_timeout=2.0, answer_timeout=2.0, settle=0.2, quiet=0.1, max_turns=most, run_seconds=30.0)
    with hostile(accept) as (url, seen):
        play(Target(url, KEY, None), limits)
    assert 1 <= seen.accepted <= most


def test_five_turns_on_a_correct_server() -> None:
    with EmbeddedMock("--turn-seconds", "0.2") as target:
        recording = play(target, Limits(max_turns=5))
    accepted = Counter(e.journey for e in recording.exchanges if e.operation == "append-message" and e.status == 202)
    assert accepted.total() <= 5
    results = judge_recording(recording)
    assert not [r.id for r in results.values() if r.outcome == "failed"]
    assert results["CUR-01"].outcome == "passed"
    assert results["IDEM-01"].outcome == "untested"
    assert "--max-turns 5" in results["IDEM-01"].reason


def test_read_only_writes_nothing() -> None:
    methods: list[str] = []

    async def note(call: Call) -> bool:
        methods.append(call.method)
        error = {"error": {"code": "x", "message": "x"}, "meta": {"request_id": "5f0c7a52-6d0e-4d7e-9a55-0f6f7e0b2c11"}}
        known = call.authorization == f"Bearer {KEY}"
        await call.json("404 Not Found" if known else "401 Unauthorized", error)
        return True

    with hostile(note) as (url, _):
        recording = play(Target(url, KEY, None), Limits(read_only=True))
    assert set(methods) == {"GET"}
    assert recording.exchanges
    results = judge_recording(recording)
    assert "--read-only" in results["ACC-01"].reason


def test_read_only_and_the_whole_command(tmp_path: Path) -> None:
    ran = suite("--read-only", report_dir=tmp_path / "reports")
    assert ran.code == 0, ran.out + ran.err
    assert ran.report is not None
    assert ran.report["verdict"] == "incomplete"
    assert ran.report["turns"] == 0
    assert ran.outcomes["FUZZ-01"] == "untested"
    assert set(ran.report["journeys"]) == {"strangers"}
