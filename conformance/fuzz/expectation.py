"""What the contract says of a generated request: that it is accepted, that it is refused, or nothing.

Schemathesis knows two kinds of request, valid and invalid against the schema. The pages know three: much of what a
schema has to decide one way or the other is open. So the judgement is made here, on the request as it will be sent,
and schemathesis' own `positive_data_acceptance` and `negative_data_rejection` are not used. Whatever is not listed
below is OPEN; in particular

- null where no page allows or forbids it (`model_tier`, `message`, `title`, an attachment's fields);
- fields and query parameters that no page names: a server may ignore or refuse them;
- text that a store or a filter may refuse: NUL and other control characters, unassigned characters, long texts;
- a number given as text, or true for 1, where an integer is asked for: frameworks read them;
- agents, attachments and cursors that were made up, page sizes, and media types in Content-Type;
- a path that was granted without the bytes being put there, one that is attached twice, or once more in a later turn;
- what follows from a page without being stated (an empty message with no attachment, an unlisted upload type).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MAX_ATTACHMENTS = 6
_ORDINARY_CHARACTERS = 2000
_SHORT_CHARACTERS = 100
"""Of a title or a client_message_id: no page promises a length, and 255 is a common bound of such fields."""
_NAME_CHARACTERS = 60


class Verdict(enum.Enum):
    """What a target must do with a request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True)
class Expectation:
    """The verdict, the requirement that states it, and the reason in words. OPEN has neither rule nor reason.

    `only`: the one refusal that a page states; empty where any 4xx is one.
    """

    verdict: Verdict
    rule: str = ""
    reason: str = ""
    only: frozenset[int] = frozenset()


OPEN = Expectation(Verdict.OPEN)


@dataclass(frozen=True)
class Request:
    """A generated request as far as it decides the expectation.

    `body` is the JSON value, or the bytes where syntax was fuzzed; `has_body` tells null from none. `agent` is the part
    of a create-session body with which the live session was created, `cursors` are those that the live session gave.
    `paths` are the blob paths, each with its media type, that were uploaded for it and are in no message yet. `repeated`:
    it is, to the letter, a message that was accepted with this client_message_id. `extreme`: no page says what it gets.
    """

    operation: str
    body: Any
    has_body: bool
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    live_session: bool
    agent: Mapping[str, Any]
    cursors: frozenset[str] = frozenset()
    paths: frozenset[tuple[str, str]] = frozenset()
    repeated: bool = False
    extreme: bool = False


def expect(request: Request) -> Expectation:
    """What the pages state about this request. Pure."""
    if not request.live_session:
        return _refused("ERR-02", "the session does not exist")
    if request.extreme or any(name.lower() == "content-type" for name in request.headers):
        # Another media type, or a malformed one, of a body that is JSON all the same: open.
        return OPEN
    if request.repeated:
        return Expectation(Verdict.REFUSED, "IDEM-01", "its client_message_id was accepted before", frozenset({409}))
    if request.operation in ("tailEvents", "listMessages"):
        return _reading(request)
    if request.query or request.headers or not request.has_body:
        return OPEN
    body = _json_value(request.body)
    if body is _NOT_JSON:
        return _refused("ERR-03", "the body is not JSON")
    if body is None or body is _UNDECIDED:
        return OPEN
    if not isinstance(body, dict):
        return _refused("ERR-03", "the body is not an object")
    return _BODIES[request.operation](body, request)


def _reading(request: Request) -> Expectation:
    if request.has_body:
        return OPEN
    if not request.query and not request.headers:
        return _accepted("FUZZ-01", "it has nothing but a session that exists")
    # Both the query and the header at once is open, even with the same id.
    given = {**request.query, **{name.lower(): value for name, value in request.headers.items()}}
    if request.operation == "tailEvents" and len(given) == 1:
        name, cursor = next(iter(given.items()))
        if name in ("since", "last-event-id") and cursor in request.cursors:
            return _accepted("CUR-03", "it has the session's own cursor")
    return OPEN


def _new_session(body: dict[str, Any], request: Request) -> Expectation:
    if "agent_id" not in body and "managed_agent_key" not in body:
        return _refused("SES-01", "it names no agent")
    if body.get("agent_id") is not None and body.get("managed_agent_key") is not None:
        return _refused("SES-01", "it names an agent in both ways")
    if "agent_id" in body and _is_no_integer(body["agent_id"]):
        return _refused("ERR-03", "agent_id is not an integer")
    for name in ("managed_agent_key", "title"):
        if _is_no_string(body.get(name)):
            return _refused("ERR-03", f"{name} is not a string")
    named = {key: value for key, value in body.items() if key != "title"}
    if named == request.agent and ("title" not in body or _is_ordinary(body["title"], _SHORT_CHARACTERS)):
        return _accepted("SES-01", "it names one agent, the same as the live session's")
    return OPEN


