"""Bodies for create-session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conformance.journeys.probes.texts import BEYOND_ASCII, MANY, ODD_TEXT, as_json, as_utf_8

Expected = Literal["created", "refused", "no-5xx"]


@dataclass(frozen=True)
class Creation:
    """A body for create-session: ``raw``, or ``fields`` (added to the target's own lawful body where ``lawful``).

    ``client_id`` asks for the field of that name, with the value of a session that was already created.
    """

    name: str
    rule: str
    expected: Expected
    note: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    lawful: bool = False
    client_id: bool = False
    credential: Literal["own", "other"] = "own"
    raw: bytes | None = None
    escaped: bool = True

    def content(self, lawful: Mapping[str, Any], client_id: Any = None) -> bytes:
        """The bytes to send; ``lawful`` is the body with which this target creates its sessions.

        ``client_id`` is ``data.client_id`` of a created session; 1 is sent where that is null.
        """
        if self.raw is not None:
            return self.raw
        base = lawful if self.lawful else {}
        # The probe's own fields count, a title above all; only the agent stays the target's.
        agent = {key: base[key] for key in ("agent_id", "managed_agent_key") if key in base}
        body = {**base, **self.fields, **agent}
        if self.client_id:
            body["client_id"] = 1 if client_id is None else client_id
        return as_json(body) if self.escaped else as_utf_8(body)


MANAGED_KEY: Final = "NEO_SUPPORT"

CREATIONS: Final[tuple[Creation, ...]] = (
    Creation(
        "both",
        "SES-01",
        "refused",
        "an agent and a managed key",
        {"agent_id": 1, "managed_agent_key": MANAGED_KEY},
        True,
    ),
    Creation(
        "both-zero",
        "SES-01",
        "refused",
        "an agent whose number counts as false, and a managed key",
        {"agent_id": 0, "managed_agent_key": MANAGED_KEY},
    ),
    Creation("neither", "SES-01", "refused", "an empty object"),
    Creation("neither-but-title", "SES-01", "refused", "a title and no agent", {"title": "conformance"}),
    Creation("client-id", "SES-02", "refused", "client_id from an ordinary key", lawful=True, client_id=True),
    Creation(
        "client-id-other-key",
        "SES-02",
        "refused",
        "the same from the second key, to tell a platform key from a fault",
        lawful=True,
        client_id=True,
        credential="other",
    ),
    Creation("bot-id", "SES-02", "created", "bot_id as a number, ignored for an ordinary key", {"bot_id": 1}, True),
    Creation("bot-id-text", "SES-02", "created", "bot_id as a string", {"bot_id": "1"}, True),
    # No page gives its type: one of the three forms has to be right.
    Creation(
        "bot-id-uuid",
        "SES-02",
        "created",
        "bot_id as a uuid",
        {"bot_id": "3f1c7a52-6d0e-4b7c-9a51-2b8f0c6d1e94"},
        True,
    ),
    Creation("agent-id-text", "ERR-03", "refused", "agent_id is a word", {"agent_id": "x"}),
    Creation("agent-id-object", "ERR-03", "refused", "agent_id is an object", {"agent_id": {}}),
    Creation("agent-id-list", "ERR-03", "refused", "agent_id is a list", {"agent_id": [1]}),
    Creation("managed-key-number", "ERR-03", "refused", "managed_agent_key is a number", {"managed_agent_key": 42}),
    Creation("managed-key-object", "ERR-03", "refused", "managed_agent_key is an object", {"managed_agent_key": {}}),
    Creation("body-list", "ERR-03", "refused", "a list in place of the object", raw=b"[]"),
    Creation("body-string", "ERR-03", "refused", "a string in place of the object", raw=b'"x"'),
    Creation("body-number", "ERR-03", "refused", "a number in place of the object", raw=b"42"),
    Creation(
        "truncated", "ERR-03", "refused", "the closing brace is missing", raw=b'{"managed_agent_key": "NEO_SUPPORT"'
    ),
    Creation("bare-word", "ERR-03", "refused", "a word without quotes", raw=b"hello"),
    Creation("nothing", "ERR-04", "no-5xx", "no body at all", raw=b""),
    Creation("null", "ERR-04", "no-5xx", "a null in place of the object", raw=b"null"),
    Creation(
        "managed-key-unknown", "ERR-04", "no-5xx", "a managed key that is not known", {"managed_agent_key": "QUOKKA"}
    ),
    Creation("agent-id-huge", "ERR-04", "no-5xx", "an integer of 31 digits", {"agent_id": 10**30}),
    Creation("agent-id-64-bit", "ERR-04", "no-5xx", "one more than 63 bits hold", {"agent_id": 2**63}),
    Creation("agent-id-negative", "ERR-04", "no-5xx", "a negative number", {"agent_id": -1}),
    Creation("agent-id-zero", "ERR-04", "no-5xx", "zero", {"agent_id": 0}),
    Creation("agent-id-overflow", "ERR-04", "no-5xx", "a number beyond a double", raw=b'{"agent_id": 1e999}'),
    Creation("agent-id-null", "ERR-04", "no-5xx", "null, which is open", {"agent_id": None}),
    Creation("title-odd", "ERR-04", "no-5xx", "emoji, right to left, Unicode line ends", {"title": ODD_TEXT}, True),
    Creation(
        "title-utf-8",
        "ERR-04",
        "no-5xx",
        "characters beyond ASCII that are not escaped",
        {"title": BEYOND_ASCII},
        True,
        escaped=False,
    ),
    Creation("title-nul", "ERR-04", "no-5xx", "a NUL in the title", {"title": "a\0b"}, True),
    Creation("title-lone-surrogate", "ERR-04", "no-5xx", "half a surrogate pair", {"title": "a\ud800b"}, True),
    Creation("title-long", "ERR-04", "no-5xx", "a title of 100,000 characters", {"title": "t" * 100_000}, True),
    Creation("title-number", "ERR-04", "no-5xx", "a number as title", {"title": 42}, True),
    Creation("bot-id-object", "ERR-04", "no-5xx", "bot_id as an object", {"bot_id": {"id": 1}}, True),
    Creation("inbound-nul", "ERR-04", "no-5xx", "a NUL in inbound_tenant_id", {"inbound_tenant_id": "a\0b"}, True),
    Creation("extra-digits", "ERR-04", "no-5xx", "an integer of 5,000 digits", raw=b'{"extra": ' + b"9" * 5_000 + b"}"),
    Creation("nested", "ERR-04", "no-5xx", "20,000 lists", raw=b'{"extra": ' + b"[" * MANY + b"]" * MANY + b"}"),
)
"""Bodies for create-session. None of them starts a turn."""

ODD_TYPES: Final[Mapping[str, str]] = {
    "unknown-charset": "application/json; charset=x-klingon",
    "utf-16-charset": "application/json; charset=utf-16",
    "no-type": "",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}
"""Content types under which a lawful JSON body is sent, for "no 5xx" only: what a server makes of them is open."""
