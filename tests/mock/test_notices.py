"""A notice says what was written, and behind what; a tail takes of it what it has not got, and knows a gap."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.exceptions import ResponseError, WatchError

from conformance.mock.attempts import attempt
from conformance.mock.notices import Notice, noticed, read_notice
from conformance.mock.settings import Settings
from conformance.mock.store import open_store, text

ENTRIES = [
    (f"7-{number}", {"chunk": f"{number} \u2028 🐈", "turn": "t", "final": "0", "last": "0"}) for number in range(3)
]


def test_it_survives_the_way_through_the_store() -> None:
    command = noticed("session", "6-0", ENTRIES)
    assert read_notice(command[-1]) == Notice("6-0", ENTRIES)


@pytest.mark.parametrize(
    ("position", "left"),
    [("6-0", 3), ("6-5", 3), ("7-0", 2), ("7-1", 1), ("7-2", 0), ("10-0", 0), ("5-0", None), ("0-0", None)],
)
def test_what_comes_after_a_position(position: str, left: int | None) -> None:
    found = Notice("6-0", ENTRIES).after(position)
    assert (None if found is None else len(found)) == left
    if found:
        assert list(found) == ENTRIES[-len(found) :]


def tried(*writes: tuple[Any, ...], meddle: bool = False) -> dict[str, str]:
    """What is in the store after an attempt on the key ``a``; ``meddle``: another changes it in between."""

    async def run() -> dict[str, str]:
        client = open_store(Settings())
        await client.set("a", "1")
        try:
            async with attempt(client, ("a",), (("GET", "a"), ("TIME",))) as one:
                assert one.replies[0] == "1"
                if meddle:
                    await client.set("a", "2")
                if writes:
                    await one.commit(writes)
        finally:
            # The connection is as good as new for whoever gets it next.
            found = {text(key): text(await client.get(key)) for key in await client.keys()}
            assert await client.set("a", "3")
            await client.aclose()
        return found

    return asyncio.run(run())


def test_an_attempt_writes_all_of_it() -> None:
    assert tried(("SET", "a", "5"), ("SET", "b", "6")) == {"a": "5", "b": "6"}


def test_an_attempt_that_commits_nothing_leaves_everything() -> None:
    assert tried() == {"a": "1"}


def test_an_attempt_on_what_has_changed_writes_nothing() -> None:
    with pytest.raises(WatchError):
        tried(("SET", "b", "6"), meddle=True)


def test_an_attempt_that_cannot_be_written_says_so() -> None:
    with pytest.raises(ResponseError):
        tried(("LPUSH", "a", "6"))
