"""Who may not: bad credentials on every operation, unknown sessions, and another tenant's key on a session of ours."""

from __future__ import annotations

import asyncio
import base64
import random
import string
import uuid
from collections.abc import Mapping

import httpx

from conformance import api
from conformance.journeys import probes
from conformance.journeys.player import Player
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until
from conformance.journeys.turns import PROMPT, SessionPlay, open_session, session_body
from conformance.recording import CHAT_OPERATIONS, Operation
from conformance.target import altered

JOURNEY = "strangers"
SESSION_OPERATIONS = tuple(operation for operation in CHAT_OPERATIONS if operation != "create-session")
HARMLESS_SESSION_IDS = ("word", "zero", "negative", "beyond-64-bit", "zero-uuid", "emoji", "sql")
"""Ids that reach the application itself; others may be refused before it, by a proxy with pages of its own."""


async def play(player: Player, stage: Stage) -> None:
    """:raises BrokeOff: when the target gives no session, or the dialogue no first turn."""
    session = await open_session(player, JOURNEY)
    own = player.authorization("own")
    gate = asyncio.Semaphore(4)

    async def ask(step: str, operation: Operation, session_id: str, credential: str, literal: str | None) -> None:
        request = _request(player, operation, session_id, literal)
        facts = session.facts(part="stranger", asked=session_id)
        until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
        async with gate:
            await player.play(JOURNEY, step, operation, request, credential=credential, facts=facts, until=until)

    for name, literal in {**bad_credentials(), **near_misses(player.target.api_key)}.items():
        await asyncio.gather(
            *(ask(f"bad-{name}/{op}", op, session.session_id, f"bad-{name}", literal) for op in CHAT_OPERATIONS)
        )
    for round_ in (1, 2):
        missing = unknown_id(session.session_id)
        await asyncio.gather(*(ask(f"missing-{round_}/{op}", op, missing, "own", own) for op in SESSION_OPERATIONS))
        if player.target.other_key is not None:
            other = player.authorization("other")
            nowhere = unknown_id(session.session_id)
            for operation in SESSION_OPERATIONS:
                await ask(f"foreign-{round_}/{operation}", operation, session.session_id, "other", other)
                await ask(f"foreign-missing-{round_}/{operation}", operation, nowhere, "other", other)
    await _odd_paths(session, own)
    if player.target.other_key is not None:
        await _session_with_turns(player, stage)


async def _session_with_turns(player: Player, stage: Stage) -> None:
    """The other tenant's key on a session that has had a turn, with a cursor of it: an empty one has nothing to leak."""
    session, read = await stage.wait_first_turn("foreign-turns")
    target, other, id_ = player.target, player.authorization("other"), session.session_id
    cursor = read.ids[0] if read.ids else "0-0"
    listing = api.list_messages(target, other, id_)
    requests: tuple[tuple[str, Operation, httpx.Request], ...] = (
        ("since", "tail-events", api.tail_events(target, other, id_, since=cursor)),
        ("header", "tail-events", api.tail_events(target, other, id_, last_event_id=cursor)),
        ("list", "list-messages", listing),
        ("page", "list-messages", httpx.Request("GET", f"{listing.url}?page_size=1", headers=listing.headers)),
        ("append", "append-message", api.append_message(target, other, id_, {"message": PROMPT})),
        ("upload", "request-upload-url", api.request_upload_url(target, other, id_, {"content_type": "image/png"})),
    )
    until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    for name, operation, request in requests:
        facts = {"part": "stranger", "asked": id_, "session": id_}
        step = f"foreign-turns/{name}"
        await player.play(JOURNEY, step, operation, request, credential="other", facts=facts, until=until)


async def _odd_paths(session: SessionPlay, own: str | None) -> None:
    """Ids of no session, and queries of no meaning: nothing is demanded but that the server does not break."""
    player = session.player
    for name in HARMLESS_SESSION_IDS:
        url = player.target.url(f"/chat/sessions/{probes.ODD_SESSION_IDS[name]}/messages")
        request = httpx.Request("GET", url, headers={"Authorization": str(own), "Accept": "application/json"})
        facts = {"part": "odd-id", "rule": "ERR-04", "probe": name, "odd_path": True}
        await player.play(JOURNEY, f"odd-id-{name}", "list-messages", request, facts=facts)
    for name, query in probes.ODD_REPLAY_QUERIES.items():
        plain = api.list_messages(player.target, own, session.session_id)
        url = f"{plain.url}?{query}"
        request = httpx.Request("GET", url, headers={"Authorization": str(own), "Accept": "application/json"})
        facts = session.facts(part="odd-query", rule="ERR-04", probe=name, odd_path=True)
        await player.play(JOURNEY, f"odd-query-{name}", "list-messages", request, facts=facts)


def bad_credentials() -> Mapping[str, str | None]:
    """Values of the Authorization header that no server may accept; None: no header. All are made up for this run."""
    secret = "".join(random.choices(string.ascii_letters + string.digits, k=24))
    unknown = f"neo_sk_prod_{secret}"
    basic = base64.b64encode(f"user-{secret[:8]}:{secret[8:]}".encode()).decode()
    return {
        "none": None,
        "scheme": "Bearer",
        "malformed": f"Bearer {secret[:20]}",
        "unknown": f"Bearer {unknown}",
        "basic": f"Basic {basic}",
        "no-scheme": unknown,
    }


def near_misses(key: str) -> Mapping[str, str]:
    """The own key, not quite: without its scheme, under another one, and altered.

    Altered only where it is an API key (contract G3): the last bits of another token's text may lawfully not count.
    """
    found = {"own-key-bare": key, "own-key-basic": f"Basic {key}"}
    if key.startswith("neo_sk_"):
        found |= {"own-key-altered": f"Bearer {altered(key)}", "own-key-longer": f"Bearer {key}-"}
    return found


def unknown_id(session_id: str) -> str:
    """An id of the same form as one that exists, of a session that does not."""
    try:
        if str(uuid.UUID(session_id)) == session_id.lower():
            return str(uuid.uuid4())
    except ValueError:
        pass
    if session_id.isascii() and session_id.isdigit():
        # The same width where it can be: a server may read ids as numbers of bounded size.
        return str(random.randint(9 * 10 ** (max(len(session_id), 8) - 1), 10 ** max(len(session_id), 8) - 1))
    changed = "".join(_another(c) for c in session_id)
    prefix, mark, _ = session_id.rpartition("_")
    # A prefix such as chs_ names the kind of id, and stays.
    return f"{prefix}{mark}{changed[len(prefix) + len(mark) :]}" if mark else changed


def _another(character: str) -> str:
    for alphabet in (string.digits, "abcdef", string.ascii_lowercase, "ABCDEF", string.ascii_uppercase):
        if character in alphabet:
            return random.choice([c for c in alphabet if c != character])
    return character


def _request(player: Player, operation: Operation, session_id: str, credential: str | None) -> httpx.Request:
    """A request that would be right, were it not for who asks, or for what session."""
    target = player.target
    if operation == "create-session":
        return api.create_session(target, credential, session_body(player))
    if operation == "append-message":
        return api.append_message(target, credential, session_id, {"message": PROMPT})
    if operation == "tail-events":
        return api.tail_events(target, credential, session_id)
    if operation == "request-upload-url":
        return api.request_upload_url(target, credential, session_id, {"content_type": "image/png"})
    return api.list_messages(target, credential, session_id)
