"""Messages that a server must or should refuse, on a session without turns; then one legal, unusual message."""

from __future__ import annotations

import asyncio
import uuid

from conformance import api
from conformance.journeys import probes
from conformance.journeys.attachments import grant_and_put, upload
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.probes.texts import looks_like_an_attack
from conformance.journeys.tails import Goal
from conformance.journeys.turns import OMITTED, PROMPT, Message, SessionPlay, accepted, ended, open_session
from conformance.recording import Exchange

JOURNEY = "refusals"
FILLER = 16_000
"""Characters that make the unusual text a long one, too; still cheap for a model."""
LONG_ID = 5_000
"""Characters of the client_message_id of the unusual message."""


async def play(player: Player) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await open_session(player, JOURNEY)
    try:
        granted = await upload(session, probes.ATTACHMENTS_NEEDED)
        other = await open_session(player, JOURNEY, "other-session")
        foreign = await grant_and_put(other, "other-grant", "other-put", "image/png")
    except BrokeOff as broke:
        await _refusals(session, [], None)
        raise broke from None
    await _refusals(session, granted, foreign)
    # A refused message that started a turn all the same shows here: the session has had none.
    await session.tail("quiet", {}, session.quiet())
    await _unusual_message(session, granted)
    await session.messages()


async def _refusals(session: SessionPlay, granted: list[dict[str, object]], foreign: dict[str, object] | None) -> None:
    accepted_rules: set[str] = set()
    for probe in probes.REFUSALS:
        if probe.needs_attachments and not granted:
            continue
        # What was accepted once would start a turn again: the finding is made, the cost is not paid twice.
        if probe.rule in accepted_rules or probe.leans_on in accepted_rules:
            continue
        answer = await _refusal(session, probe, granted, foreign)
        if answer.status == 202:
            accepted_rules.add(probe.leans_on or probe.rule)
            known: frozenset[str] = frozenset()
            await session.read_unplanned(f"{answer.step}/tail", answer, known)


async def _refusal(
    session: SessionPlay,
    probe: probes.Refusal,
    granted: list[dict[str, object]],
    foreign: dict[str, object] | None,
) -> Exchange:
    player = session.player
    player.activity = f"{JOURNEY}: {probe.name}"
    content = probe.content(granted, foreign)
    request = api.append_message(player.target, player.authorization("own"), session.session_id, content)
    facts = session.facts(part="refusal", probe=probe.name, rule=probe.rule, note=probe.note)
    if probe.marker is not None:
        facts["marker"] = probe.marker
    if probe.leans_on is not None:
        facts["leans_on"] = probe.leans_on
    if looks_like_an_attack(content):
        facts["odd_body"] = True
    return await player.play(JOURNEY, f"refuse-{probe.name}", "append-message", request, facts=facts)


async def _unusual_message(session: SessionPlay, granted: list[dict[str, object]]) -> None:
    """The most unusual message first; what is refused is tried with less of it, and the first accepted one is the turn.

    Half a surrogate pair, a NUL, a very long id, an odd ``alt`` and an odd ``filename`` may lawfully be refused, but not
    break the server where it stores them. Only what is stored in the end shows that, so each is tried without what may
    hide it.
    """
    unusual = f"{PROMPT} Leave aside what follows: {probes.ODD_TEXT} {'lorem ipsum ' * (FILLER // 12)}"

    def attached(more: str = "") -> list[dict[str, object]]:
        odd = {"alt": f"{more}{probes.ODD_TEXT} {'alt ' * 500}", "filename": f"{more}{probes.ODD_TEXT}.png"}
        return [{**one, **odd} for one in granted[:1]]

    odd = attached()
    messages = {
        "surrogate": Message(
            f"{unusual}\0 \ud800",
            client_message_id=_long_id("\0 \ud800"),
            attachments=attached("\0 \ud800") or OMITTED,
        ),
        "nul": Message(f"{unusual}\0", client_message_id=_long_id("\0"), attachments=attached("\0") or OMITTED),
        "nul-id": Message(unusual, client_message_id=_long_id("\0"), attachments=attached("\0") or OMITTED),
        "nul-alt": Message(unusual, client_message_id=_long_id(), attachments=attached("\0") or OMITTED),
        "nul-id-alone": Message(unusual, client_message_id=_long_id("\0")),
        "long-id": Message(unusual, client_message_id=_long_id()),
        "odd-id": Message(unusual, client_message_id=f"{uuid.uuid4()} {probes.ODD_TEXT}"),
        "alt": Message(unusual, attachments=odd or OMITTED),
        "post": Message(unusual),
        "plain": Message(),
    }
    for name, message in messages.items():
        if name in ("alt", "nul-alt") and not odd:
            continue
        facts = {"turn": 1, "part": "post", "text": ascii(message.text)[1:-1]}
        if name != "plain":
            facts |= {"unusual": True, "odd_body": True}
        post = await session.post(f"turn-1/{name}", message, facts)
        if post.status == 202:
            break
    accepted(post)
    running = asyncio.Event()

    async def without_cursor(goal: Goal) -> None:
        await running.wait()
        await session.beside_tail(1, "none", goal)

    read = ended(await session.read_turn(1, post, None, running, without_cursor))
    await session.again(read)
    await session.quiet_tail("quiet-end", read)


def _long_id(more: str = "") -> str:
    """A client_message_id that differs from every other at its beginning, as a server may cut it off."""
    return f"{uuid.uuid4()}{more}-{probes.ODD_TEXT}-{'i' * LONG_ID}"
