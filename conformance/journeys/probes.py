"""What the journeys send in order to be refused, or at least not to break the server: data, nothing is played here.

A probe has a *rule*: the requirement that says what a correct server does with it. Rule ``ERR-04`` demands nothing but
"no 5xx". Every message probe breaks a stated or an implied rule, so that no correct server starts a turn for it.

The order matters. What a lenient server would accept comes last, since an accepted probe keeps the session busy and
spoils the probes behind it. A probe that ``leans_on`` a rule is refused for that rule alone: where a probe *of* the
rule was accepted, those that lean on it would each start a turn, and should be left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Attachment = Mapping[str, Any]
"""As it is sent: ``blob_path``, ``mime``, ``alt``, ``filename``."""

Build = Callable[[Sequence[Attachment], Attachment], Any]
"""From the session's seven uploaded attachments, and one of another session, to a JSON body."""

MISSING: Final[Any] = object()
"""No JSON body was given (None would be a null)."""

ATTACHMENTS_NEEDED: Final = 7
"""How many uploaded attachments ``Refusal.content`` wants."""


@dataclass(frozen=True)
class Refusal:
    """A body for append-message. One of ``body`` (raw bytes), ``json`` and ``build`` is set.

    ``leans_on`` is the rule for which it is refused, where that is not its own.

    ``marker`` is a text that occurs nowhere else in the run: where a later replay shows it, the message was stored.
    """

    name: str
    rule: str
    note: str
    body: bytes | None = None
    json: Any = MISSING
    build: Build | None = None
    marker: str | None = None
    leans_on: str | None = None

    @property
    def needs_attachments(self) -> bool:
        """Whether ``content`` looks at the attachments."""
        return self.build is not None

    def content(self, granted: Sequence[Attachment] = (), foreign: Attachment | None = None) -> bytes:
        """The bytes to send, with ``Content-Type: application/json``.

        :raises ValueError: when it needs seven granted attachments and a foreign one and did not get them.
        """
        if self.body is not None:
            return self.body
        if self.build is None:
            return as_json(self.json)
        if len(granted) < ATTACHMENTS_NEEDED or foreign is None:
            raise ValueError(f"the probe {self.name} needs {ATTACHMENTS_NEEDED} attachments and a foreign one")
        return as_json(self.build(granted, foreign))


