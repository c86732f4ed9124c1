"""Messages that a server must or should refuse, on a session without turns; then one legal, unusual text."""

from __future__ import annotations

import asyncio

from conformance import api
from conformance.journeys import probes
from conformance.journeys.attachments import grant_and_put, upload
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.tails import Goal
from conformance.journeys.turns import PROMPT, Message, SessionPlay, accepted, ended, open_session
from conformance.recording import Exchange

JOURNEY = "refusals"
FILLER = 16_000
"""Characters that make the unusual text a long one, too; still cheap for a model."""


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
    await _unusual_text(session)
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
    request = api.append_message(
        player.target, player.authorization("own"), session.session_id, probe.content(granted, foreign)
    )
    facts = session.facts(part="refusal", probe=probe.name, rule=probe.rule, note=probe.note)
    if probe.marker is not None:
        facts["marker"] = probe.marker
    if probe.leans_on is not None:
        facts["leans_on"] = probe.leans_on
    return await player.play(JOURNEY, f"refuse-{probe.name}", "append-message", request, facts=facts)


async def _unusual_text(session: SessionPlay) -> None:
    """The most unusual text first; what is refused is tried with less of it, and the first that is accepted is the turn.

    Half a surrogate pair and a NUL may lawfully be refused, but not break the server where it stores them.
    """
    unusual = f"{PROMPT} Leave aside what follows: {probes.ODD_TEXT} {'lorem ipsum ' * (FILLER // 12)}"
    texts = {"surrogate": f"{unusual}\0 \ud800", "nul": f"{unusual}\0", "post": unusual, "plain": PROMPT}
    for name, text in texts.items():
        facts = {"turn": 1, "part": "post", "text": ascii(text)[1:-1]}
        if name != "plain":
            facts["unusual"] = True
        post = await session.post(f"turn-1/{name}", Message(text), facts)
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
