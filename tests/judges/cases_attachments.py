"""Cases of ATT and TIER-02: what a message may carry."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.journeys.probes import SEVEN_MARKER
from conformance.recording import Exchange, Frame, Piece, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

MESSAGES = edits.named("attachments/messages")
ACCEPTED = {
    "data": {"chat_turn_id": "t-stray", "user_message_id": "m-stray", "since_cursor": None},
    "meta": {"request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"},
}


def _refused(r: Recording, name: str, code: int = 422) -> Recording:
    return answer_each(r, edits.named(name), code, edits.error(code, "validation_error"))


def _without_turn_3(r: Recording, **controls: int) -> Recording:
    """The third message refused, and its two controls answered as given (202 or another status)."""
    post = next(e for e in r.exchanges if e.name == "attachments/turn-3/post")
    refused = edits.drop(_refused(r, "attachments/turn-3/post"), edits.named("attachments/turn-3/tail*"))
    added = tuple(
        replace(
            post,
            step=f"turn-3/{name.replace('_', '-')}",
            facts={**post.facts, "part": "control", "probe": name.replace("_", "-")},
        )
        for name in controls
    )
    grown = replace(refused, exchanges=(*refused.exchanges, *added))
    for name, code in controls.items():
        if code != 202:
            grown = _refused(grown, f"attachments/turn-3/{name.replace('_', '-')}", code)
    return grown


def _messages(change: Callable[[dict[str, Any]], None]) -> Callable[[Any], None]:
    def apply(body: Any) -> None:
        for message in body["data"]:
            change(message)

    return apply


@broken("ATT-01", because="six attachments are refused")
def six_are_refused(r: Recording) -> Recording:
    return _refused(r, "attachments/turn-1/post", 400)


@broken("ATT-01", because="six attachments are too large a request")
def six_are_413(r: Recording) -> Recording:
    return _refused(r, "attachments/turn-1/post", 413)


@broken("ATT-02", because="seven attachments are accepted")
def seven_are_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-seven"), 202, ACCEPTED)


@broken("ATT-02", because="without a text, seven attachments are accepted")
def seven_without_text_are_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-seven-without-text"), 202, ACCEPTED)


@broken("ATT-02", because="seven attachments are 409")
def seven_are_409(r: Recording) -> Recording:
    return _refused(r, "refusals/refuse-seven", 409)


@broken("ATT-02", because="the refused message is stored")
def refused_message_is_stored(r: Recording) -> Recording:
    stored = {"id": "x", "role": "user", "parts": [{"type": "text", "text": f"> {SEVEN_MARKER}"}]}
    return edits.json_body(r, edits.named("refusals/messages"), lambda b: {**b, "data": [stored, *b["data"]]})


def _accepted_in_refusals(exchange: Exchange) -> bool:
    """The post of the unusual text: which of its forms a server accepts is open."""
    return exchange.journey == "refusals" and exchange.facts.get("part") == "post" and exchange.status == 202


@broken("ATT-02", because="the refused message starts a turn, whose envelopes precede the next one's")
def refused_message_starts_a_turn(r: Recording) -> Recording:
    def double(old: list[Frame]) -> list[Frame]:
        return [*(edits.with_id(f, f"1-{n}") for n, f in enumerate(old)), *old]

    started = edits.frames(r, edits.named("refusals/turn-1/tail-without-cursor"), double)

    def cursor(body: Any) -> None:
        body["data"]["since_cursor"] = "2-0"

    return edits.json_body(started, _accepted_in_refusals, cursor)


@broken("ATT-02", because="the stream shows a turn before any message was accepted")
def turn_on_a_quiet_stream(r: Recording) -> Recording:
    tail = next(e for e in r.exchanges if e.name == "refusals/turn-1/tail")
    quiet = replace(tail, step="quiet", facts={"session": tail.facts["session"], "part": "quiet"})
    return replace(r, exchanges=(*r.exchanges, quiet))


@broken("ATT-03", because="the limit counts per session")
def limit_per_session(r: Recording) -> Recording:
    return edits.drop(
        _refused(r, "attachments/turn-2/post"), edits.named("attachments/turn-3/*", "attachments/messages*")
    )


@broken("ATT-03", because="the second six are 400")
def second_six_are_400(r: Recording) -> Recording:
    return _refused(r, "attachments/turn-2/post", 400)


@broken("ATT-04", because="one blob seven times counts as one")
def seven_alike_are_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-seven-alike"), 202, ACCEPTED)


@broken("ATT-05", because="an empty message is refused whatever it has beside")
def empty_message_is_refused(r: Recording) -> Recording:
    return _without_turn_3(r, with_alt=400, with_text=202)


@broken("ATT-05", "ATT-07", because="neither an empty message nor a bare attachment is accepted")
def empty_and_bare_are_refused(r: Recording) -> Recording:
    return _without_turn_3(r, with_alt=422, with_text=422)


@broken("ATT-06", because="an empty object starts a turn")
def empty_object_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-empty-object"), 202, ACCEPTED)


@broken("ATT-06", because="an empty list of attachments makes up for the text")
def empty_list_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-empty-both"), 202, ACCEPTED)


@broken("ATT-07", because="an attachment without a type is accepted")
def without_mime_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-without-mime"), 202, ACCEPTED)


@broken("ATT-07", because="alt and filename are demanded")
def alt_is_demanded(r: Recording) -> Recording:
    return _without_turn_3(r, with_alt=202, with_text=422)


@broken("ATT-08", because="any path in the session's folder is accepted")
def never_granted_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-never-granted"), 202, ACCEPTED)


@broken("ATT-08", because="only the first attachment is looked at")
def second_is_not_looked_at(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-never-granted-second"), 202, ACCEPTED)


@broken("ATT-08", because="a path of another session is accepted")
def foreign_path_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-foreign-path"), 202, ACCEPTED)


@broken("ATT-09", because="the replay has no attachments")
def none_in_the_replay(r: Recording) -> Recording:
    return edits.json_body(r, MESSAGES, _messages(lambda message: message.update(attachments=[])))


@broken("ATT-09", because="the replay has only the first attachment of each message")
def only_the_first_in_the_replay(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        message["attachments"] = (message.get("attachments") or [])[:1]

    return edits.json_body(r, MESSAGES, _messages(change))


@broken("ATT-09", because="the attachment of the empty message is lost")
def last_one_is_lost(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        if message.get("message") == "":
            message.pop("attachments", None)

    return edits.json_body(r, MESSAGES, _messages(change))


@broken("ATT-09", because="there is no replay")
def no_replay(r: Recording) -> Recording:
    return _refused(r, "attachments/messages", 404)


@broken("TIER-02", because="an unknown tier is taken for FAST")
def unknown_tier_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-tier-unknown-word"), 202, ACCEPTED)


@broken("TIER-02", because="the case of a tier does not matter")
def any_case_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-tier-lower-case-smart"), 202, ACCEPTED)


@broken("TIER-02", because="a zero counts as omitted")
def zero_is_accepted(r: Recording) -> Recording:
    return answer_each(r, edits.named("refusals/refuse-tier-zero"), 202, ACCEPTED)


@lawful("ATT-04", "ATT-06", "ATT-07", "ATT-08", because="what should be refused is refused with other 4xx")
def other_refusals(r: Recording) -> Recording:
    r = _refused(r, "refusals/refuse-seven-alike", 413)
    r = _refused(r, "refusals/refuse-foreign-path", 404)
    return _refused(r, "refusals/refuse-never-granted", 403)


@lawful("ATT-01", "ATT-03", "ATT-05", because="a busy server was waited for")
def busy_between_the_turns(r: Recording) -> Recording:
    post = next(e for e in r.exchanges if e.name == "attachments/turn-2/post")
    busy = replace(post, step="turn-2/busy-1", facts={**post.facts, "busy": True, "part": "busy"})
    grown = replace(r, exchanges=(*r.exchanges, busy))
    return answer_each(grown, edits.named("attachments/turn-2/busy-1"), 409, edits.error(409, "turn_running"))


@lawful("ATT-02", "TIER-02", because="the errors have no details")
def refusals_without_details(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["error"].pop("details", None)

    return edits.json_body(r, lambda e: e.journey == "refusals" and e.status == 400, change)


@lawful("ATT-02", because="the session's stream begins with a part of its own")
def stream_begins_with_a_data_part(r: Recording) -> Recording:
    def greeted(old: list[Frame]) -> list[Frame]:
        part = json.dumps({"type": "data-session", "data": {"title": None}})
        return [edits.with_data(edits.with_id(old[0], "1-0"), part), *old]

    begun = edits.frames(r, edits.named("refusals/turn-1/tail-without-cursor"), greeted)

    def cursor(body: Any) -> None:
        body["data"]["since_cursor"] = "1-0"

    return edits.json_body(begun, _accepted_in_refusals, cursor)


@lawful("ATT-09", because="attachments come back as signed URLs with the path in them, encoded")
def surfaced_as_urls(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        message["parts"] = [
            {"type": "file", "url": f"https://cdn.example/{one['blob_path'].replace('/', '%2F')}?sig=a%2Bb"}
            for one in message.pop("attachments", None) or []
        ]

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful("ATT-09", because="attachments come back under new ids, with their types")
def surfaced_by_type(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        old = message.pop("attachments", None) or []
        message["content"] = [{"id": f"a{n}", "media_type": one["mime"]} for n, one in enumerate(old)]

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful("ATT-09", because="attachments come back as opaque URLs, and nothing else")
def surfaced_as_opaque_urls(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        old = message.pop("attachments", None) or []
        message["images"] = [f"https://cdn.example/{message['id']}/{n}" for n, _ in enumerate(old)]

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful("ATT-09", because="only alt and filename come back, which the last attachment does not have")
def surfaced_by_name(r: Recording) -> Recording:
    def change(message: dict[str, Any]) -> None:
        message["attachments"] = [
            {"alt": one.get("alt"), "filename": one.get("filename"), "id": n}
            for n, one in enumerate(message.get("attachments") or [])
        ]

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful("ATT-09", because="the replay is paged, newest first")
def replay_is_paged(r: Recording) -> Recording:
    page = next(e for e in r.exchanges if e.name == "attachments/messages")
    body = page.json
    items = list(reversed(body["data"]))
    first = {**body, "data": items[:2], "meta": {**body["meta"], "pagination": {"has_more": True, "next_cursor": "p2"}}}
    rest = {**body, "data": items[2:], "meta": {**body["meta"], "request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}}
    second = _with_json(replace(page, step="messages/page-2", facts={**page.facts, "page": 2}), rest)
    return replace(edits.edit(r, MESSAGES, lambda e: _with_json(e, first)), exchanges=(*_with(r, first), second))


@lawful("ATT-09", because="more pages than were read", ATT_09="untested")
def more_pages_than_were_read(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"] = body["data"][-1:]
        body["meta"]["pagination"] = {"has_more": True, "next_cursor": "p2"}

    return edits.json_body(r, MESSAGES, change)


@lawful("ATT-01", because="an upload failed, and the message with it", ATT_01="untested")
def upload_failed(r: Recording) -> Recording:
    r = edits.edit(r, edits.named("attachments/put-1"), lambda e: replace(e, received=None, ending="no-answer"))
    return _refused(r, "attachments/turn-1/post", 400)


def _with_json(exchange: Exchange, value: Any) -> Exchange:
    assert exchange.received is not None
    return replace(
        exchange, received=replace(exchange.received, pieces=(Piece(exchange.ended_at, json.dumps(value).encode()),))
    )


def _with(r: Recording, first: Any) -> tuple[Exchange, ...]:
    return edits.edit(r, MESSAGES, lambda e: _with_json(e, first)).exchanges
