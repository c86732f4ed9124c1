"""Nothing is found on a lawful server, however much it differs from the reference; what is broken is found."""

from __future__ import annotations

import pytest

from conformance.histories.outcome import HistorySettings
from conformance.histories.replaying import play_history
from conformance.histories.running import run_histories
from conformance.histories.steps import Step
from tests.histories.server import LIMITS, mock, step

EVERYTHING = (
    step("post", id="fresh", header=True, to_the_end=False),
    step("duplicate"),
    step("break_off", envelopes=3, times=2, by="header"),
    step("post_while_running", id="fresh"),
    step("finish", again=True),
    step("open"),
    step("post", session=1, id="null", tier="SMART", attachments=1, to_the_end=False),
    step("uncursored", session=1),
    step("post", before=True, header=True, id="fresh", attachments=2, to_the_end=False),
    step("uncursored"),
    step("stranger", does="append"),
    step("break_off", envelopes=5, by="query"),
    step("messages"),
    step("duplicate", twice=True, body="text"),
    step("finish", again=True),
    step("race", posts=2),
    step("quiet"),
    step("race", posts=3, one_id=True),
    step("stranger", does="append-known"),
    step("finish", again=True),
    step("resume_both", eighths=4),
    step("resume", back=2, eighths=3, by="header"),
    step("resume", back=0, eighths=8),
    step("duplicate", back=2),
    step("finish", session=1),
    step("foreign", session=1),
    step("post", id="fresh", before=True, to_the_end=True),
    step("duplicate", body="attachments"),
    step("quiet"),
    step("messages"),
    step("messages", session=1),
)
"""Every kind of step."""

VARIANTS: tuple[tuple[str, ...], ...] = (
    (),
    ("turns-parallel", "uncursored-beginning", "duplicates-per-tenant"),
    ("turns-refused",),
)


@pytest.mark.parametrize("variants", VARIANTS, ids=lambda v: "+".join(v) or "reference")
def test_a_history_of_everything_finds_nothing(variants: tuple[str, ...]) -> None:
    with mock(None, *variants) as target:
        recording, broken = play_history(target, LIMITS, EVERYTHING)
    assert [(one.rule, one.violation.reason) for one in broken] == []
    parts = {exchange.facts.get("part") for exchange in recording.exchanges}
    assert {"post", "tail", "live", "resume", "duplicate", "rival", "rival-tail", "stranger", "foreign"} <= parts


def test_nothing_is_found_on_the_reference() -> None:
    with mock() as target:
        report = run_histories(target, LIMITS, HistorySettings(turns=200, seconds=6.0, seed=3))
    assert [str(failure.violation) for failure in report.failures] == []
    assert report.histories > 0
    assert report.turns > 0


@pytest.mark.parametrize(
    ("fault", "rule", "steps"),
    [
        (
            "reconnect-behind-a-refused-duplicate-skips-one",
            "CUR-07",
            (
                step("post", id="fresh", to_the_end=True),
                step("duplicate"),
                step("resume", eighths=2),
            ),
        ),
        (
            "refused-duplicate-is-stored-with-the-next-message",
            "IDEM-03",
            (step("post", id="fresh"), step("duplicate", body="text"), step("post"), step("finish"), step("messages")),
        ),
        (
            "session-unguarded-after-a-broken-tail",
            "AUTH-03",
            (step("post"), step("break_off"), step("finish"), step("stranger", does="list")),
        ),
        (
            "cursor-of-the-turn-whose-duplicate-lost",
            "CUR-01",
            (step("race", one_id=True), step("post", to_the_end=True)),
        ),
    ],
)
def test_one_history_shows_the_fault(fault: str, rule: str, steps: tuple[Step, ...]) -> None:
    with mock(fault) as target:
        _, broken = play_history(target, LIMITS, steps)
    assert rule in {one.rule for one in broken}
