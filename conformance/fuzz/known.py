"""What the run has proof of: its session, and the ids, cursors and paths that the target itself gave for it."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import schemathesis

from conformance.fuzz.generation import Case
from conformance.sse import EventDecoder, StreamTooLarge

_KEPT = 200
"""Values kept of each kind: more are of no more use."""
_UNLIKELY_LENGTH = 16


@dataclass(frozen=True)
class Grant:
    """A path that was granted for the live session. `uploaded`: the bytes were put there, as the pages ask for."""

    blob_path: str
    mime: str
    uploaded: bool = False


@dataclass
class Known:
    """Grows with every answer that is taken in.

    `agent` is the part of a create-session body that chooses the agent. `live` is the session's id, `unknown` one of its
    form that does not exist. `cursors` are `since_cursor`s and event ids of the session, `pages` its `next_cursor`s.
    `accepted` are bodies of accepted messages that had a client_message_id. `used` are the paths that a message took.
    """

    agent: Mapping[str, Any]
    live: str = ""
    unknown: str = ""
    cursors: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    accepted: list[Mapping[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    latest_cursor: list[str] = field(default_factory=list)
    """The last `since_cursor`, if any: the one that the pages tell clients to tail from. Older ones may have expired."""

    @property
    def fresh_paths(self) -> frozenset[tuple[str, str]]:
        """Path and media type of what was uploaded and is in no message yet: a message with them is surely valid."""
        return frozenset((g.blob_path, g.mime) for g in self.grants if g.uploaded and g.blob_path not in self.used)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values of this tenant that no other may be shown: long enough not to come about by chance."""
        paths = [grant.blob_path for grant in self.grants]
        return tuple(value for value in (*self.ids, *paths) if len(value) >= _UNLIKELY_LENGTH)

    def take_in(self, operation: str, case: Case, response: schemathesis.Response) -> None:
        """Learn from an answer to this tenant's own request on its own session."""
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return
        if operation == "tailEvents":
            self._take_events(response.content or b"")
            return
        data, meta = _part(response, "data"), _part(response, "meta")
        if operation == "appendMessage" and response.status_code == HTTPStatus.ACCEPTED:
            cursor = data.get("since_cursor")
            _keep(self.cursors, cursor)
            self.latest_cursor = [cursor] if isinstance(cursor, str) and cursor else self.latest_cursor
            _keep(self.ids, data.get("user_message_id"))
            _keep(self.ids, data.get("chat_turn_id"))
            body = case.body if isinstance(case.body, dict) else {}
            if _surely_an_id(body.get("client_message_id")):
                self.accepted.append(dict(body))
        elif operation == "requestUploadUrl" and len(self.grants) < _KEPT:
            path, mime = data.get("blob_path"), data.get("mime")
            if isinstance(path, str) and isinstance(mime, str) and path:
                self.grants.append(Grant(path, mime))
        elif operation == "listMessages":
            pagination = meta.get("pagination")
            _keep(self.pages, pagination.get("next_cursor") if isinstance(pagination, dict) else None)

    def _take_events(self, content: bytes) -> None:
        try:
            events = EventDecoder().feed(content)
        except StreamTooLarge as stopped:
            events = stopped.events
        for event in events:
            _keep(self.cursors, event.id)


def _surely_an_id(value: object) -> bool:
    """A text that no server has a reason to cut, to change, or to take for none."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{8,64}", value) is not None


def _keep(values: list[str], value: object) -> None:
    if isinstance(value, str) and value and value not in values and len(values) < _KEPT:
        values.append(value)


def _part(response: schemathesis.Response, name: str) -> Mapping[str, Any]:
    """An object of a JSON answer; empty where there is none."""
    try:
        part = response.json()[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return part if isinstance(part, dict) else {}


def data_of(response: schemathesis.Response) -> Mapping[str, Any]:
    """The `data` of a success, empty if there is none."""
    return _part(response, "data") if response.status_code < HTTPStatus.BAD_REQUEST else {}


def session_id_of(response: schemathesis.Response) -> str:
    """The id of a session that was created; empty if there is none in the answer."""
    session_id = data_of(response).get("id")
    if isinstance(session_id, float) and session_id.is_integer():
        session_id = int(session_id)  # JSON does not tell 17.0 from 17
    usable = session_id and isinstance(session_id, str | int) and not isinstance(session_id, bool)
    return str(session_id) if usable else ""


def unknown_id(known: str, seed: int) -> str:
    """An id of the same form that does not exist: letters for letters of its kind, digits for digits.

    A short one is made longer first. A neighbour of a short number may well be somebody's session.
    """
    chance = random.Random(f"{seed}:{known}")
    padding = known[-1] if known[-1].isalnum() else "9"
    longer = known + padding * max(0, _UNLIKELY_LENGTH - sum(character.isalnum() for character in known))

    def another(character: str) -> str:
        if character in string.digits:
            return chance.choice("123456789")
        for letters in (string.ascii_lowercase, string.ascii_uppercase):
            if character in letters:
                # Letters that stand in the id: another may not be in its alphabet.
                return chance.choice([c for c in longer if c in letters])
        return character

    # The beginning stays: a prefix may be part of the form, and so may the version of a uuid.
    kept = len(longer) - 12
    return longer[:kept] + "".join(another(character) for character in longer[kept:])