def _new_message(body: dict[str, Any], request: Request) -> Expectation:
    attachments = body.get("attachments")
    if isinstance(attachments, list) and len(attachments) > MAX_ATTACHMENTS:
        return _refused("ATT-02", f"it has {len(attachments)} attachments")
    if attachments is not None and not isinstance(attachments, list):
        return _refused("ERR-03", "attachments is not a list")
    for attachment in attachments or []:
        if attachment is not None and not isinstance(attachment, dict):
            return _refused("ERR-03", "an attachment is not an object")
        for name in ("blob_path", "mime", "alt", "filename"):
            if _is_no_string((attachment or {}).get(name)):
                return _refused("ERR-03", f"an attachment's {name} is not a string")
    for name in ("message", "client_message_id"):
        if _is_no_string(body.get(name)):
            return _refused("ERR-03", f"{name} is not a string")
    tier = body.get("model_tier", "FAST")
    if tier is not None and tier not in ("FAST", "SMART"):
        return _refused("TIER-02", f"model_tier is {json.dumps(tier)[:60]}")
    attached = bool(attachments)
    ordinary = (
        body.keys() <= {"message", "attachments", "client_message_id", "model_tier"}
        and (_is_ordinary(body.get("message")) or (attached and body.get("message", "") == ""))
        and ("attachments" not in body or attachments == [] or _surely_attachable(attachments, request.paths))
        and (body.get("client_message_id") is None or _is_ordinary(body["client_message_id"], _SHORT_CHARACTERS))
        and tier is not None
    )
    if not ordinary:
        return OPEN
    if attached and not body.get("message"):
        return _accepted("ATT-05", "it is empty and has an attachment that was uploaded for this session")
    return _accepted("ACC-01", "it is a plain message to a session that exists")


def _surely_attachable(attachments: Any, paths: frozenset[tuple[str, str]]) -> bool:
    """Whether each is one of the paths, none twice, and has nothing else that could be refused."""
    named = [(one.get("blob_path"), one.get("mime")) for one in attachments or [] if isinstance(one, dict)]
    return (
        bool(named)
        and len(named) == len(attachments)
        and len(set(named)) == len(named)
        and set(named) <= paths
        and all(one.keys() <= {"blob_path", "mime", "alt", "filename"} for one in attachments)
        and all(
            _is_ordinary(one.get("alt", "a"), _SHORT_CHARACTERS) and _is_plain_name(one.get("filename", "a"))
            for one in attachments
        )
    )


def _upload_request(body: dict[str, Any], _request: Request) -> Expectation:
    if "content_type" not in body:
        return _refused("UPL-02", "content_type is missing")
    for name in ("content_type", "filename"):
        if _is_no_string(body.get(name)):
            return _refused("ERR-03", f"{name} is not a string")
    ordinary = (
        body.keys() <= {"content_type", "filename"}
        and body["content_type"] in IMAGE_TYPES
        and (body.get("filename") is None or _is_plain_name(body["filename"]))
    )
    return _accepted("UPL-01", f"it asks for {body['content_type']}") if ordinary else OPEN


_BODIES = {"createSession": _new_session, "appendMessage": _new_message, "requestUploadUrl": _upload_request}

_NOT_JSON = object()
_UNDECIDED = object()


def _json_value(body: Any) -> Any:
    """The JSON value of a body, _NOT_JSON if it surely is none, _UNDECIDED if parsers may differ on it."""
    if not isinstance(body, bytes):
        return body
    if not body.strip():
        return _UNDECIDED
    try:
        return json.loads(body)
    except ValueError:
        pass
    # A byte order mark, or another Unicode encoding, is read by some servers.
    return _UNDECIDED if body[:2] in (b"\xef\xbb", b"\xff\xfe", b"\xfe\xff") or b"\x00" in body[:4] else _NOT_JSON


def _is_no_string(value: Any) -> bool:
    return value is not None and not isinstance(value, str)


def _is_no_integer(value: Any) -> bool:
    """Whether no reader takes the value for an integer. Null is the pages' own second type of `agent_id`."""
    if value is None or isinstance(value, int):
        return False
    if isinstance(value, float):
        return not value.is_integer()
    if isinstance(value, str):
        return bool(value) and not any(character.isnumeric() for character in value)
    return True


def _is_ordinary(value: Any, most: int = _ORDINARY_CHARACTERS) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= most
        and value.isprintable()
        and any(character.isalnum() for character in value)
    )


def _is_plain_name(value: Any) -> bool:
    """A file name that no server has a reason to refuse: no path, no special character of a file system."""
    return (
        _is_ordinary(value)
        and len(value) <= _NAME_CHARACTERS
        and ".." not in value
        and not set(value) & set('/\\:*?"<>|%;')
    )


def _accepted(rule: str, reason: str) -> Expectation:
    return Expectation(Verdict.ACCEPTED, rule, reason)


def _refused(rule: str, reason: str) -> Expectation:
    return Expectation(Verdict.REFUSED, rule, reason)
