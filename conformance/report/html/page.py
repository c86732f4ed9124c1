"""The page: what the template is given, and how what it prints is made harmless."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from conformance.findings import escape_controls
from conformance.recording import Recording
from conformance.recording_file import write_whole
from conformance.report.html.cards import cards, groups
from conformance.report.html.exchanges import shortened
from conformance.report.html.latency import latencies
from conformance.report.html.marks import Mark, marks
from conformance.report.html.overview import overview
from conformance.report.html.sentences import sentence
from conformance.report.html.soak import soak_view
from conformance.report.html.streams import SessionStream, session_streams
from conformance.report.html.timeline import Timeline, timeline

FILE_NAME = "report.html"
MOST_PICTURES = 40
"""Sessions that are drawn; those of a violation come first."""
MOST_OBSERVED = 2_000
"""Characters of one observation, of a reason, of a name."""
OUTCOMES = ("failed", "waived", "untested", "unobservable", "passed")


def write(report: Mapping[str, Any], recording: Recording | None, folder: Path) -> Path:
    """Write the page into the folder, whole or not at all.

    :raises OSError: when it cannot be written.
    """
    path = folder / FILE_NAME
    write_whole(path, render(report, recording))
    return path


def render(report: Mapping[str, Any], recording: Recording | None) -> str:
    """The page of a report (as ``conformance.json`` has it) and the recording that it was judged on (None: there is none,
    as where only the fuzzing ran)."""
    found = marks(report["requirements"])
    streams = session_streams(recording) if recording else ()
    pictures = _pictures(streams, found)
    style, script = _own_file("page.css"), _own_file("filter.js")
    context = {
        "report": report,
        "sentence": sentence(report),
        "groups": groups(cards(report, recording, streams, {m.number for p in pictures for m in p.marks if m.first})),
        "outcomes": OUTCOMES,
        "pictures": pictures,
        "undrawn_sessions": len(streams) - len(pictures),
        "overview": overview(recording, found) if recording else None,
        "latencies": latencies(recording) if recording else (),
        "observations": [(one["about"], _value(one["value"])) for one in report["observations"]],
        "marks": found,
        "soak": soak_view(report.get("soak")),
        "style": Markup(style),  # our own files
        "script": Markup(script),
        "policy": _policy(style, script),
    }
    return _environment().get_template("page.html.j2").render(context)


def _pictures(streams: Sequence[SessionStream], found: Sequence[Mark]) -> tuple[Timeline, ...]:
    drawn = [timeline(stream, found) for stream in streams]
    chosen = sorted(range(len(drawn)), key=lambda index: (not drawn[index].marks, index))[:MOST_PICTURES]
    return tuple(drawn[index] for index in chosen)


def _value(value: Any) -> str:
    if value is None:
        return "nothing was seen of it"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=None)
    return shortened(text, MOST_OBSERVED)


def _policy(style: str, script: str) -> str:
    """Nothing is loaded and nothing runs but what was written here."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def visible(value: object) -> object:
    """What the template prints of a value: control and format characters, and halves of surrogate pairs, as escapes.

    So a text cannot turn the direction of the line around, hide itself, or break the encoding of the file.
    """
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return escape_controls(value)


def _own_file(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["coded"] = lambda text: [(part, index % 2 == 1) for index, part in enumerate(text.split("`"))]
    environment.filters["px"] = lambda number: f"{round(number, 1):g}"
    environment.filters["seconds"] = lambda number: f"{number:.3f} s" if number < 10 else f"{number:.1f} s"
    environment.filters["short"] = shortened
    return environment
