"""Further cases of IDEM: later duplicates, ids that are almost equal, races, and agents that repeat the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

ACCEPTED = {
    "data": {"chat_turn_id": "t-again", "user_message_id": "m-again", "since_cursor": None},
    "meta": {"request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"},
}
LATE = edits.named("attachments/duplicate-late", "racing/duplicate-late")


def _get(r: Recording, name: str) -> Exchange:
    return next(e for e in r.exchanges if e.name == name)


def _losers(r: Recording) -> list[Exchange]:
    return [e for e in r.exchanges if e.journey == "racing" and e.step.startswith("same-") and e.status == 409]


def _winner(r: Recording) -> Exchange:
    return next(e for e in r.exchanges if e.journey == "racing" and e.step.startswith("same-") and e.status == 202)


def _copied(text: str, copies: int, role: str = "user") -> Callable[[Any], None]:
    def change(body: Any) -> None:
        like = next(m for m in body["data"] if m["role"] == role)
        body["data"] += [{**like, "id": f"copy-{n}", "message": text} for n in range(copies)]

    return change


@broken("IDEM-01", because="an id is known for two turns")
def known_for_two_turns(r: Recording) -> Recording:
    return answer_each(r, LATE, 202, ACCEPTED)


@broken("IDEM-01", because="another tier makes another message")
def another_tier(r: Recording) -> Recording:
    return answer_each(r, edits.named("duplicates/after-tier"), 202, ACCEPTED)


@broken("IDEM-02", because="two turns later the conflict names the latest message")
def late_conflict_names_another(r: Recording) -> Recording:
    return answer_each(r, LATE, 409, edits.error(409, details={"user_message_id": "m-latest"}))


def _rival_refused(r: Recording, message_id: str) -> Recording:
    """The second rival is refused, and again when it is posted once more."""
    rival = _get(r, "racing/rival-2")
    first = replace(rival, facts={**rival.facts, "busy": True})
    again = replace(rival, step="rival-2/again", sent_at=rival.sent_at + 3, facts={**rival.facts, "after_busy": True})
    kept = tuple(e for e in r.exchanges if e.name not in ("racing/rival-2", "racing/rival-2/tail"))
    grown = replace(r, exchanges=(*kept, first, again))
    body = edits.error(409, details={"user_message_id": message_id})
    return answer_each(grown, edits.named("racing/rival-2", "racing/rival-2/again"), 409, body)


@broken("IDEM-01", because="an id that differs in the case of its letters is taken for the same")
def case_is_ignored(r: Recording) -> Recording:
    return _rival_refused(r, str(_winner(r).data["user_message_id"]))


@lawful("IDEM-01", because="a busy server names the message that it is busy with")
def busy_names_the_running_message(r: Recording) -> Recording:
    def first_turn(old: list[Frame]) -> list[Frame]:
        end = next(n for n, frame in enumerate(old) if edits.kind(frame) == "finish")
        return old[: end + 1]

    alone = edits.frames(r, edits.named("racing/whole", "racing/rival-1/tail"), first_turn)
    return _rival_refused(alone, str(_get(r, "racing/rival-1").data["user_message_id"]))


@broken("IDEM-04", because="attachments without a text are a duplicate of others without a text")
def attachments_alone(r: Recording) -> Recording:
    details = {"user_message_id": _get(r, "attachments/turn-1/post").data["user_message_id"]}
    refused = answer_each(r, edits.named("attachments/turn-3/post"), 409, edits.error(409, details=details))
    return edits.facts(refused, edits.named("attachments/turn-3/post"), gave_up=True)


@broken("IDEM-02", because="the losers of a race are told no id")
def losers_are_told_nothing(r: Recording) -> Recording:
    return answer_each(r, edits.named(*(e.name for e in _losers(r))), 409, edits.error(409))


@broken("IDEM-02", because="a loser of a race is told an id of its own")
def loser_is_told_its_own(r: Recording) -> Recording:
    body = edits.error(409, details={"user_message_id": "m-lost"})
    return answer_each(r, edits.named(_losers(r)[0].name), 409, body)


@lawful("IDEM-02", "IDEM-05", because="a server that is busy tells the losers of a race only that")
def busy_losers(r: Recording) -> Recording:
    post = _get(r, "attachments/turn-2/post")
    busy = replace(post, step="turn-2/busy-1", facts={**post.facts, "busy": True, "part": "busy"})
    grown = replace(r, exchanges=(*r.exchanges, busy))
    pick = edits.named("attachments/turn-2/busy-1", *(e.name for e in _losers(r)))
    return answer_each(grown, pick, 409, edits.error(409, "turn_running"))


@broken("IDEM-03", because="the losers of a race are stored")
def losers_are_stored(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("racing/messages"), _copied(str(_winner(r).facts["text"]), 3))


@lawful("IDEM-03", because="the agent of the race repeats the user, and some of its answers are not there yet")
def echo_in_a_race(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("racing/messages"), _copied(str(_winner(r).facts["text"]), 1, "assistant"))


@broken("IDEM-03", because="a loser of a race starts a turn")
def loser_starts_a_turn(r: Recording) -> Recording:
    turn = _get(r, "racing/turn-1/tail").frames

    def change(old: list[Frame]) -> list[Frame]:
        return [*(edits.with_id(f, f"99999999999998-{n}") for n, f in enumerate(turn)), *old]

    return edits.frames(r, edits.named("racing/whole"), change)


@broken("IDEM-03", because="a duplicate with attachments is stored")
def attachments_stored_twice(r: Recording) -> Recording:
    def change(body: Any) -> None:
        first = next(m for m in body["data"] if m["attachments"])
        body["data"].append({**first, "id": "copy"})

    return edits.json_body(r, edits.named("attachments/messages"), change)


@broken("IDEM-03", because="a duplicate starts a turn some time later, before the next message")
def late_turn(r: Recording) -> Recording:
    turn = _get(r, "duplicates/turn-1/tail").frames
    after = str(turn[-1].id).partition("-")[0]

    def change(old: list[Frame]) -> list[Frame]:
        return [*(edits.with_id(f, f"{after}-{900 + n}") for n, f in enumerate(turn)), *old]

    return edits.frames(r, edits.named("duplicates/turn-2/tail-from-before"), change)


def _echoing(r: Recording, *, roles: bool) -> Recording:
    """The agent says what the user said; its answers come into the replay a turn late."""
    text = str(_get(r, "duplicates/turn-1/post").facts["text"])

    def said(old: list[Frame]) -> list[Frame]:
        first = True
        frames = []
        for frame in old:
            if edits.kind(frame) == "text-delta":
                frames.append(edits.chunk(frame, delta=text if first else ""))
                first = False
            else:
                frames.append(frame)
        return frames

    r = edits.frames(r, lambda e: edits.tails(e) and e.journey == "duplicates", said)
    shown = {"messages-before": (1, 0), "messages-after": (1, 1), "messages-end": (2, 1)}
    for name, (users, agents) in shown.items():
        r = edits.json_body(r, edits.named(f"duplicates/{name}"), _said(text, users, agents, roles=roles))
    return r


def _said(text: str, users: int, agents: int, *, roles: bool) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        old = [m for m in body["data"] if m["role"] == "user"][:users]
        mine = [{"id": m["id"], "role": "user", "message": text} for m in old]
        theirs = [{"id": f"a{n}", "role": "assistant", "message": text} for n in range(agents)]
        body["data"] = [m if roles else {k: v for k, v in m.items() if k != "role"} for m in (*mine, *theirs)]

    return change


@lawful("IDEM-03", because="an agent repeats the user, and the replay lags")
def echo_with_a_lagging_replay(r: Recording) -> Recording:
    return _echoing(r, roles=True)


@lawful("IDEM-03", because="an agent repeats the user, and a lagging replay does not say who speaks")
def echo_without_roles(r: Recording) -> Recording:
    return _echoing(r, roles=False)


@broken("IDEM-03", because="an agent repeats the user, and a duplicate is stored")
def echo_and_a_copy(r: Recording) -> Recording:
    text = str(_get(r, "duplicates/turn-1/post").facts["text"])
    return edits.json_body(_echoing(r, roles=True), edits.named("duplicates/messages-after"), _copied(text, 1))
