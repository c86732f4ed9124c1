"""EVT-05 on recordings written by hand: how a turn ends, and how it may seem not to."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_turn_ends as ends
from tests.judges.by_hand import found, outcome, post, recording, stream, tail

ENDS = ends.test_every_turn_ends_with_a_terminal_envelope
EVERY = ends.test_every_tail_of_a_turn_has_its_end
ONE = "1-1:start 1-2:text-start 1-3:text-end 1-4:finish-step 1-5:finish"
TWO = "2-1:start 2-2:text-start 2-3:text-end 2-4:finish-step 2-5:finish"
OPEN = "1-1:start 1-2:text-start"
ENDED = [post(9), tail(stream("9-1:start 9-2:finish", 90.5), 9)]
"""Another turn of the run, that ended."""


def open_turn(words: str = OPEN, **more: Any) -> list[Exchange]:
    return [post(1), tail(stream(words), **{"ending": "silence", "ended": 80.0, **more})]


# --- EVT-05: an end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["finish", "abort", "error"])
def test_each_terminal_envelope_is_an_end(kind: str) -> None:
    assert outcome(ENDS, recording(post(), tail(stream(f"{OPEN} 1-3:{kind}")))) == "kept"


def test_without_a_tail_it_is_untested() -> None:
    broke = Break("dialogue", "turn-1/post", "status 500")
    assert found(ENDS, recording(post(), breaks=[broke])) == (
        "untested: no turn was tailed to its end; dialogue broke off at turn-1/post: status 500"
    )
    assert outcome(ENDS, recording(post(1), *ENDED)) == "kept"


@pytest.mark.parametrize("with_another", [True, False])
def test_a_stream_that_falls_silent_without_an_end_is_found(with_another: bool) -> None:
    reason = found(ENDS, recording(*open_turn(), *(ENDED if with_another else ())))
    assert reason.startswith("violation: dialogue turn 1: 2 envelopes, the last 1-2 text-start")
    assert ("1 other turns of this run ended" in reason) is with_another
    assert ("no turn of this run ended" in reason) is not with_another


@pytest.mark.parametrize(
    ("ending", "ended", "expected"),
    [
        ("closed", 15.0, "violation"),
        ("complete", 15.0, "violation"),
        ("broken", 15.0, "violation"),
        ("closed", 30.3, "violation"),
        ("closed", 30.5, "kept"),  # 20 s after it was answered: a proxy's bound
        ("broken", 80.0, "kept"),
        ("frame-limit", 80.0, "kept"),
        ("byte-limit", 80.0, "kept"),
        ("goal", 80.0, "kept"),  # the client left, and an interrupted run has no more of it
        ("time-limit", 64.0, "kept"),  # 90 % of the time that a turn has had not passed since the last envelope
        ("time-limit", 65.0, "violation"),
        ("silence", 11.0, "violation"),
    ],
)
def test_how_it_stopped_decides(ending: Any, ended: float, expected: str) -> None:
    """The tail was answered at second 10.4, its last envelope came at 10.6; a turn has 60 seconds."""
    played = open_turn(ending=ending, ended=ended)
    assert outcome(ENDS, recording(*played, *ENDED)) == expected
    assert outcome(ENDS, recording(*played)) == ("violation" if expected == "violation" else "untested")


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_tail_that_was_refused_is_the_finding_of_another_rule(status: int) -> None:
    played = [post(1), tail([], 1, "main", status, ending="complete")]
    assert found(ENDS, recording(*played)) == "untested: no turn ended within the time of the run (dialogue turn 1)"
    assert outcome(ENDS, recording(*played, *ENDED)) == "kept"
    silent = [post(1), tail([], 1, "main", 0, ending="no-answer", ended=80.0)]
    assert outcome(ENDS, recording(*silent, *ENDED)) == "violation"


def test_signs_of_life_do_not_bring_a_turn_on() -> None:
    """What counts is the last envelope that is neither a data part nor word for word what came before."""
    alive = [*stream(OPEN), *stream("1-8:data-progress", 60.0), *stream("1-2:text-start", 61.0)]
    played = [post(1), tail(alive, ending="time-limit", ended=65.0)]
    assert outcome(ENDS, recording(*played, *ENDED)) == "violation"
    on = [*stream(OPEN), *stream("1-3:text-delta=more", 60.0)]
    played = [post(1), tail(on, ending="time-limit", ended=65.0)]
    assert outcome(ENDS, recording(*played, *ENDED)) == "kept"


@pytest.mark.parametrize("kind", ["header", "before", "again"])
@pytest.mark.parametrize(
    ("end_at", "opened", "ended", "expected"),
    [
        (11.0, 10.2, 12.0, "violation"),  # it was there while the main tail waited
        (12.0, 10.2, 12.0, "violation"),
        (12.1, 10.2, 12.0, "kept"),  # the turn ended later than the player waited
        (13.0, 12.5, 12.0, "violation"),  # at once when it was opened
        (14.0, 12.5, 12.0, "kept"),
    ],
)
def test_the_end_on_another_tail_proves_when_it_was_there(
    kind: str, end_at: float, opened: float, ended: float, expected: str
) -> None:
    other = tail([*stream(OPEN, max(10.5, opened)), *stream("1-5:finish", end_at)], 1, kind, opened=opened)
    played = [*open_turn(ended=ended), other]
    assert outcome(ENDS, recording(*played, *ENDED)) == expected


def test_the_end_on_a_reconnect_counts_and_that_without_a_cursor_does_not() -> None:
    resume = tail(stream("1-5:finish", 11.0), 1, None, part="resume", name="dialogue/turn-1/resume-1", after="1-2")
    assert "resume-1 has the end" in found(ENDS, recording(*open_turn(ended=12.0), resume, *ENDED))
    without = tail(stream("0-9:finish", 11.0), 1, "none")
    assert "has the end" not in found(ENDS, recording(*open_turn(ended=12.0), without, *ENDED))


def test_a_stream_that_a_proxy_ended_is_judged_by_no_other_tail() -> None:
    other = tail(stream("1-5:finish", 11.0), 1, "header", opened=10.2)
    assert outcome(ENDS, recording(*open_turn(ending="closed", ended=40.0), other)) == "untested"
    assert outcome(ENDS, recording(*open_turn(ending="closed", ended=40.0), other, *ENDED)) == "kept"


@pytest.mark.parametrize(("last_at", "expected"), [(49.0, "violation"), (50.0, "untested"), (75.0, "untested")])
def test_a_turn_may_have_waited_for_those_of_other_sessions(last_at: float, expected: str) -> None:
    """Nothing of it came; elsewhere envelopes came later than half of its time before it was given up at 80."""
    elsewhere = [
        post(1, journey="refusals"),
        tail(
            [*stream("5-1:start 5-2:text-start"), *stream("5-3:text-delta", last_at)],
            journey="refusals",
            ending="time-limit",
            ended=last_at,
        ),
    ]
    played = [post(1), tail([], ending="silence", opened=10.2, ended=80.0)]
    assert outcome(ENDS, recording(*played, *elsewhere)) == expected
    begun = [post(1), tail(stream(OPEN), ending="silence", opened=10.2, ended=80.0)]
    assert outcome(ENDS, recording(*begun, *elsewhere)) == "violation"


@pytest.mark.parametrize(
    "other", [{"words": "5-3:data-progress"}, {"kind": "again"}, {"journey": "dialogue", "turn": 2}]
)
def test_only_a_turn_elsewhere_that_goes_on_is_one_to_wait_for(other: dict[str, Any]) -> None:
    values = {"turn": 1, "kind": "main", "journey": "refusals", "words": "5-3:text-delta", **other}
    frames = stream(values["words"], 75.0)
    elsewhere = tail(frames, values["turn"], values["kind"], journey=values["journey"], ending="time-limit")
    played = [post(1), tail([], ending="silence", opened=10.2, ended=80.0), elsewhere]
    assert outcome(ENDS, recording(*played)) == "violation"


def test_an_earlier_turns_end_is_no_end_of_this_one() -> None:
    before = [post(1), tail(stream(ONE))]
    second = [post(2, cursor="1-5"), tail(stream("1-5:finish", 20.5), 2)]
    assert outcome(ENDS, recording(*before, *second)) == "kept"  # the first ended
    lone = [tail(stream("1-5:finish", 15.0), 1, "main"), *second]
    assert outcome(ENDS, recording(*lone)) == "untested"
    again = tail(stream(TWO, 21.5), 2, "again")
    assert outcome(ENDS, recording(*lone, again)) == "kept"
    header = tail(stream(TWO, 21.5), 2, "header")
    assert outcome(ENDS, recording(*lone, header)) == "untested"


# --- EVT-05: on every tail --------------------------------------------------------------------------------------------


def endless(number: int, words: str = "1-4:finish-step", **more: Any) -> Exchange:
    values = {"part": "resume", "name": f"dialogue/turn-1/resume-{number}", "after": "1-3", "ending": "silence", **more}
    return tail(stream(words, 12.0), 1, values.pop("kind", None), **values)


def test_tails_that_lack_nothing_but_the_end_are_found() -> None:
    whole = [post(), tail(stream(ONE))]
    assert outcome(EVERY, recording(*whole, endless(1))) == "kept"  # one may be the network's
    reason = found(EVERY, recording(*whole, endless(1), endless(2)))
    assert "resume-1 has all but the end (silence); so 2 tails" in reason
    live = endless(2, part="live", name="dialogue/turn-1/live-1")
    assert outcome(EVERY, recording(*whole, endless(1), live)) == "violation"
    header = endless(2, kind="header", part="tail", name="dialogue/turn-1/tail-by-header")
    assert outcome(EVERY, recording(*whole, endless(1), header)) == "violation"


@pytest.mark.parametrize(("ending", "kept"), [("closed", False), ("complete", False), ("broken", True), ("goal", True)])
def test_only_where_nothing_more_was_to_come_the_end_is_missing(ending: Any, kept: bool) -> None:
    played = [post(), tail(stream(ONE)), endless(1, ending=ending), endless(2, ending=ending)]
    assert outcome(EVERY, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    "words", ["1-3:text-end", "", "1-4:finish-step 1-5:finish", ":finish-step", "1-4:finish-step=x"]
)
def test_a_tail_that_lacks_more_or_nothing_is_not_counted(words: str) -> None:
    if words == "1-4:finish-step=x":
        words = "1-4:text-delta=x"
    played = [post(), tail(stream(ONE)), endless(1, words), endless(2, words)]
    assert outcome(EVERY, recording(*played)) == "kept"


@pytest.mark.parametrize(
    "words", ["1-5:finish", f"{OPEN} :finish-step 1-5:finish", f"{OPEN} 1-4:finish-step :finish", OPEN]
)
def test_without_an_end_that_has_a_name_nothing_is_missed(words: str) -> None:
    played = [post(), tail(stream(words)), endless(1), endless(2)]
    assert outcome(EVERY, recording(*played)) == "kept"


def test_the_main_tail_and_a_refused_one_are_judged_elsewhere() -> None:
    cut = tail(stream(ONE[:-11]), ending="silence")
    again = tail(stream(ONE, 12.0), 1, "again")
    assert outcome(EVERY, recording(post(), cut, again, endless(1))) == "kept"
    refused = [endless(n, status=500) for n in (1, 2)]
    assert outcome(EVERY, recording(post(), tail(stream(ONE)), *refused)) == "kept"


def test_a_turn_with_another_beside_it_hides_none_that_follows() -> None:
    beside = post(8, 500, part="probe", name="dialogue/probe", at=10.2)
    apart: dict[str, Any] = {"session": "session-2"}
    resume: dict[str, Any] = {"ending": "silence", "part": "resume", **apart}
    frames = stream("2-4:finish-step", 22.0)
    later = [tail(frames, 2, None, name=f"dialogue/turn-2/resume-{n}", **resume) for n in (1, 2)]
    second = [post(2, cursor="1-5", **apart), tail(stream(TWO, 20.5), 2, **apart)]
    played = [post(), tail(stream(ONE)), endless(1), endless(2), beside, *second]
    assert outcome(EVERY, recording(*played)) == "kept"
    assert outcome(EVERY, recording(*played, *later)) == "violation"
    unended = [post(), tail(stream(OPEN)), *second]
    assert outcome(EVERY, recording(*unended, *later)) == "violation"


def test_without_any_turn_that_ended_it_is_untested() -> None:
    assert found(EVERY, recording(post())) == "untested: no turn was tailed to its end"
    assert outcome(EVERY, recording(*open_turn())) == "untested"
    assert outcome(EVERY, recording(post(), tail(stream(ONE)))) == "kept"
