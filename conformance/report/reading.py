"""Reading a `conformance.json` that somebody gives: nothing in it is trusted, and only what is used is demanded of it.

Reports of earlier versions of the suite are read too: fields came and went within a format, so unknown ones are ignored, and
the form below is that of the fields that every version has had.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import jsonschema_rs

from conformance.outcomes import BadInput
from conformance.report.document import FORMAT

MAX_FILE_BYTES: Final = 32 * 1024 * 1024
"""A larger file is not read: evidence is cut where it is written, and no run comes near."""

MAX_DEPTH: Final = 100
"""Lists and objects within one another; a report has a dozen."""

_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": 10**12}
_FORM: Final = {
    "type": "object",
    "required": [
        *("verdict", "level", "target", "spec", "suite", "started"),
        *("seconds", "turns", "requests", "requirements", "observations"),
    ],
    "properties": {
        "verdict": {"enum": ["conformant", "nonconformant", "incomplete"]},
        "level": {"enum": ["MUST", "SHOULD"]},
        "target": {"type": "string"},
        "spec": {"type": "string"},
        "suite": {"type": "string"},
        "started": {"type": "string"},
        "interrupted": {"type": "boolean"},
        "seconds": {"type": "number", "minimum": 0, "maximum": 10**9},
        "turns": _COUNT,
        "requests": _COUNT,
        "spent": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["turns", "requests"],
                "properties": {"turns": _COUNT, "requests": _COUNT},
            },
        },
        "requirements": {
            "type": "array",
            "maxItems": 1000,
            "items": {
                "type": "object",
                "required": ["id", "level", "outcome", "reason"],
                "properties": {
                    "id": {"type": "string", "pattern": "^[A-Z]{1,8}-[0-9]{2}$"},
                    "level": {"enum": ["MUST", "SHOULD"]},
                    "outcome": {"enum": ["passed", "failed", "waived", "untested", "unobservable"]},
                    "reason": {"type": "string"},
                },
            },
        },
        "observations": {
            "type": "array",
            "maxItems": 1000,
            "items": {"type": "object", "required": ["about", "value"], "properties": {"about": {"type": "string"}}},
        },
    },
}


def read_report(path: Path) -> Mapping[str, Any]:
    """The report in that file, of the form that the readers of this package use.

    :raises BadInput: it cannot be read, is too large, is damaged, is no report of this suite, or of another format version.
    """
    name = path.name
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadInput(f"{name!r} is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{name!r}: {error.strerror}") from None
    except ValueError:
        raise BadInput(f"{name!r} is no name of a file") from None
    if len(content) > MAX_FILE_BYTES:
        raise BadInput(f"{name!r} is larger than any report ({MAX_FILE_BYTES // 1024**2} MiB)")
    return parsed_report(content, name)


def parsed_report(content: bytes, name: str) -> Mapping[str, Any]:
    """The same of what was read already: at most ``MAX_FILE_BYTES`` of it.

    :raises BadInput: as `read_report`, but for the file.
    """
    try:
        value = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadInput(f"{name!r} is not JSON, so no report") from None
    if _is_deeper(value, MAX_DEPTH):
        raise BadInput(f"{name!r} is nested more deeply than any report")
    return checked(value, name)


def checked(value: Any, name: str) -> Mapping[str, Any]:
    """``value``, if it is a report.

    :raises BadInput: it is none, with the first difference.
    """
    if not isinstance(value, dict) or "format" not in value or "requirements" not in value:
        raise BadInput(f"{name!r} is not a report of this suite")
    version = value["format"]
    if type(version) is not int or not 1 <= version <= FORMAT:
        raise BadInput(f"{name!r} has the report format {_short(version)}; this suite reads {FORMAT}")
    try:
        problem = next(jsonschema_rs.validator_for(_FORM).iter_errors(value), None)
    except ValueError:  # half a surrogate pair in a key
        raise BadInput(f"{name!r} is a damaged report: a name in it is not text") from None
    if problem is not None:
        place = "/".join(str(step) for step in problem.instance_path)
        raise BadInput(f"{name!r} is a damaged report at {_short(place)}: {_short(problem.message)}")
    for list_name, key in (("requirements", "id"), ("observations", "about")):
        keys = [one[key] for one in value[list_name]]
        twice = next((one for one in keys if keys.count(one) > 1), None)
        if twice is not None:
            raise BadInput(f"{name!r} is a damaged report: {list_name} has {_short(twice)} twice")
    return value


def _is_deeper(value: Any, limit: int) -> bool:
    """Looked at layer by layer: the layers may be more than a recursion takes."""
    layer = [value]
    for _ in range(limit):
        inner = [
            list(node.values()) if isinstance(node, dict) else node for node in layer if isinstance(node, dict | list)
        ]
        layer = [item for items in inner for item in items if isinstance(item, dict | list)]
        if not layer:
            return False
    return True


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:119]}…"
