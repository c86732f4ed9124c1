"""The second tenant's key on sessions of the first: what it may learn of them is nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeAlias

import httpx

from conformance import api
from conformance.journeys.plain_requests import plain_request
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until
from conformance.journeys.turns import PROMPT, SessionPlay, session_body, session_id_of
from conformance.journeys.unknown_ids import unknown_id
from conformance.recording import CHAT_OPERATIONS, Exchange, Operation

SESSION_OPERATIONS = tuple(operation for operation in CHAT_OPERATIONS if operation != "create-session")
FOREIGN, MISSING = "foreign", "foreign-missing"
ROUNDS: dict[int, tuple[str, str]] = {1: (FOREIGN, MISSING), 2: (MISSING, FOREIGN)}
"""The order of the two kinds in each round. It changes: instances that take turns would else each see one kind."""
_POLL = 0.1

_Asked: TypeAlias = tuple[str, Operation, httpx.Request]


async def compare(session: SessionPlay, round_: int) -> None:
    """Each operation on a session of ours and on one that does not exist; then input that is refused anyway."""
    player, other = session.player, session.player.authorization("other")
    asked = {FOREIGN: session.session_id, MISSING: unknown_id(session.session_id)}
    for operation in SESSION_OPERATIONS:
        for kind in ROUNDS[round_]:
            request = plain_request(player, operation, asked[kind], other)
            facts = session.facts(part="stranger", asked=asked[kind])
            await _ask(session, f"{kind}-{round_}/{operation}", operation, request, facts)
    for kind in ROUNDS[round_]:
        for name, wrong, request in _bad_input(player, asked[kind]):
            facts = session.facts(part="stranger-input", asked=asked[kind])
            await _ask(session, f"{kind}-{name}-{round_}", wrong, request, facts)


def _bad_input(player: Player, asked: str) -> Sequence[_Asked]:
    """Whose session it is for must not decide how it is refused."""
    target, other = player.target, player.authorization("other")
    wrong = {"message": PROMPT, "model_tier": "TURBO"}
    return (
        ("bad-body", "append-message", api.append_message(target, other, asked, wrong)),
        ("bad-cursor", "tail-events", api.tail_events(target, other, asked, since="no cursor")),
        ("bad-type", "request-upload-url", api.request_upload_url(target, other, asked, {"content_type": 42})),
    )


async def session_with_turns(strangers: SessionPlay, stage: Stage) -> None:
    """A session that has had a turn, with a cursor of it: an empty one has nothing to leak.

    :raises BrokeOff: when the dialogue gave no first turn.
    """
    player = strangers.player
    session, read = await stage.wait_first_turn("foreign-turns")
    target, other, id_ = player.target, player.authorization("other"), session.session_id
    cursor = read.ids[0] if read.ids else "0-0"
    listing = api.list_messages(target, other, id_)
    requests: Sequence[_Asked] = (
        ("since", "tail-events", api.tail_events(target, other, id_, since=cursor)),
        ("header", "tail-events", api.tail_events(target, other, id_, last_event_id=cursor)),
        ("list", "list-messages", listing),
        ("page", "list-messages", httpx.Request("GET", f"{listing.url}?page_size=1", headers=listing.headers)),
        ("append", "append-message", api.append_message(target, other, id_, {"message": PROMPT})),
        ("upload", "request-upload-url", api.request_upload_url(target, other, id_, {"content_type": "image/png"})),
    )
    for name, operation, request in requests:
        facts = {"part": "stranger", "asked": id_, "session": id_}
        await _ask(strangers, f"foreign-turns/{name}", operation, request, facts)
    await _known_message(strangers)
    await _foreign_page(strangers, session)


async def _foreign_page(strangers: SessionPlay, theirs: SessionPlay) -> None:
    """The cursor of a page of our replay, with the second key on a session of its own: it must not lead back to ours."""
    player, target = strangers.player, strangers.player.target
    listing = api.list_messages(target, player.authorization("own"), theirs.session_id)
    request = httpx.Request("GET", f"{listing.url}?page_size=1", headers=listing.headers)
    facts = {"part": "stranger", "session": theirs.session_id}
    page = await player.play(strangers.journey, "foreign-page/own", "list-messages", request, facts=facts)
    cursor = _next_cursor(page)
    if cursor is None:
        return
    other = player.authorization("other")
    creation = api.create_session(target, other, session_body(player))
    created = await player.play(
        strangers.journey, "foreign-page/session", "create-session", creation, credential="other", facts={}
    )
    try:
        here = session_id_of(created)
    except BrokeOff:
        return
    request = api.list_messages(target, other, here, cursor)
    facts = {"part": "foreign-page", "session": here, "asked": theirs.session_id}
    await _ask(strangers, "foreign-page/other", "list-messages", request, facts)


def _next_cursor(page: Exchange) -> str | None:
    meta = page.json.get("meta") if isinstance(page.json, dict) else None
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    cursor = pagination.get("next_cursor") if isinstance(pagination, dict) else None
    return cursor if isinstance(cursor, str) and cursor else None


async def _known_message(strangers: SessionPlay) -> None:
    """A message under a client_message_id that its session knows: a check for duplicates must not come first."""
    player = strangers.player
    post = await _accepted_with_id(player)
    if post is None:
        return
    target, other, here = player.target, player.authorization("other"), str(post.facts["session"])
    body = {"message": PROMPT, "client_message_id": post.facts["client_message_id"]}
    facts = {"part": "stranger", "asked": here, "session": here}
    request = api.append_message(target, other, here, body)
    await _ask(strangers, "foreign-turns/known-id", "append-message", request, facts)
    nowhere = unknown_id(here)
    for round_, kinds in ROUNDS.items():
        for kind in kinds:
            asked = here if kind == FOREIGN else nowhere
            request = api.append_message(target, other, asked, {**body, "model_tier": "TURBO"})
            facts = {"part": "stranger-input", "asked": asked, "session": here}
            await _ask(strangers, f"{kind}-bad-known-id-{round_}", "append-message", request, facts)


async def _accepted_with_id(player: Player) -> Exchange | None:
    """A message that was accepted with an id of the client's; the journeys that send such may not be so far yet."""
    deadline = player.clock() + player.limits.settle
    while True:
        for exchange in player.exchanges:
            known = exchange.facts.get("client_message_id")
            if exchange.facts.get("part") == "post" and exchange.status == 202 and isinstance(known, str) and known:
                return exchange
        if player.clock() >= deadline:
            return None
        await asyncio.sleep(_POLL)


async def _ask(
    session: SessionPlay, step: str, operation: Operation, request: httpx.Request, facts: dict[str, Any]
) -> None:
    player = session.player
    until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    await player.play(session.journey, step, operation, request, credential="other", facts=facts, until=until)
