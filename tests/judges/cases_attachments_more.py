"""Further cases of ATT and TIER-02: later turns, what a refusal leaves behind, and the places of a replay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

MESSAGES = edits.named("attachments/messages")
ACCEPTED = {
    "data": {"chat_turn_id": "t-later", "user_message_id": "m-later", "since_cursor": None},
    "meta": {"request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"},
}


def _refused(r: Recording, *names: str) -> Recording:
    return answer_each(r, edits.named(*names), 422, edits.error(422, "validation_error"))


def _posted_again(r: Recording, name: str, step: str, code: int, **facts: Any) -> Recording:
    """One post more, like the one of that name, with an answer of its own."""
    post = next(e for e in r.exchanges if e.name == name)
    one = replace(post, step=step, facts={**post.facts, **facts})
    grown = replace(r, exchanges=(*r.exchanges, one))
    return grown if code == 202 else _refused(grown, one.name)


def _third(r: Recording, **controls: int) -> Recording:
    """The third message refused, and its controls answered so."""
    for name, code in controls.items():
        probe = name.replace("_", "-")
        r = _posted_again(r, "attachments/turn-3/post", f"turn-3/{probe}", code, turn=None, part="control", probe=probe)
        if code == 202:
            r = edits.json_body(r, edits.named(f"attachments/turn-3/{probe}"), _own_ids(probe))
    return edits.drop(_refused(r, "attachments/turn-3/post"), edits.named("attachments/turn-3/tail*"))


def _own_ids(name: str) -> Callable[[Any], None]:
    def change(body: Any) -> None:
        body["data"].update(chat_turn_id=f"t-{name}", user_message_id=f"m-{name}")

    return change


def _messages(change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Any], None]:
    return lambda body: change([message for message in body["data"] if message["attachments"]])


@broken("ATT-01", because="beside a text six attachments are one too many")
def six_beside_a_text(r: Recording) -> Recording:
    return _refused(r, "attachments/turn-2/post")


@broken("ATT-02", because="seven attachments are accepted in a later turn")
def seven_later(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-later-seven"), 202, ACCEPTED)


@broken("ATT-02", because="seven attachments that were refused in a later turn are stored")
def seven_later_stored(r: Recording) -> Recording:
    return _stored(r, "attachments/refuse-later-seven", "attachments/messages")


@broken("TIER-02", because="a message that was refused for its tier is stored")
def tier_stored(r: Recording) -> Recording:
    return _stored(r, "refusals/refuse-tier-unknown-word", "refusals/messages")


@broken("ATT-08", because="a message that was refused for a path is stored")
def path_stored(r: Recording) -> Recording:
    return _stored(r, "refusals/refuse-never-granted", "refusals/messages")


def _stored(r: Recording, probe: str, replayed: str) -> Recording:
    body = next(e for e in r.exchanges if e.name == probe).sent.json
    stored = {"id": "x", "role": "user", "message": body["message"], "attachments": []}
    return edits.json_body(r, edits.named(replayed), lambda b: {**b, "data": [*b["data"], stored]})


@broken("TIER-02", because="blanks around a tier are taken away")
def tier_with_blanks(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-later-tier-blank"), 202, ACCEPTED)


@broken("ATT-06", because="an empty message is accepted in a later turn")
def empty_later(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-later-empty"), 202, ACCEPTED)


@broken("ATT-08", because="a granted name in another folder is accepted")
def other_folder(r: Recording) -> Recording:
    return answer_each(r, edits.named("attachments/refuse-later-folder"), 202, ACCEPTED)


@broken("ATT-03", because="a session may have twelve attachments")
def twelve_per_session(r: Recording) -> Recording:
    return _third(r, with_alt=422, with_text=422, with_both=422)


@broken("ATT-05", because="the field for the text is required")
def text_is_required(r: Recording) -> Recording:
    r = _posted_again(r, "attachments/turn-1/post", "turn-1/with-text", 202)
    return edits.drop(_refused(r, "attachments/turn-1/post"), edits.named("attachments/turn-1/resume*"))


@broken("ATT-07", because="beside an empty text alt is required")
def alt_without_text(r: Recording) -> Recording:
    return _third(r, with_alt=202, with_text=202, with_both=202)


@lawful("ATT-02", "ATT-06", "ATT-08", "TIER-02", because="later refusals are 403, 404, 409")
def other_later_refusals(r: Recording) -> Recording:
    for code, name in ((409, "seven"), (403, "path"), (404, "folder")):
        r = answer_each(r, edits.named(f"attachments/refuse-later-{name}"), code, edits.error(code))
    return r


@broken("ATT-09", because="each message shows the attachments of another")
def exchanged(r: Recording) -> Recording:
    def change(messages: list[dict[str, Any]]) -> None:
        lists = [message["attachments"] for message in messages]
        for message, other in zip(messages, [*lists[1:], lists[0]], strict=True):
            message["attachments"] = other

    return edits.json_body(r, MESSAGES, _messages(change))


@broken("ATT-09", because="every attachment comes back as a PNG")
def one_type(r: Recording) -> Recording:
    def change(messages: list[dict[str, Any]]) -> None:
        for message in messages:
            message["attachments"] = [{**one, "mime": "image/png"} for one in message["attachments"]]

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful(
    "ATT-09", because="attachments are items of their own behind their message, and messages know their predecessor"
)
def items_of_their_own(r: Recording) -> Recording:
    def change(body: Any) -> None:
        items: list[dict[str, Any]] = []
        before: str | None = None
        for message in body["data"]:
            held = message.pop("attachments", [])
            items.append({**message, "parent_id": before})
            items += [{"type": "attachment", "after": message["id"], **one} for one in held]
            before = message["id"]
        body["data"] = items

    return edits.json_body(r, MESSAGES, change)


@lawful("ATT-09", because="each message repeats the attachments of those before it")
def repeated_as_context(r: Recording) -> Recording:
    def change(body: Any) -> None:
        so_far: list[dict[str, Any]] = []
        for message in body["data"]:
            so_far = [*so_far, *message["attachments"]]
            message["context"] = {"attachments": so_far}

    return edits.json_body(r, MESSAGES, change)


@lawful("ATT-09", because="a type is given with its parameters, in another case, or by its old name")
def other_spellings(r: Recording) -> Recording:
    names = {"image/jpeg": "image/jpg", "image/png": "IMAGE/PNG; charset=binary"}

    def change(messages: list[dict[str, Any]]) -> None:
        for message in messages:
            for one in message["attachments"]:
                one["mime"] = names.get(one["mime"], one["mime"])

    return edits.json_body(r, MESSAGES, _messages(change))


@lawful("ATT-09", because="beside each path stands the type of its thumbnail")
def thumbnails(r: Recording) -> Recording:
    def change(messages: list[dict[str, Any]]) -> None:
        for message in messages:
            for one in message["attachments"]:
                one["thumbnail"] = {"content_type": "image/webp", "width": 2}

    return edits.json_body(r, MESSAGES, _messages(change))
