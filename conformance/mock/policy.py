"""The open points of the contract, as one value: every combination of it is a lawful server.

A field never relaxes a stated fact. It picks one of the answers that no page forbids (mark O), and it is read at one
seam each, so a handler does not know which variation it runs in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Policy:
    """One lawful variation of the server; the defaults are the plain reference."""

    created_status: Literal[200, 201] = 201
    """Success status of "create a session" (open on its page)."""
    grant_status: Literal[200, 201] = 200
    """Success status of the upload-url operation (open)."""
    invalid_status: Literal[400, 422] = 400
    """Status of malformed and of invalid input (G6: pages disagree)."""
    first_cursor: Literal["null", "0-0"] = "null"
    """``since_cursor`` of the first turn of a fresh session (M7)."""
    concurrency: Literal["queue", "refuse", "parallel"] = "queue"
    """A post while a turn runs: one after another, a 409 without a message id, or side by side (M10)."""
    newline: Literal["lf", "crlf", "cr", "mixed"] = "lf"
    """Line ending of the event stream; all three are SSE, and a stream may mix them."""
    heartbeat_seconds: float = 15.0
    """Seconds of silence before a comment line is sent on a tail; 0 sends none (E6)."""
    bom: bool = False
    """Begin the event stream with a byte order mark, which SSE says to drop."""
    split_data: bool = False
    """Spread each envelope over several ``data:`` lines."""
    event_name: str = ""
    """Value of an ``event:`` line on every frame; empty sends no such line (E6)."""
    retry_ms: int = 0
    """Milliseconds of a ``retry:`` line at the start of a tail; 0 sends none."""
    done: bool = False
    """Send the sentinel ``data: [DONE]`` after a terminal envelope (E6)."""
    after_terminal: Literal["keep", "close"] = "keep"
    """Keep the connection after a terminal envelope, or close it once no turn is left (E6)."""
    ending: Literal["finish", "error", "error-finish", "abort", "approval"] = "finish"
    """How a turn ends; each of these is terminal for the SDK."""
    line_separators: bool = False
    """Put U+2028, U+2029 and U+0085 into a text delta; in SSE they are ordinary characters."""
    extra_fields: bool = False
    """Add unknown fields to every body, meta and envelope (G2)."""
    meta: Literal["full", "minimal"] = "full"
    """``meta`` with all its optional members, or with ``request_id`` alone (G4)."""
    tier_visible: bool = True
    """Tell in the envelopes and in the replay which model served a turn."""
    id_form: Literal["uuid", "prefixed", "integer", "long", "punctuated"] = "uuid"
    """Form of the opaque ids of sessions, turns and messages."""
    event_id_form: Literal["redis", "opaque", "number", "base64"] = "redis"
    """SSE ids as ``<ms>-<seq>``, or as tokens that say nothing to a client (E5: only "the same id space")."""
    uncursored: Literal["final-state", "previous-turn", "beginning"] = "final-state"
    """How much of the past a tail without a cursor shows on a later turn; each contains E4's final state."""
    malformed_cursor: Literal["refuse", "not-found", "beginning", "now"] = "refuse"
    """A cursor that cannot be one: refused, a 404, the beginning, or what comes from now on (E6)."""
    unknown_cursor: Literal["serve", "refuse", "beginning"] = "serve"
    """A well-formed cursor that is no entry of this session: a position like any other, refused, or as none (E6)."""
    both_cursors: Literal["header", "query"] = "header"
    """Which cursor counts when both are given (E6). A browser repeats the URL as it reconnects: its header is newer."""
    null_tier: Literal["refuse", "fast"] = "refuse"
    """``"model_tier": null`` (M5)."""
    duplicate_id_place: Literal["details", "message", "nested", "link"] = "details"
    """Where the 409 carries the original message id (M8)."""
    duplicate_scope: Literal["session", "tenant"] = "session"
    """How far a ``client_message_id`` reaches (M8)."""
    replay_page: int = 50
    """Messages on a page of the replay, when the caller asks for no size."""
    document_types: bool = True
    """Grant the newer page's document types as well as the four image types."""
    require_upload: bool = True
    """Refuse an attachment that was granted but never uploaded (M3: "must first be uploaded")."""
    attachment_mime: Literal["granted", "any"] = "granted"
    """Whether an attachment's ``mime`` has to be the granted one."""
    managed_agent_id: int | None = 9001
    """``agent_id`` that a session of a managed agent shows."""

    @staticmethod
    def from_json(text: str) -> Policy:
        """Read a policy from a JSON object; fields left out keep their defaults.

        :raises ValueError: not a JSON object, an unknown field, or a value that the field does not allow.
        """
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as wrong:
            raise ValueError("a policy is a JSON object") from wrong
        if not isinstance(given, dict):
            raise ValueError("a policy is a JSON object")  # noqa: TRY004 - one kind of error for one kind of caller
        return Policy().with_fields(given)

    def with_fields(self, given: Mapping[str, Any]) -> Policy:
        """This policy with other values for some fields.

        :raises ValueError: an unknown field, or a value that the field does not allow.
        """
        types = get_type_hints(Policy)
        for name, value in given.items():
            if name not in types:
                raise ValueError(f"no such policy field: {name}")
            if not _allows(types[name], value):
                raise ValueError(f"policy field {name} cannot be {json.dumps(value)}")
        return replace(self, **given)

    def to_json(self) -> str:
        """The policy as the JSON object that :meth:`from_json` reads."""
        return json.dumps({field.name: getattr(self, field.name) for field in fields(self)})


def _allows(kind: Any, value: Any) -> bool:
    if get_origin(kind) is Literal:
        return any(type(value) is type(choice) and value == choice for choice in get_args(kind))
    if kind is bool:
        return isinstance(value, bool)
    if kind is str:
        return isinstance(value, str) and "\n" not in value and "\r" not in value
    if isinstance(value, bool):
        return False
    if kind is int:
        return isinstance(value, int) and value >= 0
    if kind is float:
        return isinstance(value, (int, float)) and 0 <= value < 86_400
    return value is None or isinstance(value, int)
