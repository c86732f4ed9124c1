"""Gives the sessions of any recording the parts that the scenarios know: so each rule judges any session, written once.

Some scenarios look at one journey, for that one plays what they need: the ``dialogue`` its tails, ``duplicates`` its
repeated message, ``racing`` its rivals, ``attachments`` its files. A *casting* is the same recording with one session under
such a name, and with the steps that play the part under the names that they have there. Nothing is added, and what was
answered is not touched. An exchange that has no part in it keeps its own journey, where those scenarios that look at all
exchanges still see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from conformance.evidence import session, session_journeys
from conformance.recording import Exchange, Recording

TURN_RULES: Final = frozenset(
    {
        *(f"CUR-0{n}" for n in range(1, 10)),
        *(f"EVT-0{n}" for n in range(1, 7)),
        *(f"ACC-0{n}" for n in range(1, 7)),
        "ACC-08",
        *("TIER-01", "TIER-03", "TIER-04", "TIER-05", "IDEM-04"),
    }
)
"""EVT-07 and ACC-07 are not among them: what they measure is time, for which the plan's own turns are the place."""
DUPLICATE_RULES: Final = frozenset({"IDEM-01", "IDEM-02", "IDEM-03"})
RACE_RULES: Final = frozenset({"CUR-11", "IDEM-01", "IDEM-05", "ACC-01"})
ATTACHMENT_RULES: Final = frozenset({"ATT-09"})

_TURN_STEP = re.compile(r"turn-([0-9]+)/(.*)", re.DOTALL)
_RACE_STEP = re.compile(r"(race-[0-9]+)/(.*)", re.DOTALL)


@dataclass(frozen=True)
class Casting:
    """A recording, and the requirements whose scenarios have something to judge in it that other castings lack."""

    recording: Recording
    rules: frozenset[str]


def castings(recording: Recording) -> Iterator[Casting]:
    """Every part that every session of the recording can play."""
    journeys = [journey for journey in session_journeys(recording) if recording.get(journey, "session") is not None]
    for journey in journeys:
        yield Casting(_cast(recording, journey, "dialogue", _foreign_too(recording, journey)), TURN_RULES)
        for catch_up in recording.of(journey, "catch-up-"):
            if catch_up.facts.get("part") == "catch-up":
                yield _caught_up(recording, journey, catch_up)
        for number in _repeated(recording, journey):
            yield Casting(_duplicates(recording, journey, number), DUPLICATE_RULES)
        for name in _races(recording, journey):
            if (cast := _race(recording, journey, name)) is not None:
                yield Casting(cast, RACE_RULES)
        if (cast := _attachments(recording, journey)) is not None:
            yield Casting(cast, ATTACHMENT_RULES)
    if any(True for _ in recording.of("strangers")):
        yield Casting(recording, frozenset({"AUTH-03"}))


def _cast(
    recording: Recording, journey: str, part: str, change: Callable[[Exchange], Exchange | None] | None = None
) -> Recording:
    """``journey`` under the name of the part; ``change`` may give other exchanges another name, or None for *as it is*."""

    def named(exchange: Exchange) -> Exchange:
        changed = change(exchange) if change is not None else None
        if changed is not None:
            return changed
        return replace(exchange, journey=part) if exchange.journey == journey else exchange

    return replace(recording, exchanges=tuple(named(exchange) for exchange in recording.exchanges))


def _foreign_too(recording: Recording, journey: str) -> Callable[[Exchange], Exchange | None]:
    """The tails of this session that were opened from another one's ids, as those of the journey ``idle``."""
    created = session(recording, journey).created
    own = next((e.facts.get("session") for e in recording.of(journey) if "session" in e.facts), None)

    def change(exchange: Exchange) -> Exchange | None:
        if created is not None and exchange.facts.get("part") == "foreign" and exchange.facts.get("session") == own:
            return replace(exchange, journey="idle")
        return None

    return change


def _caught_up(recording: Recording, journey: str, catch_up: Exchange) -> Casting:
    """The session up to that tail: later turns were not there for it to reach."""

    def change(exchange: Exchange) -> Exchange | None:
        if exchange.journey != journey or not exchange.step.startswith(catch_up.step):
            return None
        return replace(exchange, journey="dialogue", step=f"catch-up{exchange.step[len(catch_up.step) :]}")

    links = [e.sent_at for e in recording.of(journey, f"{catch_up.step}/")]
    cast = _cast(recording, journey, "dialogue", change)
    until = max([catch_up.sent_at, *links])
    return Casting(
        replace(cast, exchanges=tuple(e for e in cast.exchanges if e.sent_at <= until)), frozenset({"CUR-07"})
    )


# --- duplicates -------------------------------------------------------------------------------------------------------


