"""A recording as a file: versioned JSON (spec/recording.schema.json), saved and loaded without loss, whole or not at all."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.outcomes import BadInput
from conformance.recording import FORMAT, Break, Exchange, Piece, Received, Recording, Sent
from conformance.spec_files import read_spec_json

MAX_FILE_BYTES = 256 * 1024 * 1024
"""A larger file is not read: no run within its bounds writes one."""


def save(recording: Recording, path: Path) -> None:
    """Write the recording to ``path``.

    :raises OSError: when it cannot be written; then ``path`` is as it was.
    """
    write_parts(path, _parts(recording))


def load(path: Path) -> Recording:
    """Read a recording.

    :raises BadInput: when the file cannot be read, is no recording, or is of another format version.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInput(f"{path.name}: larger than any recording")
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path.name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise BadInput(f"{path.name}: not a recording (no JSON)") from None
    version = value.get("format") if isinstance(value, dict) else None
    if version != FORMAT:
        raise BadInput(f"{path.name}: recording format {version!r}; this suite reads {FORMAT}")
    problem = next(jsonschema_rs.validator_for(read_spec_json("recording.schema.json")).iter_errors(value), None)
    if problem is not None:
        where = "/".join(str(step) for step in problem.instance_path)
        raise BadInput(f"{path.name}: not a recording: /{where}: {problem.message[:200]}")
    return from_json(value)


def to_json(recording: Recording) -> dict[str, Any]:
    """The recording as JSON values, as spec/recording.schema.json describes them."""
    return {
        "format": FORMAT,
        "target": recording.target,
        "suite": recording.suite,
        "spec": recording.spec,
        "started": recording.started,
        "epoch": recording.epoch,
        "seconds": recording.seconds,
        "turn_timeout": recording.turn_timeout,
        "credentials": list(recording.credentials),
        "exchanges": [_exchange_to_json(exchange) for exchange in recording.exchanges],
        "breaks": [{"journey": b.journey, "step": b.step, "reason": b.reason} for b in recording.breaks],
    }


def from_json(value: dict[str, Any]) -> Recording:
    """The opposite of ``to_json``; ``value`` has been validated."""
    return Recording(
        target=value["target"],
        suite=value["suite"],
        spec=value["spec"],
        started=value["started"],
        epoch=value["epoch"],
        seconds=value["seconds"],
        turn_timeout=value["turn_timeout"],
        credentials=tuple(value["credentials"]),
        exchanges=tuple(_exchange_from_json(exchange) for exchange in value["exchanges"]),
        breaks=tuple(Break(b["journey"], b["step"], b["reason"]) for b in value["breaks"]),
    )


def _parts(recording: Recording) -> Iterator[str]:
    """The text of ``to_json``, an exchange at a time: all of it at once would need several times its size of memory."""
    head = json.dumps(to_json(replace(recording, exchanges=())), ensure_ascii=True, separators=(",", ":"))
    before, mark, after = head.partition('"exchanges":[')
    yield before + mark
    for number, exchange in enumerate(recording.exchanges):
        text = json.dumps(_exchange_to_json(exchange), ensure_ascii=True, separators=(",", ":"))
        yield f",{text}" if number else text
    yield after


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all; half a surrogate pair as its escape.

    :raises OSError: when the folder cannot be written; then ``path`` is as it was.
    """
    write_parts(path, (text,))


def write_parts(path: Path, parts: Iterable[str]) -> None:
    """The same for a text that comes in parts: into a neighbour first, which then takes the name.

    :raises OSError: when the folder cannot be written; the neighbour is gone then, and ``path`` is as it was.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    received = exchange.received
    return {
        "journey": exchange.journey,
        "step": exchange.step,
        "operation": exchange.operation,
        "credential": exchange.credential,
        "facts": dict(exchange.facts),
        "sent_at": exchange.sent_at,
        "answered_at": exchange.answered_at,
        "ended_at": exchange.ended_at,
        "ending": exchange.ending,
        "problem": exchange.problem,
        "sent": {
            "method": exchange.sent.method,
            "url": exchange.sent.url,
            "headers": [list(pair) for pair in exchange.sent.headers],
            "body": _bytes_to_json(exchange.sent.body),
        },
        "received": None
        if received is None
        else {
            "status": received.status,
            "http_version": received.http_version,
            "headers": [list(pair) for pair in received.headers],
            "pieces": [{"at": piece.at, "data": _bytes_to_json(piece.data)} for piece in received.pieces],
        },
    }


def _exchange_from_json(value: dict[str, Any]) -> Exchange:
    sent, received = value["sent"], value["received"]
    exchange = Exchange(
        journey=value["journey"],
        step=value["step"],
        operation=value["operation"],
        credential=value["credential"],
        facts=value["facts"],
        sent_at=value["sent_at"],
        answered_at=value["answered_at"],
        ended_at=value["ended_at"],
        ending=value["ending"],
        problem=value["problem"],
        sent=Sent(sent["method"], sent["url"], _headers(sent["headers"]), _bytes_from_json(sent["body"])),
        received=None,
    )
    if received is None:
        return exchange
    pieces = tuple(Piece(piece["at"], _bytes_from_json(piece["data"])) for piece in received["pieces"])
    return replace(
        exchange,
        received=Received(received["status"], _headers(received["headers"]), pieces, received["http_version"]),
    )


def _headers(pairs: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((pair[0], pair[1]) for pair in pairs)


def _bytes_to_json(data: bytes) -> dict[str, str]:
    """Bytes as ``{"text": …}`` where they are UTF-8, so that a person can read them; else ``{"base64": …}``."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}


_READERS: dict[str, Callable[[str], bytes]] = {
    "text": lambda text: text.encode("utf-8"),
    "base64": lambda text: base64.b64decode(text),
}


def _bytes_from_json(value: dict[str, str]) -> bytes:
    form, text = next(iter(value.items()))
    return _READERS[form](text)
