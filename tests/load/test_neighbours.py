"""What one session shows of another is found by CUR-09's own scenarios, although each was recorded by itself."""

from __future__ import annotations

from dataclasses import replace

from conformance.judging.neighbours import Neighbours
from conformance.load.judged import SessionJudge
from conformance.recording import Recording
from tests.judges.by_hand import exchange, post, recording, stream, tail

MARK = "turn-0123456789abcdef-{}"


def session(name: str, *words: str, journey: str = "session-1") -> Recording:
    """A session with one turn, whose tail shows these words between its beginning and its end."""
    data = {"chat_turn_id": MARK.format(name), "user_message_id": f"m-{name}", "since_cursor": None}
    created = exchange(f"{journey}/session", "create-session", 201, {"data": {"id": name}}, at=9.0, history=True)
    posted = post(1, journey=journey, session=name, body={"data": data, "meta": {}})
    shown = " ".join(["1-1:start", *words, "1-8:finish-step", "1-9:finish"])
    return recording(created, posted, tail(stream(shown), journey=journey, session=name))


def foreign(*recordings: Recording) -> list[str]:
    """How CUR-09 was ruled on each of them, one after another."""
    judge = SessionJudge()
    return [judge.judge(one, number).rules.get("CUR-09", "nothing") for number, one in enumerate(recordings, start=1)]


def test_an_id_of_an_earlier_session_is_a_violation() -> None:
    assert foreign(session("a"), session("b", f"1-2:data-x={MARK.format('a')}"))[-1] == "failed"


def test_an_id_of_a_session_that_is_judged_later_is_a_violation_then() -> None:
    ruled = foreign(session("a", f"1-2:data-x={MARK.format('b')}"), session("b"))
    assert ruled[0] != "failed"
    assert ruled[1] == "failed"


def test_its_own_ids_and_those_of_nobody_are_lawful() -> None:
    own = session("a", f"1-2:data-x={MARK.format('a')}")
    assert "failed" not in foreign(own, session("b", f"1-2:data-x={MARK.format('nobody')}"))


def test_what_two_sessions_were_given_alike_tells_nothing_apart() -> None:
    alike = session("a")
    twin = replace(alike, exchanges=tuple(replace(e, facts={**e.facts, "session": "b"}) for e in alike.exchanges))
    assert "failed" not in foreign(alike, twin, session("c", f"1-2:data-x={MARK.format('a')}"))


def test_only_those_that_share_something_are_put_together() -> None:
    known = Neighbours(kept=3)
    for number in range(10):
        assert known.suspects(session(f"s{number}"), str(number)) is None
    both = known.suspects(session("new", f"1-2:data-x=about_{MARK.format('s8')}"), "new")
    assert both is not None
    assert {e.journey for e in both.exchanges} == {"8/session-1", "new/session-1"}
    # What is long gone is not kept.
    assert known.suspects(session("newer", f"1-2:data-x={MARK.format('s1')}"), "newer") is None
