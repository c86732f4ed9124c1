"""Cases of IDEM that outside readers found: outages, ids of refused messages, and servers that are busy for a whole tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each, own_request_ids

AFTER = edits.named("duplicates/after-*")
KINDS = (
    "dialogue/turn-3/post",
    "dialogue/turn-4/post",
    "duplicates/turn-1/post",
    "duplicates/during-1",
    "duplicates/after-1",
    "racing/same-1",
    "racing/same-2",
    "racing/rival-1",
    "attachments/grant-3",
    "attachments/put-3",
    "attachments/turn-1/post",
    "attachments/duplicate-1",
    "attachments/duplicate-late",
    "refusals/refuse-seven",
    "refusals/refuse-tier-empty",
)
"""A step of each kind."""


def _attempts_before(r: Recording, kind: str, change: Callable[[Exchange], Exchange]) -> Recording:
    """Each of those steps was tried once before, and said nothing yet."""
    found = [e for e in r.exchanges if e.name in KINDS]
    assert len(found) == len(KINDS)
    attempts = (
        replace(
            change(e),
            step=f"{e.step}/{kind}-1",
            answered_at=e.sent_at,
            ended_at=e.sent_at,
            facts={k: v for k, v in (("session", e.facts.get("session")), (kind, True)) if v is not None},
        )
        for e in found
    )
    return replace(r, exchanges=tuple(sorted((*r.exchanges, *attempts), key=lambda e: e.sent_at)))


def _dropped(e: Exchange) -> Exchange:
    return replace(e, received=None, ending="no-answer", problem="RemoteProtocolError: Server disconnected")


@lawful("IDEM-01", "IDEM-05", "TIER-01", "TIER-03", "ATT-01", because="one connection of each kind of step is dropped")
def dropped_once(r: Recording) -> Recording:
    return _attempts_before(r, "outage", _dropped)


def _gateway(e: Exchange) -> Exchange:
    assert e.received is not None
    headers = (("content-type", "text/html"),)
    return replace(e, received=replace(e.received, status=503, headers=headers, pieces=()), ending="complete")


@lawful(
    "IDEM-01", "IDEM-05", "TIER-01", "TIER-03", "ATT-01", because="a gateway answers 503 once for each kind of step"
)
def gateway_once(r: Recording) -> Recording:
    return _attempts_before(r, "outage", _gateway)


def _same(r: Recording) -> list[Exchange]:
    return [e for e in r.exchanges if e.journey == "racing" and e.step.startswith("same-")]


def _none_of_the_race(r: Recording) -> Recording:
    """All four are refused, and another message is the first turn."""
    winner = next(e for e in _same(r) if e.status == 202)
    loser = next(e for e in _same(r) if e.status == 409)
    lost = replace(loser, step=winner.step, sent_at=winner.sent_at)
    posted = replace(winner, step="turn-1/post", sent_at=winner.answered_at, facts={**winner.facts, "rival": None})
    new = replace(r, exchanges=tuple(new for e in r.exchanges for new in ((lost, posted) if e is winner else (e,))))
    return own_request_ids(new, edits.named(lost.name))


@broken("IDEM-05", because="none of several posts with one id is accepted")
def none_of_a_race(r: Recording) -> Recording:
    return _none_of_the_race(r)


@lawful("IDEM-01", because="the post that was accepted had its connection dropped", IDEM_05="untested")
def winner_dropped(r: Recording) -> Recording:
    new = _none_of_the_race(r)
    first = _same(new)[0]
    lost = replace(
        _dropped(first), step=f"{first.step}/outage-1", facts={"session": first.facts["session"], "outage": True}
    )
    return replace(new, exchanges=(*new.exchanges, lost))


@broken("IDEM-02", because="the conflicts after the turn have no id, and turns of several sessions run at once")
def conflict_without_the_id(r: Recording) -> Recording:
    return answer_each(r, AFTER, 409, edits.error(409, "TENANT_BUSY"))


def _refused_id(r: Recording) -> Recording:
    post = next(e for e in r.exchanges if e.name == "attachments/turn-1/post")
    conflict = next(e for e in r.exchanges if e.name == "attachments/duplicate-1")
    facts = {**post.facts, "part": "control", "probe": "refused-id"}
    del facts["turn"]
    told = replace(
        post, step="turn-1/refused-id", received=conflict.received, sent_at=post.sent_at - 0.001, facts=facts
    )
    new = replace(r, exchanges=tuple(n for e in r.exchanges for n in ((told, e) if e is post else (e,))))
    return answer_each(new, edits.named("attachments/turn-1/refused-id"), 409, edits.error(409))


@broken("IDEM-01", because="an id that was sent with refused messages alone is a duplicate's")
def refused_message_uses_the_id_up(r: Recording) -> Recording:
    return _refused_id(r)


@lawful("IDEM-01", because="the message was accepted by the attempt whose connection was dropped")
def accepted_unseen(r: Recording) -> Recording:
    new = _refused_id(r)
    told = next(e for e in new.exchanges if e.name == "attachments/turn-1/refused-id")
    lost = replace(
        _dropped(told), step="turn-1/post/outage-1", facts={"session": told.facts["session"], "outage": True}
    )
    return replace(new, exchanges=(*new.exchanges, lost))
