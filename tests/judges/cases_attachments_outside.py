"""Cases of ATT and TIER-02 that outside readers found: a first message without a text, and refusals that carry an id."""

from __future__ import annotations

from dataclasses import replace

from conformance.recording import Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

ACCEPTED = {
    "data": {"chat_turn_id": "t-first", "user_message_id": "m-first", "since_cursor": None},
    "meta": {"request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052b"},
}


def _with_text(r: Recording, code: int) -> Recording:
    """The first message is refused without a text, and accepted with one."""
    post = next(e for e in r.exchanges if e.name == "attachments/turn-1/post")
    asked = replace(post, sent_at=post.sent_at - 0.001)
    control = replace(post, step="turn-1/with-text")
    new = replace(r, exchanges=tuple(n for e in r.exchanges for n in ((asked, control) if e is post else (e,))))
    return answer_each(new, edits.named("attachments/turn-1/post"), code, edits.error(code, "bad"))


@broken("ATT-05", because="a title is made of the first message, and there is no text to make it of")
def no_title_of_an_empty_message(r: Recording) -> Recording:
    return _with_text(r, 500)


@broken("ATT-05", because="the field for the text is required")
def text_field_required(r: Recording) -> Recording:
    return _with_text(r, 422)


@broken("ATT-02", because="seven attachments are accepted as the first message, with a client_message_id")
def seven_with_an_id(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-first-seven"), 202, ACCEPTED)


@broken("TIER-02", because="any tier is accepted where there is a client_message_id")
def any_tier_with_an_id(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-first-tier"), 202, ACCEPTED)


@lawful("SES-01", "SES-03", "ATT-05", because="a session without a title gets one of the server's")
def untitled_session_is_titled(r: Recording) -> Recording:
    def change(body: dict[str, dict[str, object]]) -> None:
        body["data"]["title"] = "New chat"

    return edits.json_body(r, edits.named("attachments/session"), change)


@lawful("SES-01", "ATT-05", because="a session needs a title")
def untitled_session_is_refused(r: Recording) -> Recording:
    created = next(e for e in r.exchanges if e.name == "attachments/session")
    asked = replace(created, step="session-untitled", sent_at=created.sent_at - 0.001)
    new = replace(r, exchanges=tuple(n for e in r.exchanges for n in ((asked, created) if e is created else (e,))))
    return answer_each(new, edits.named("attachments/session-untitled"), 422, edits.error(422, "bad"))