def _repeated(recording: Recording, journey: str) -> list[int]:
    """The turns whose message was sent again."""
    found = (e.facts.get("duplicate_of") for e in recording.of(journey) if e.facts.get("part") == "duplicate")
    return sorted({one for one in found if isinstance(one, int)})


def _duplicates(recording: Recording, journey: str, original: int) -> Recording:
    """The session from that turn on, which is the first one then."""
    replays = _replays_around(recording, journey, original)

    def change(exchange: Exchange) -> Exchange | None:
        if exchange.journey != journey:
            return None
        facts = dict(exchange.facts)
        if isinstance(number := facts.get("turn"), int):
            if number < original:
                return exchange
            facts["turn"] = number - original + 1
        if isinstance(repeated := facts.get("duplicate_of"), int):
            if repeated != original:
                return exchange
            facts["duplicate_of"] = 1
        step = _renumbered(exchange.step, original)
        replayed, _, page = step.partition("/")
        if replayed in replays:
            step = f"{replays[replayed]}/{page}" if page else replays[replayed]
        return replace(exchange, journey="duplicates", step=step, facts=facts)

    return _cast(recording, journey, "duplicates", change)


def _renumbered(step: str, original: int) -> str:
    if match := _TURN_STEP.fullmatch(step):
        return f"turn-{int(match[1]) - original + 1}/{match[2]}"
    if step.startswith("quiet-"):
        return f"quiet-{int(step.removeprefix('quiet-')) - original + 1}"
    return step


def _replays_around(recording: Recording, journey: str, original: int) -> dict[str, str]:
    """The replays of the messages around the first duplicate that came when nothing ran, and the last one of all.

    Between the first two no other message was accepted: what grew between them, no later turn can have brought.
    """
    late = [
        e
        for e in recording.of(journey)
        if e.facts.get("duplicate_of") == original
        and e.facts.get("part") == "duplicate"
        and e.facts.get("turn") is None
    ]
    pages = [e for e in recording.of(journey, "messages-") if "/" not in e.step]
    accepted = [e.sent_at for e in recording.of(journey) if e.operation == "append-message" and 200 <= e.status < 300]
    named: dict[str, str] = {}
    if late and pages:
        if pages[-1].sent_at > late[0].sent_at:
            named[pages[-1].step] = "messages-end"
        idle = next((e for e in late if not e.facts.get("while_running")), None)
        for page in pages if idle is not None else ():
            assert idle is not None
            if page.ended_at <= idle.sent_at:
                if not any(page.sent_at <= at <= idle.sent_at for at in accepted):
                    named[page.step] = "messages-before"
            elif page.sent_at >= idle.ended_at:
                if not any(idle.sent_at <= at <= page.ended_at for at in accepted):
                    named[page.step] = "messages-after"
                break
    return _last_of_each(named)


def _last_of_each(named: dict[str, str]) -> dict[str, str]:
    """One step for each name: of several replays before the duplicate the last one."""
    return {step: name for name, step in {name: step for step, name in named.items()}.items()}


# --- races ------------------------------------------------------------------------------------------------------------


def _races(recording: Recording, journey: str) -> list[str]:
    found = (match[1] for e in recording.of(journey, "race-") if (match := _RACE_STEP.fullmatch(e.step)))
    return list(dict.fromkeys(found))


def _race(recording: Recording, journey: str, name: str) -> Recording | None:
    """That race, its steps without the name of the group; None where nothing of it can be judged."""
    same = list(recording.of(journey, f"{name}/same-"))
    began = min(e.sent_at for e in recording.of(journey, f"{name}/"))
    busy = any(e.operation == "append-message" and e.sent_at < began for e in recording.of(journey))
    if same and busy and not any(e.status == 202 for e in same):
        return None  # behind an earlier turn all of them may be refused as busy

    def change(exchange: Exchange) -> Exchange | None:
        match = _RACE_STEP.fullmatch(exchange.step)
        if exchange.journey != journey or match is None:
            return None
        return replace(exchange, journey="racing", step=match[2]) if match[1] == name else exchange

    return _cast(recording, journey, "racing", change)


# --- attachments ------------------------------------------------------------------------------------------------------


def _attachments(recording: Recording, journey: str) -> Recording | None:
    """With the last replay of the messages, if it came behind all of them."""
    posts = [e for e in recording.of(journey) if e.operation == "append-message" and e.status == 202]
    pages = [e for e in recording.of(journey, "messages-") if "/" not in e.step]
    if not any(post.facts.get("attachments") for post in posts) or not pages:
        return None
    last = pages[-1]
    if any(post.sent_at > last.sent_at for post in posts):
        return None

    def change(exchange: Exchange) -> Exchange | None:
        if exchange.journey != journey or not (exchange.step == last.step or exchange.step.startswith(f"{last.step}/")):
            return None
        return replace(exchange, journey="attachments", step=f"messages{exchange.step[len(last.step) :]}")

    return _cast(recording, journey, "attachments", change)
