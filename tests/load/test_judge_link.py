"""Whatever becomes of the judging process, each recording gets an answer, if only that there is none; nothing blocks."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import pytest

from conformance.load import judge_link
from conformance.load.judge_link import JudgeLink, NotJudged
from conformance.recording import Recording
from tests.judges.by_hand import exchange, recording
from tests.load.test_neighbours import session


def asked(*recordings: Recording, before: Any = None) -> list[Any]:
    """What comes for each, all asked at once; ``before`` is called with the link when it has started."""

    async def main() -> list[Any]:
        link = JudgeLink()
        await link.start()
        if before is not None:
            await before(link)
        try:
            answers = [link.judge(number, one) for number, one in enumerate(recordings, 1)]
            return list(await asyncio.gather(*answers, return_exceptions=True))
        finally:
            await link.close()

    return asyncio.run(main())


def test_each_recording_gets_its_own_answer() -> None:
    answers = asked(*(session(f"s{n}", *["1-2:start-step"] * n) for n in range(1, 31)))
    assert [answer["frames"] for answer in answers] == [3 + n for n in range(1, 31)]


def test_a_mistake_of_ours_is_no_word_about_the_target() -> None:
    broken = recording(exchange("session-1/session", "create-session", 201, at=1.0, history=True, session=[]))
    object.__setattr__(broken, "exchanges", None)
    (answer,) = asked(broken)
    assert isinstance(answer, NotJudged)
    assert "a mistake of the suite" in str(answer)


def test_a_judge_that_dies_is_started_again_and_what_it_had_is_told() -> None:
    async def kill(link: JudgeLink) -> None:
        assert link.pid is not None
        os.kill(link.pid, signal.SIGKILL)
        await asyncio.sleep(0.5)

    answers = asked(*(session(f"s{n}") for n in range(5)), before=kill)
    assert all(isinstance(answer, (dict, NotJudged)) for answer in answers)
    assert any(isinstance(answer, dict) for answer in answers)


def test_who_finds_no_place_in_time_goes_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_link, "WAIT_SECONDS", 0.2)

    async def stop(link: JudgeLink) -> None:
        assert link.pid is not None
        pid = link.pid
        os.kill(pid, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(1.5, os.kill, pid, signal.SIGCONT)

    began = time.monotonic()
    answers = asked(*(session(f"s{n}") for n in range(judge_link.UNDER_WAY + 3)), before=stop)
    told = [str(answer) for answer in answers if isinstance(answer, NotJudged)]
    assert told == ["the judge is too far behind"] * 3
    assert time.monotonic() - began < 20
