"""Follows a running turn over as many connections as it takes: a proxy may close any of them (contract E3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from conformance.evidence import envelopes
from conformance.journeys.tails import Until
from conformance.recording import Exchange

LINKS_MOST = 24
"""Connections of one tail."""
BARREN_MOST = 2
"""Connections in a row that were closed at once, and gave nothing new."""
AT_ONCE = 1.0
"""Seconds: a connection that was open for longer has waited for the turn, whether something came or not."""


class OpenLink(Protocol):
    """Plays one connection of a tail."""

    async def __call__(
        self, step: str, facts: Mapping[str, Any], until: Until, *, since: str | None, last_event_id: str | None
    ) -> Exchange: ...


async def follow(
    open_link: OpenLink,
    clock: Callable[[], float],
    step: str,
    facts: Mapping[str, Any],
    until: Until,
    *,
    since: str | None = None,
    last_event_id: str | None = None,
) -> tuple[Exchange, ...]:
    """Read a tail; where it is closed before the turn's end, reconnect after the last id in the way it was opened.

    A tail without a cursor goes on by ``Last-Event-Id``, as a browser's does. The connections behind the first are
    ``STEP/link-N`` (part ``link``).
    """
    by_query = since is not None
    started = clock()
    links: list[Exchange] = []
    seen: set[str] = set()
    barren = 0
    name, known, left = step, dict(facts), until
    while True:
        link = await open_link(name, known, left, since=since, last_event_id=last_event_id)
        links.append(link)
        ids = [frame.id for frame in link.frames if frame.id]
        barren = barren + 1 if set(ids) <= seen and link.ended_at - link.sent_at < AT_ONCE else 0
        seen.update(ids)
        last = next((i for one in reversed(links) for i in _ids_backwards(one)), None)
        seconds = until.seconds - (clock() - started)
        if not _was_cut(link) or _ends(links, until.known) >= max(1, until.endings) or last is None:
            return tuple(links)
        if barren >= BARREN_MOST or len(links) >= LINKS_MOST or seconds <= 0:
            return tuple(links)
        since, last_event_id = (last, None) if by_query else (None, last)
        number = len(links) + 1
        name = f"{step}/link-{number}"
        known = {k: facts[k] for k in ("turn", "kind", "rival") if k in facts}
        known |= {"part": "link", "link": number, "after": last, "by": "query" if by_query else "header"}
        left = replace(until, seconds=seconds)
        if until.endings > 1:
            left = replace(left, endings=until.endings - _ends(links, until.known))


def _ids_backwards(link: Exchange) -> list[str]:
    return [frame.id for frame in reversed(link.frames) if frame.id]


def _was_cut(link: Exchange) -> bool:
    return link.status == 200 and link.ending in ("closed", "broken", "complete")


def _ends(links: Sequence[Exchange], known: frozenset[str]) -> int:
    """How many ends were read; of an `error` and the `finish` behind it, that finish alone where others are waited for."""
    types = [e.type for link in links for e in envelopes(link.frames) if e.id is None or e.id not in known]
    return sum(kind in ("finish", "abort") for kind in types) or int("error" in types)
