"""Cases of IDEM-01 to IDEM-04: a client_message_id, sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Frame, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

DURING = edits.named("duplicates/during-*")
SAME_AFTER = edits.named("duplicates/after-1", "duplicates/after-3", "duplicates/after-next")
OTHER_TEXT = edits.named("duplicates/during-2", "duplicates/after-2")


def _duplicate(exchange: Exchange) -> bool:
    return exchange.journey == "duplicates" and exchange.facts.get("duplicate_of") == 1


def _busy() -> Any:
    return edits.error(409, "turn_running", "A turn is running.")


def _original(r: Recording) -> Exchange:
    return next(e for e in r.exchanges if e.name == "duplicates/turn-1/post")


def _stored_again(text: str, copies: int) -> Callable[[Any], None]:
    """Further messages of the user with that text, beside the ones that are there."""

    def change(body: Any) -> None:
        like = next(m for m in body["data"] if m["role"] == "user")
        body["data"] += [{**like, "id": f"again-{n}", "message": text} for n in range(copies)]

    return change


def _another_turn(r: Recording, step: str) -> Recording:
    """The envelopes of the first turn once more, under new ids, in a tail that should be quiet."""
    turn = next(e for e in r.exchanges if e.name == "duplicates/turn-1/tail")
    again = [edits.with_id(f, f"99999999999999-{n}") for n, f in enumerate(turn.frames)]
    return edits.frames(r, edits.named(f"duplicates/{step}"), lambda _: again)


@broken("IDEM-01", because="a duplicate is accepted once its turn has ended")
def accepted_after_the_turn(r: Recording) -> Recording:
    return edits.status(r, edits.named("duplicates/after-1"), 202)


@broken("IDEM-01", because="a duplicate is 200 with the first answer")
def first_answer_again(r: Recording) -> Recording:
    return answer_each(r, edits.named("duplicates/after-3"), 200, _original(r).json)


@broken("IDEM-01", because="the id is forgotten with the next turn")
def forgotten_with_the_next_turn(r: Recording) -> Recording:
    return edits.status(r, edits.named("duplicates/after-next"), 202)


@broken("IDEM-01", because="another text is another message")
def another_text_is_accepted(r: Recording) -> Recording:
    return edits.status(r, edits.named("duplicates/after-2"), 202)


@broken("IDEM-01", because="a duplicate is 400")
def duplicate_is_400(r: Recording) -> Recording:
    return edits.status(r, _duplicate, 400)


@broken("IDEM-02", because="the conflict names no message")
def names_no_message(r: Recording) -> Recording:
    return answer_each(r, _duplicate, 409, edits.error(409))


@broken("IDEM-02", because="the conflict names a new id each time")
def names_another_message(r: Recording) -> Recording:
    details = {"user_message_id": "11111111-2222-4333-8444-555555555555"}
    return answer_each(r, SAME_AFTER, 409, edits.error(409, details=details))


@broken("IDEM-02", because="a server that takes messages at any time names none while a turn runs")
def names_none_while_running(r: Recording) -> Recording:
    return answer_each(r, DURING, 409, edits.error(409))


@broken("IDEM-02", because="the conflict names the id that the client sent")
def names_the_clients_own_id(r: Recording) -> Recording:
    details = {"client_message_id": _original(r).facts["client_message_id"]}
    return answer_each(r, _duplicate, 409, edits.error(409, details=details))


@broken("IDEM-03", because="the text of a refused duplicate is stored")
def other_text_is_stored(r: Recording) -> Recording:
    text = str(next(e for e in r.exchanges if e.name == "duplicates/after-2").facts["text"])
    return edits.json_body(r, edits.named("duplicates/messages-end"), _stored_again(text, 1))


@broken("IDEM-03", because="a refused duplicate is stored after the turn")
def same_text_is_stored_after(r: Recording) -> Recording:
    text = str(_original(r).facts["text"])
    return edits.json_body(
        r, edits.named("duplicates/messages-after", "duplicates/messages-end"), _stored_again(text, 2)
    )


@broken("IDEM-03", because="a refused duplicate is stored while the turn runs")
def same_text_is_stored_during(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("duplicates/messages-*"), _stored_again(str(_original(r).facts["text"]), 1))


@broken("IDEM-03", because="a refused duplicate starts a turn")
def starts_a_turn(r: Recording) -> Recording:
    return _another_turn(r, "quiet-1")


@broken("IDEM-03", because="a refused duplicate starts a turn behind the next one")
def starts_a_turn_behind_the_next(r: Recording) -> Recording:
    return _another_turn(r, "quiet-2")


@broken("IDEM-04", because="null is an id like any other")
def null_deduplicates(r: Recording) -> Recording:
    first = next(e for e in r.exchanges if e.name == "dialogue/turn-3/post")
    details = {"user_message_id": first.data["user_message_id"]}
    return answer_each(r, edits.named("dialogue/turn-4/post"), 409, edits.error(409, details=details))


@broken("IDEM-04", because="without an id the text is the id")
def text_is_the_id(r: Recording) -> Recording:
    first = next(e for e in r.exchanges if e.name == "dialogue/turn-1/post")
    return edits.edit(r, edits.named("dialogue/turn-2/post"), lambda e: replace(e, received=first.received))


@lawful("IDEM-01", "IDEM-02", "IDEM-03", because="the id stands in a sentence, and nowhere else")
def id_in_a_sentence(r: Recording) -> Recording:
    ident = _original(r).data["user_message_id"]
    return answer_each(r, _duplicate, 409, edits.error(409, message=f"Already accepted as message {ident}."))


@lawful("IDEM-01", "IDEM-02", "IDEM-03", because="the id stands beside the error, as in the first answer")
def id_beside_the_error(r: Recording) -> Recording:
    body = {**edits.error(409), "data": _original(r).json["data"]}
    return answer_each(r, edits.named("duplicates/after-*", "duplicates/during-*"), 409, body)


@lawful("IDEM-01", "IDEM-02", because="a busy server says only that it is busy, while a turn runs and a little longer")
def busy_while_running(r: Recording) -> Recording:
    post = next(e for e in r.exchanges if e.name == "attachments/turn-2/post")
    busy = replace(post, step="turn-2/busy-1", facts={**post.facts, "busy": True, "part": "busy"})
    r = replace(r, exchanges=(*r.exchanges, busy))
    pick = edits.named("duplicates/during-*", "duplicates/after-1", "attachments/turn-2/busy-1")
    return answer_each(r, pick, 409, _busy())


@lawful("IDEM-01", "IDEM-02", because="another text under the same id is a misuse of it: 422")
def another_text_is_422(r: Recording) -> Recording:
    return answer_each(r, OTHER_TEXT, 422, edits.error(422, "idempotency_key_reuse"))


@lawful("IDEM-03", because="the replay lags: before the duplicates it is empty")
def replay_lags(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"] = []

    return edits.json_body(r, edits.named("duplicates/messages-before"), change)


@lawful("IDEM-03", because="the replay shows the first text as a title, too")
def text_as_a_title(r: Recording) -> Recording:
    text = str(_original(r).facts["text"])

    def change(body: Any) -> None:
        body["session"] = {"title": text}

    return edits.json_body(r, edits.named("duplicates/messages-*"), change)


@lawful("IDEM-03", because="after a turn's end its title follows, as a data part")
def title_follows(r: Recording) -> Recording:
    turn = next(e for e in r.exchanges if e.name == "duplicates/turn-1/tail")
    part = '{"type": "data-title", "data": "Counting"}'

    def change(_: list[Frame]) -> list[Frame]:
        last = turn.frames[-1]
        return [edits.with_data(edits.with_id(last, f"{str(last.id).partition('-')[0]}-99"), part)]

    return edits.frames(r, edits.named("duplicates/quiet-1"), change)


@lawful("IDEM-04", because="a busy server was waited for")
def busy_before_the_second(r: Recording) -> Recording:
    post = next(e for e in r.exchanges if e.name == "dialogue/turn-2/post")
    busy = replace(post, step="turn-2/busy-1", facts={**post.facts, "busy": True, "part": "busy"})
    grown = replace(r, exchanges=(*r.exchanges, busy))
    return answer_each(grown, edits.named("dialogue/turn-2/busy-1"), 409, _busy())


@lawful("IDEM-01", "IDEM-03", because="the journey broke off", IDEM_01="untested", IDEM_03="untested")
def broke_off(r: Recording) -> Recording:
    rest = edits.drop(r, edits.named("duplicates/during-*", "duplicates/after-*", "duplicates/quiet-*"))
    rest = edits.drop(rest, edits.named("duplicates/messages-*", "duplicates/turn-2/*"))
    return edits.broke_off(rest, "duplicates", "turn-1/tail", "the turn's end was not read (silence)")
