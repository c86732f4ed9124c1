"""The way to the judging process: a queue of bounded length, and an answer for each recording, if only that there is none."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from contextlib import suppress
from typing import Any, Final

from conformance.load.judge import HEADER
from conformance.recording import Recording

WAITING_MOST: Final = 64
"""Recordings that wait to be judged. Whoever comes then waits, and so begins no other session meanwhile."""
UNDER_WAY: Final = 8
"""Recordings that are with the judging process at a time."""
WAIT_SECONDS: Final = 60.0
"""How long one waits for a place before the session goes unjudged."""
ANSWER_MOST: Final = 16 * 1024 * 1024
STARTS_MOST: Final = 5
"""How often the process is started again when it died."""
TEXT_LIMIT: Final = 1 << 20


class NotJudged(Exception):  # noqa: N818 - it says what became of the session
    """Why a session was not judged, in a few words."""


class JudgeLink:
    """``cpu``: CPU seconds that judging has cost; ``pid``: of the process that judges now."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.waiting = 0
        self.starts = 0
        self._cpu_before = 0.0
        self._process: asyncio.subprocess.Process | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._places = asyncio.Semaphore(UNDER_WAY)
        self._sending = asyncio.Lock()
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def behind(self) -> bool:
        """Whether so much waits that nobody should bring more."""
        return self.waiting >= WAITING_MOST

    async def start(self) -> None:
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "conformance.load.judge"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=TEXT_LIMIT,
            # Ctrl+C is for whoever started it, and lets it judge what it has.
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def judge(self, number: int, recording: Recording, *, timed: bool = False) -> dict[str, Any]:
        """What was found in the recording (``judged.JudgedSession`` as a dict); ``timed`` as in ``SessionJudge.judge``.

        :raises NotJudged: there was no place for it in time, or the process died, or it met a mistake of ours.
        """
        self.waiting += 1
        try:
            try:
                await asyncio.wait_for(self._places.acquire(), WAIT_SECONDS)
            except asyncio.TimeoutError:
                raise NotJudged("the judge is too far behind") from None
            try:
                found = await self._ask(number, pickle.dumps((recording, timed), pickle.HIGHEST_PROTOCOL))
            finally:
                self._places.release()
        finally:
            self.waiting -= 1
        if "mistake" in found:
            raise NotJudged(f"a mistake of the suite: {found['mistake'].strip().splitlines()[-1][:300]}")
        return found

    async def _ask(self, number: int, data: bytes) -> dict[str, Any]:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            async with self._sending:
                if self.pid is None:
                    if self.starts >= STARTS_MOST:
                        raise NotJudged("the judging process died too often")
                    await self.start()
                assert self._process is not None
                assert self._process.stdin is not None
                self._process.stdin.write(HEADER.pack(number, len(data)) + data)
                await self._process.stdin.drain()
            return await answer
        except (OSError, asyncio.IncompleteReadError):
            raise NotJudged("the judging process died") from None
        finally:
            self._answers.pop(number, None)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                number, size = HEADER.unpack(await process.stdout.readexactly(HEADER.size))
                if size > ANSWER_MOST:
                    break
                found = pickle.loads(await process.stdout.readexactly(size))
                self.cpu = self._cpu_before + found["cpu"]
                answer = self._answers.get(number)
                if answer is not None and not answer.done():
                    answer.set_result(found)
        await process.wait()
        self._cpu_before = self.cpu
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(NotJudged("the judging process died"))

    async def close(self, seconds: float = 10.0) -> None:
        """Let it end; what it still has is waited for."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), seconds)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading
