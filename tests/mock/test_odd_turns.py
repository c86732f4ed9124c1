"""Turns whose script is not as the runner would have it: with a step that writes nothing, or failing half way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from conformance.mock import server as server_module
from conformance.mock.behaviour import Behaviour
from conformance.mock.embedded import RunningMock, running
from conformance.mock.script import Step
from conformance.mock.settings import Settings
from tests.mock.crowd import Event, Member

TEXT: Step = Step(({"type": "start"},))
END: Step = Step(({"type": "finish"},), final=True)


class BreaksOff(list[Step]):
    """A script of which nobody can read more than the first step."""

    def __getitem__(self, index: Any) -> Any:
        if index:
            raise ValueError("no such step")
        return super().__getitem__(index)


async def _two_turns(mock: RunningMock) -> list[list[Event]]:
    one = Member(mock.base_url, mock.keys["first"])
    session = await one.create()
    turns = []
    for _ in range(2):
        sent = await one.send(session)
        turns.append(await asyncio.wait_for(one.turn(session, sent["since_cursor"]), 10.0))
    return turns


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([TEXT, Step(()), Step(()), END], ["start", "finish"]),
        ([Step(()), TEXT, END], ["start", "finish"]),
        (BreaksOff([TEXT, END]), ["start", "error"]),
    ],
    ids=["empty steps", "an empty step first", "broken off"],
)
def test_each_turn_ends_once(script: list[Step], expected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        server_module, "behaviour_of", lambda _settings: replace(Behaviour(), steps=lambda _turn, _policy: script)
    )
    with running(Settings(turn_seconds=0.1)) as mock:
        turns = asyncio.run(_two_turns(mock))
    assert [[event.kind for event in turn] for turn in turns] == [expected] * 2