def as_json(value: Any) -> bytes:
    """JSON in ASCII: a lone surrogate or a NUL leaves as its escape."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")


def never_granted(granted: Sequence[Attachment]) -> dict[str, Any]:
    """An attachment of the same form as the first granted one, whose path no grant named.

    Only the name of the blob changes, not its folder nor its extension: a server that compares nothing but the
    session's prefix, or the file type, lets it pass.
    """
    taken = {str(one.get("blob_path")) for one in granted}
    first = str(granted[0].get("blob_path"))
    folder, slash, name = first.rpartition("/")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    for step in range(3, 3 + len(taken) + 10):
        other = f"{folder}{slash}{''.join(_turned(c, step) for c in stem)}{dot}{extension}"
        if other not in taken:
            return {**granted[0], "blob_path": other}
    return {**granted[0], "blob_path": f"{folder}{slash}{stem}0{dot}{extension}"}


def _turned(character: str, step: int) -> str:
    """The character, moved within its own class, so that a uuid stays a uuid and a number a number."""
    for alphabet in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"):
        if character in alphabet:
            return alphabet[(alphabet.index(character) + step) % len(alphabet)]
    return character


def _text(name: str) -> str:
    return f"Please answer with one word ({name})."


SEVEN_MARKER: Final = "seven attachments, marker 5f0c1d7e93"
SEVEN_ALIKE_MARKER: Final = "seven times one blob, marker b84e26a0d1"

_WRONG_BODIES: Final[tuple[Refusal, ...]] = (
    Refusal("truncated", "ERR-03", "the closing brace is missing", body=b'{"message": "truncated"'),
    Refusal("truncated-string", "ERR-03", "ends within a string", body=b'{"message": "trunc'),
    Refusal("trailing-garbage", "ERR-03", "more text after the object", body=b'{"message": "trailing"} garbage'),
    Refusal("trailing-comma", "ERR-03", "a comma before the brace", body=b'{"message": "comma",}'),
    Refusal("single-quotes", "ERR-03", "Python's notation, not JSON", body=b"{'message': 'quotes'}"),
    Refusal("bare-word", "ERR-03", "a word without quotes", body=b"hello"),
    Refusal("form", "ERR-03", "a form's encoding under a JSON content type", body=b"message=hello&model_tier=FAST"),
    Refusal("body-list", "ERR-03", "a list in place of the object", json=[]),
    Refusal("body-list-of-one", "ERR-03", "the object in a list", json=[{"message": _text("body-list-of-one")}]),
    Refusal("body-string", "ERR-03", "a string in place of the object", json="x"),
    Refusal("body-number", "ERR-03", "a number in place of the object", json=42),
    Refusal("body-boolean", "ERR-03", "a boolean in place of the object", json=True),
)

_WRONG_FIELDS: Final[tuple[Refusal, ...]] = tuple(
    Refusal(name, "ERR-03", f"{key} is {note}", json={"message": _text(name), key: value})
    for name, key, value, note in (
        ("message-number", "message", 42, "a number"),
        ("message-boolean", "message", True, "a boolean"),
        ("message-object", "message", {"a": 1}, "an object"),
        ("message-list", "message", ["x"], "a list"),
        ("attachments-string", "attachments", "x", "a string"),
        ("attachments-object", "attachments", {}, "an object"),
        ("attachments-numbers", "attachments", [1], "a list of numbers"),
        ("attachments-strings", "attachments", ["x"], "a list of strings"),
        ("attachments-nulls", "attachments", [None], "a list of nulls"),
        ("attachments-lists", "attachments", [[]], "a list of lists"),
        ("client-message-id-number", "client_message_id", 42, "a number"),
        ("client-message-id-object", "client_message_id", {}, "an object"),
        ("client-message-id-list", "client_message_id", [], "a list"),
        ("client-message-id-boolean", "client_message_id", True, "a boolean"),
    )
)

_WRONG_ATTACHMENTS: Final[tuple[Refusal, ...]] = (
    Refusal(
        "blob-path-number",
        "ERR-03",
        "the path of an attachment is a number",
        build=lambda granted, _: {"message": _text("path"), "attachments": [{**granted[0], "blob_path": 42}]},
    ),
    Refusal(
        "mime-number",
        "ERR-03",
        "the type of an attachment is a number",
        build=lambda granted, _: {"message": _text("mime"), "attachments": [{**granted[0], "mime": 42}]},
    ),
)

_TIERS: Final[tuple[Refusal, ...]] = tuple(
    Refusal(f"tier-{name}", "TIER-02", note, json={"message": _text(f"tier-{name}"), "model_tier": value})
    for name, value, note in (
        ("unknown-word", "TURBO", "a word that is no tier"),
        ("known-elsewhere", "AUTO", "a word that other APIs know"),
        ("lower-case", "fast", "FAST in lower case"),
        ("lower-case-smart", "smart", "SMART in lower case"),
        ("capitalised", "Smart", "SMART, capitalised"),
        ("two", "FAST,SMART", "both of them in one word"),
        ("empty", "", "an empty string"),
        ("one", 1, "a number"),
        ("zero", 0, "a number that counts as false"),
        ("true", True, "a boolean"),
        ("false", False, "a boolean that counts as false"),
        ("list", ["FAST"], "a list of a known word"),
        ("object", {"tier": "FAST"}, "an object"),
    )
)

_SEVEN: Final[tuple[Refusal, ...]] = (
    Refusal(
        "seven",
        "ATT-02",
        "seven attachments and a text",
        build=lambda granted, _: {"message": SEVEN_MARKER, "attachments": [dict(one) for one in granted[:7]]},
        marker=SEVEN_MARKER,
    ),
    Refusal(
        "seven-without-text",
        "ATT-02",
        "seven attachments and an empty text",
        build=lambda granted, _: {"message": "", "attachments": [dict(one) for one in granted[:7]]},
    ),
)


ODD_TEXT: Final = (
    "Family \U0001f469\u200d\U0001f469\u200d\U0001f467, Ze\u0301ro, \u05e9\u05dc\u05d5\u05dd \u202eltr\u202c, "
    '\U0001d538, line\u2028paragraph\u2029next\u0085end, tab\there, \\u0000 "quoted" </script> %00 {{7*7}} \'; --'
)
"""A legal text with no control character but TAB: emoji, combining, right to left, astral, Unicode line ends."""

_MANY: Final = 20_000


def _odd(name: str, note: str, **fields: Any) -> Refusal:
    """A body that is refused for its tier, whatever the server makes of the rest."""
    body = {"message": _text(name), "model_tier": "TURBO", **fields}
    return Refusal(name, "ERR-04", note, json=body, leans_on="TIER-02")


def _odd_raw(name: str, note: str, member: bytes) -> Refusal:
    body = b'{"model_tier": "TURBO", "message": "x", ' + member + b"}"
    return Refusal(name, "ERR-04", note, body=body, leans_on="TIER-02")


def _odd_tier(name: str, note: str, literal: bytes) -> Refusal:
    """A server that echoes the wrong value in its error has to be able to write it down as JSON again."""
    body = b'{"message": "x", "model_tier": ' + literal + b"}"
    return Refusal(name, "ERR-04", note, body=body, leans_on="TIER-02")


def _seven_odd(name: str, note: str, text: str) -> Refusal:
    """Of the right types, and with a right tier, so that it comes further into the server: seven attachments."""
    return Refusal(
        name,
        "ERR-04",
        note,
        build=lambda granted, _: {"message": text, "attachments": [dict(one) for one in granted[:7]]},
        leans_on="ATT-02",
    )


_ODD: Final[tuple[Refusal, ...]] = (
    _odd("text-odd", "emoji, right to left, combining, astral, Unicode line ends", message=ODD_TEXT),
    _odd("text-nul", "a NUL in the text", message="a\0b"),
    _odd("text-lone-surrogate", "half a surrogate pair in the text", message="a\ud800b"),
    _odd("text-megabyte", "a text of a megabyte", message="a" * 1_000_000),
    _odd("id-long", "a client_message_id of 20,000 characters", client_message_id="i" * _MANY),
    _odd("id-nul", "a NUL in the client_message_id", client_message_id="i\0d"),
    _odd("id-lone-surrogate", "half a surrogate pair in the client_message_id", client_message_id="i\udc00d"),
    _odd("extra-integer", "an integer of 401 digits in an unknown field", extra=10**400),
    _odd("key-lone-surrogate", "half a surrogate pair as the name of a field", **{"\ud800": 1}),
    _odd("key-odd", "unusual names of fields", **{"": 1, "__proto__": {"x": 1}, "constructor": 1, "\0": 2}),
    _odd("attachments-many", "an array of 200,000 elements", attachments=[0] * 200_000),
    _odd_tier("tier-lone-surrogate", "half a surrogate pair as tier", b'"\\ud800"'),
    _odd_tier("tier-nul", "a NUL as tier", b'"\\u0000"'),
    _odd_tier("tier-overflow", "a number beyond a double", b"1e999"),
    _odd_tier("tier-nan", "NaN, which is no JSON", b"NaN"),
    _odd_tier("tier-digits", "an integer of 5,000 digits", b"9" * 5_000),
    _odd_tier("tier-long", "a tier of 100,000 letters", b'"' + b"T" * 100_000 + b'"'),
    _odd_tier("tier-nested", "20,000 lists in one another as tier", b"[" * _MANY + b"]" * _MANY),
    _odd_raw("nested-1000", "1,000 lists in one another", b'"extra": ' + b"[" * 1_000 + b"]" * 1_000),
    _odd_raw("nested-20000", "20,000 lists in one another", b'"extra": ' + b"[" * _MANY + b"]" * _MANY),
    _odd_raw("nested-objects", "5,000 objects in one another", b'"extra": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    _odd_raw("nested-unclosed", "20,000 lists that nobody closes", b'"extra": ' + b"[" * _MANY),
    _odd_raw("extra-overflow", "a number beyond a double", b'"extra": 1e999'),
    _odd_raw("extra-nan", "NaN, which is no JSON", b'"extra": NaN'),
    _odd_raw("extra-digits", "an integer of 5,000 digits", b'"extra": ' + b"9" * 5_000),
    # No JSON by RFC 8259, but some parsers take the replacement character for it: only "no 5xx" is certain.
    _odd_raw("invalid-utf-8", "bytes that are no UTF-8 within a string", b'"extra": "\xff\xfe\xc3"'),
    _odd_raw("surrogate-bytes", "a surrogate in UTF-8's manner", b'"extra": "\xed\xa0\x80"'),
    _odd_raw("byte-nul", "a raw NUL within a string", b'"extra": "a\x00b"'),
    _odd_raw("twice", "one field twice", b'"message": "y", "message": {}'),
    Refusal("bom", "ERR-04", "a byte order mark", body=b'\xef\xbb\xbf{"model_tier": "TURBO"}', leans_on="TIER-02"),
    Refusal(
        "utf-16",
        "ERR-04",
        "JSON in UTF-16",
        body='{"message": "x", "model_tier": "TURBO"}'.encode("utf-16"),
        leans_on="TIER-02",
    ),
    Refusal("binary", "ERR-04", "bytes of a picture", body=b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe"),
    _seven_odd("seven-nul", "a NUL in the text", "a\0b"),
    _seven_odd("seven-lone-surrogate", "half a surrogate pair in the text", "a\ud800b"),
    _seven_odd("seven-odd-text", "emoji, right to left, combining, astral, Unicode line ends", ODD_TEXT),
    Refusal(
        "seven-hundred",
        "ERR-04",
        "the seven attachments a hundred times",
        build=lambda granted, _: {"message": "x", "attachments": [dict(one) for one in granted[:7]] * 100},
        leans_on="ATT-02",
    ),
)

_LENIENT: Final[tuple[Refusal, ...]] = (
    Refusal(
        "seven-alike",
        "ATT-04",
        "one blob seven times",
        build=lambda granted, _: {"message": SEVEN_ALIKE_MARKER, "attachments": [dict(granted[0])] * 7},
        marker=SEVEN_ALIKE_MARKER,
    ),
    Refusal("empty-object", "ATT-06", "neither field", json={}),
    Refusal("empty-text", "ATT-06", "an empty text, no attachments", json={"message": ""}),
    Refusal("empty-both", "ATT-06", "an empty text and an empty list", json={"message": "", "attachments": []}),
    Refusal("nothing", "ERR-04", "no body at all", body=b"", leans_on="ATT-06"),
    Refusal("null", "ERR-04", "a null in place of the object", body=b"null", leans_on="ATT-06"),
    Refusal(
        "without-blob-path",
        "ATT-07",
        "an attachment without its path",
        build=lambda granted, _: {"message": _text("no path"), "attachments": [_without(granted[0], "blob_path")]},
    ),
    Refusal(
        "without-mime",
        "ATT-07",
        "an attachment without its type",
        build=lambda granted, _: {"message": _text("no type"), "attachments": [_without(granted[0], "mime")]},
    ),
    Refusal(
        "never-granted",
        "ATT-08",
        "a path that no grant named",
        build=lambda granted, _: {"message": _text("not granted"), "attachments": [never_granted(granted)]},
    ),
    Refusal(
        "never-granted-second",
        "ATT-08",
        "a good attachment, then a path that no grant named",
        build=lambda granted, _: {
            "message": _text("second not granted"),
            "attachments": [dict(granted[0]), never_granted(granted)],
        },
    ),
    Refusal(
        "foreign-path",
        "ATT-08",
        "a path that was granted to another session",
        build=lambda _, foreign: {"message": _text("foreign"), "attachments": [dict(foreign)]},
    ),
    Refusal(
        "path-nul",
        "ERR-04",
        "a NUL in the path of an attachment, so a path that was never granted",
        json={"message": "x", "attachments": [{"blob_path": "chat/a\0b.png", "mime": "image/png"}]},
        leans_on="ATT-08",
    ),
    Refusal(
        "path-lone-surrogate",
        "ERR-04",
        "half a surrogate pair in the path of an attachment, so a path that was never granted",
        json={"message": "x", "attachments": [{"blob_path": "chat/a\ud800b.png", "mime": "image/png"}]},
        leans_on="ATT-08",
    ),
)


def _without(attachment: Attachment, key: str) -> dict[str, Any]:
    return {k: v for k, v in attachment.items() if k != key}


REFUSALS: Final[tuple[Refusal, ...]] = (
    *_WRONG_BODIES,
    *_WRONG_FIELDS,
    *_WRONG_ATTACHMENTS,
    *_TIERS,
    *_SEVEN,
    *_ODD,
    *_LENIENT,
)
"""Bodies for append-message, in the order in which they should be sent, on a session that has had no turn."""


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

    def content(self, lawful: Mapping[str, Any], client_id: Any = None) -> bytes:
        """The bytes to send; ``lawful`` is the body with which this target creates its sessions.

        ``client_id`` is ``data.client_id`` of a created session; 1 is sent where that is null.
        """
        if self.raw is not None:
            return self.raw
        body = {**self.fields, **(lawful if self.lawful else {})}
        if self.client_id:
            body["client_id"] = 1 if client_id is None else client_id
        return as_json(body)


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
    Creation("title-nul", "ERR-04", "no-5xx", "a NUL in the title", {"title": "a\0b"}, True),
    Creation("title-lone-surrogate", "ERR-04", "no-5xx", "half a surrogate pair", {"title": "a\ud800b"}, True),
    Creation("title-long", "ERR-04", "no-5xx", "a title of 100,000 characters", {"title": "t" * 100_000}, True),
    Creation("title-number", "ERR-04", "no-5xx", "a number as title", {"title": 42}, True),
    Creation("nested", "ERR-04", "no-5xx", "20,000 lists", raw=b'{"extra": ' + b"[" * _MANY + b"]" * _MANY + b"}"),
)
"""Bodies for create-session. None of them starts a turn."""


@dataclass(frozen=True)
class Upload:
    """A body for request-upload-url. Rule UPL-01 means that a grant is due."""

    name: str
    rule: str
    note: str
    json: Any = MISSING
    raw: bytes | None = None

    @property
    def content(self) -> bytes:
        return self.raw if self.raw is not None else as_json(self.json)


def _image(name: str, mime: str) -> Upload:
    extension = mime.partition("/")[2]
    return Upload(name, "UPL-01", mime, {"content_type": mime, "filename": f"conformance.{extension}"})


GRANTS: Final[tuple[Upload, ...]] = (
    _image("png", "image/png"),
    _image("jpeg", "image/jpeg"),
    _image("gif", "image/gif"),
    _image("webp", "image/webp"),
    # Word for word as the first: a server that derives the path from the name gives one blob to both (UPL-04).
    _image("png-again", "image/png"),
    Upload("without-filename", "UPL-01", "no file name", {"content_type": "image/png"}),
    Upload("null-filename", "UPL-01", "null as file name", {"content_type": "image/png", "filename": None}),
)
"""``uploads/grant-NAME``: each of them gets a grant (and ``uploads/put-NAME`` uploads to it)."""


def _type(name: str, content_type: str, note: str = "a type that is on no page") -> Upload:
    return Upload(name, "UPL-03", note, {"content_type": content_type, "filename": "conformance"})


def _filename(name: str, note: str, filename: str) -> Upload:
    return Upload(name, "ERR-04", note, {"content_type": "image/png", "filename": filename})


UPLOAD_REFUSALS: Final[tuple[Upload, ...]] = (
    Upload("no-type", "UPL-02", "an empty object", {}),
    Upload("no-type-but-name", "UPL-02", "a file name only", {"filename": "conformance.png"}),
    _type("zip", "application/zip"),
    _type("mp4", "video/mp4"),
    _type("svg", "image/svg+xml", "a kind of image that is on no page"),
    _type("html", "text/html"),
    _type("no-such-type", "not a type", "no media type at all"),
    _type("empty-type", "", "an empty string"),
    Upload("type-number", "ERR-03", "content_type is a number", {"content_type": 42}),
    Upload("type-list", "ERR-03", "content_type is a list", {"content_type": ["image/png"]}),
    Upload("type-object", "ERR-03", "content_type is an object", {"content_type": {}}),
    Upload("filename-number", "ERR-03", "filename is a number", {"content_type": "image/png", "filename": 42}),
    Upload("filename-object", "ERR-03", "filename is an object", {"content_type": "image/png", "filename": {}}),
    Upload("body-list", "ERR-03", "a list in place of the object", []),
    Upload("body-string", "ERR-03", "a string in place of the object", "image/png"),
    Upload("truncated", "ERR-03", "the closing brace is missing", raw=b'{"content_type": "image/png"'),
    Upload("nothing", "ERR-04", "no body at all", raw=b""),
    Upload("null", "ERR-04", "a null in place of the object", raw=b"null"),
    Upload("type-null", "ERR-04", "null as content_type, which is open", {"content_type": None}),
    Upload("type-nul", "ERR-04", "a NUL in the type", {"content_type": "image/png\0"}),
    Upload("type-lone-surrogate", "ERR-04", "half a surrogate pair as type", {"content_type": "\ud800"}),
    Upload("type-line-end", "ERR-04", "a line end in the type", {"content_type": "image/png\r\nx: y"}),
    Upload("type-long", "ERR-04", "a type of 100,000 characters", {"content_type": "image/" + "p" * 100_000}),
    Upload("type-overflow", "ERR-04", "a number beyond a double", raw=b'{"content_type": 1e999}'),
    _filename("filename-nul", "a NUL in the file name", "a\0b.png"),
    _filename("filename-lone-surrogate", "half a surrogate pair in the file name", "a\ud800b.png"),
    _filename("filename-folders", "a path in place of a file name", "../../x.png"),
    _filename("filename-long", "a file name of 10,000 characters", "n" * 10_000 + ".png"),
    _filename("filename-odd", "emoji, right to left, Unicode line ends", f"{ODD_TEXT}.png"),
    _filename("filename-empty", "an empty file name", ""),
    _filename("filename-line-end", "a line end in the file name", "a\r\nb.png"),
    _filename("filename-percent", "a file name that looks percent-encoded", "a%00%2fb%zz.png"),
)
"""``uploads/refuse-NAME``; those of rule ERR-04 may get a grant."""


@dataclass(frozen=True)
class Cursor:
    """A text that is no cursor, for ``?since=`` and, where ``in_header``, for ``Last-Event-Id``."""

    name: str
    text: str
    in_header: bool = True


MALFORMED_CURSORS: Final[tuple[Cursor, ...]] = (
    Cursor("word", "abc"),
    Cursor("empty", ""),
    Cursor("negative", "-1"),
    Cursor("no-sequence", "1-"),
    Cursor("three-parts", "0-0-0"),
    Cursor("far-future", "99999999999999-0"),
    Cursor("beyond-64-bit", "99999999999999999999999-0"),
    Cursor("sequence-beyond-64-bit", "1-99999999999999999999999"),
    Cursor("no-number", "1-x"),
    Cursor("fraction", "1.5-0"),
    Cursor("space-within", "1 0"),
    Cursor("spaces", "   ", in_header=False),  # a header's outer blanks are not part of its value
    Cursor("dollar", "$"),
    Cursor("plus", "+"),
    Cursor("minus", "-"),
    Cursor("greater", ">"),
    Cursor("star", "*"),
    Cursor("bracket", "(1-0"),
    Cursor("null-word", "null"),
    Cursor("percent-nul", "%00"),
    Cursor("nul", "1-0\0", in_header=False),
    Cursor("line-end", "1-0\r\n", in_header=False),
    Cursor("emoji", "\U0001f600", in_header=False),
    Cursor("other-digits", "\u0661-\u0660", in_header=False),
    Cursor("superscript", "\u00b2-0", in_header=False),  # str.isdigit() holds, int() raises
    Cursor("sql", "1' OR '1'='1"),
    Cursor("long", "9" * 2_000),
)
"""``cursors/malformed-NAME-query`` and ``-header``."""


ODD_SESSION_IDS: Final[Mapping[str, str]] = {
    "word": "no-such-session",
    "zero": "0",
    "negative": "-1",
    "beyond-64-bit": "99999999999999999999999999",
    "zero-uuid": "00000000-0000-0000-0000-000000000000",
    "nul": "%00",
    "not-utf-8": "%ff%fe",
    "emoji": "%F0%9F%98%80",
    "sql": "1%27%20OR%20%271%27%3D%271",
    "long": "9" * 1_000,
}
"""Segments for the path as they stand in the URL (already percent-encoded): ids of no session, for "no 5xx" only.

Their exchanges carry the fact ``odd_path``: a proxy may answer such a path by itself, in its own form.
"""


ODD_REPLAY_QUERIES: Final[Mapping[str, str]] = {
    "page-size-zero": "page_size=0",
    "page-size-negative": "page_size=-1",
    "page-size-huge": "page_size=99999999999999999999999999",
    "page-size-word": "page_size=abc",
    "cursor-word": "cursor=abc",
    "cursor-base64": "cursor=eyJpZCI6IG51bGx9",
    "cursor-nul": "cursor=%00",
    "cursor-not-utf-8": "cursor=%ff",
}
"""Query strings for GET messages, for "no 5xx" only: that endpoint's parameters are open."""
