"""Bodies for append-message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.journeys.probes.texts import BEYOND_ASCII, MANY, MISSING, ODD_TEXT, as_json, as_utf_8

Attachment = Mapping[str, Any]
"""As it is sent: ``blob_path``, ``mime``, ``alt``, ``filename``."""

Build = Callable[[Sequence[Attachment], Attachment], Any]
"""From the session's seven uploaded attachments, and one of another session, to a JSON body."""

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
        "alt-number",
        "ERR-03",
        "the alt text of an attachment is a number",
        build=lambda granted, _: {"message": _text("alt"), "attachments": [{**granted[0], "alt": 42}]},
    ),
    Refusal(
        "filename-number",
        "ERR-03",
        "the file name of an attachment is a number",
        build=lambda granted, _: {"message": _text("filename"), "attachments": [{**granted[0], "filename": 42}]},
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
        ("blank-behind", "FAST ", "FAST with a blank behind it"),
        # Every object of JavaScript has these names: a lookup that does not ask whose they are finds them.
        ("inherited", "constructor", "a name that objects inherit"),
        ("inherited-method", "toString", "a name that objects inherit"),
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
        build=lambda granted, _: {
            "message": "",
            "model_tier": "SMART",
            "attachments": [dict(one) for one in granted[:7]],
        },
    ),
    Refusal(
        "tier-with-attachment",
        "TIER-02",
        "a word that is no tier, beside an attachment",
        build=lambda granted, _: {"message": _text("tier"), "model_tier": "TURBO", "attachments": [dict(granted[0])]},
    ),
)


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
    Refusal(
        "text-utf-8",
        "ERR-04",
        "characters beyond ASCII that are not escaped",
        body=as_utf_8({"message": f"{BEYOND_ASCII}, {ODD_TEXT}", "model_tier": "TURBO"}),
        leans_on="TIER-02",
    ),
    _odd("text-nul", "a NUL in the text", message="a\0b"),
    _odd("text-lone-surrogate", "half a surrogate pair in the text", message="a\ud800b"),
    _odd("text-megabyte", "a text of a megabyte", message="a" * 1_000_000),
    _odd("id-long", "a client_message_id of 20,000 characters", client_message_id="i" * MANY),
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
    _odd_tier("tier-nested", "20,000 lists in one another as tier", b"[" * MANY + b"]" * MANY),
    _odd_raw("nested-1000", "1,000 lists in one another", b'"extra": ' + b"[" * 1_000 + b"]" * 1_000),
    _odd_raw("nested-20000", "20,000 lists in one another", b'"extra": ' + b"[" * MANY + b"]" * MANY),
    _odd_raw("nested-objects", "5,000 objects in one another", b'"extra": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    _odd_raw("nested-unclosed", "20,000 lists that nobody closes", b'"extra": ' + b"[" * MANY),
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
