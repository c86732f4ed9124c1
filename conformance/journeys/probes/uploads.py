"""Bodies for request-upload-url."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from conformance.journeys.probes.texts import BEYOND_ASCII, MANY, MISSING, ODD_TEXT, as_json, as_utf_8


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
    _type("json", "application/json"),
    _type("bmp", "image/bmp", "a kind of image that is on no page"),
    _type("tiff", "image/tiff", "a kind of image that is on no page"),
    _type("svg", "image/svg+xml", "a kind of image that is on no page"),
    _type("html", "text/html"),
    _type("no-such-type", "not a type", "no media type at all"),
    _type("empty-type", "", "an empty string"),
    # Every object of JavaScript has these names: a lookup that does not ask whose they are finds them.
    _type("inherited", "constructor", "a name that objects inherit"),
    _type("inherited-method", "toString", "a name that objects inherit"),
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
    Upload("nested", "ERR-04", "20,000 lists", raw=b'{"extra": ' + b"[" * MANY + b"]" * MANY + b"}"),
    Upload("extra-digits", "ERR-04", "an integer of 5,000 digits", raw=b'{"extra": ' + b"9" * 5_000 + b"}"),
    Upload(
        "filename-utf-8",
        "ERR-04",
        "characters beyond ASCII that are not escaped",
        raw=as_utf_8({"content_type": "image/png", "filename": f"{BEYOND_ASCII}.png"}),
    ),
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
