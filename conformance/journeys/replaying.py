"""``GET …/messages``, page by page, and again while it does not yet show what was accepted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from conformance import api
from conformance.journeys.player import Player
from conformance.judging.json_leaves import scalars
from conformance.recording import Exchange

PATIENCE = 5.0
"""Seconds for a replay to show the accepted messages: it may be read from a copy that follows a little later."""
_PAUSE = 0.3
_PAUSE_MOST = 2.0


async def replay(
    player: Player, journey: str, session_id: str, name: str, *, most_pages: int = 10, patient: bool = True
) -> list[Exchange]:
    """Replay the messages, following ``next_cursor`` over a bounded number of pages.

    ``patient``: where one of the session's messages is on no page, all is asked again, for ``PATIENCE`` seconds at most.
    What came before is recorded as ``early-NAME-K``: only the last replay, ``NAME``, counts as one.
    """
    deadline = player.clock() + PATIENCE
    pause, early = _PAUSE, 0
    while True:
        pages, whole = await _pages(player, journey, session_id, name, most_pages)
        late = patient and whole and not _shown(_accepted(player, session_id), pages)
        if not late or player.clock() + pause > deadline:
            return [player.keep(page) for page in pages]
        early += 1
        for page in pages:
            player.keep(replace(page, step=f"early-{name}-{early}{page.step[len(name) :]}"))
        await asyncio.sleep(pause)
        pause = min(pause * 2, _PAUSE_MOST)


async def _pages(player: Player, journey: str, session_id: str, name: str, most: int) -> tuple[list[Exchange], bool]:
    """The pages, and whether the last of them says that there is no other."""
    pages: list[Exchange] = []
    cursor: str | None = None
    for number in range(1, most + 1):
        step = name if number == 1 else f"{name}/page-{number}"
        request = api.list_messages(player.target, player.authorization("own"), session_id, cursor)
        facts = {"session": session_id, "page": number}
        page = await player.send(journey, step, "list-messages", request, facts=facts)
        pages.append(page)
        cursor = _next_cursor(page.json)
        if page.status != 200 or cursor is None:
            return pages, page.status == 200
    return pages, False


def _accepted(player: Player, session_id: str) -> set[str]:
    """The ids of the session's accepted messages, but for those that should have been refused."""
    return {
        message_id
        for e in player.exchanges
        if e.operation == "append-message" and e.status == 202 and e.facts.get("session") == session_id
        if e.facts.get("part") in ("post", "rival") and isinstance(message_id := e.data.get("user_message_id"), str)
    }


def _shown(wanted: set[str], pages: list[Exchange]) -> bool:
    # As a whole value, as the judge wants it: a short id may well be a word of a text.
    there = frozenset[str]().union(*(scalars(page.json) for page in pages))
    return wanted - {""} <= there


def _next_cursor(page: Any) -> str | None:
    meta = page.get("meta") if isinstance(page, dict) else None
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    cursor = pagination.get("next_cursor") if isinstance(pagination, dict) else None
    more = pagination.get("has_more") if isinstance(pagination, dict) else None
    return cursor if isinstance(cursor, str) and cursor and more is not False else None
