"""A difference as text for a terminal, as GitHub's Markdown, and as JSON. Nothing in either report becomes markup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.findings import escape_controls
from conformance.report.difference import KINDS, Change, Difference, Kind, OutcomeChange
from conformance.report.markdown import code, demand, table

MAX_VALUE = 160
"""Characters of a value or a reason that is shown; the reports have all of it."""

_TITLES: Mapping[Kind, str] = {
    "broken": "Broken now",
    "lost": "No longer judged",
    "mended": "Mended",
    "gained": "Judged now, and kept",
    "other": "Changed otherwise",
}
_ABSENT = "(not there)"


def as_text(found: Difference) -> str:
    """Plain lines without a control character."""
    lines = [f"verdict: {found.verdict.old} -> {found.verdict.new}", *_notes(found)]
    for kind, changes in _by_kind(found):
        lines += ["", f"{_TITLES[kind].lower()}: {len(changes)}"]
        for one in changes:
            reason = f": {_shown(one.reason)}" if one.reason else ""
            lines.append(f"  {one.id} {one.level} {_word(one.old)} -> {_word(one.new)}{reason}")
    for title, figures in _figures(found):
        lines += ["", f"{title.lower()}:"]
        lines += [f"  - {_shown(one.about)}: {_shown(one.old)} -> {_shown(one.new)}" for one in figures]
    lines += ["", _conclusion(found)]
    return "\n".join(lines) + "\n"


def as_markdown(found: Difference) -> str:
    """A document for a job's page or an issue."""
    lines = [f"# Conformance: {found.verdict.old} → {found.verdict.new}", "", _conclusion(found), ""]
    lines += [f"- {code(note, 400)}" for note in _notes(found)]
    lines += [""] if lines[-1] else []
    for kind, changes in _by_kind(found):
        rows = [
            (*demand(one.id), one.level, f"{_word(one.old)} → {_word(one.new)}", code(one.reason, MAX_VALUE))
            for one in changes
        ]
        head = ("requirement", "demand", "level", "outcome", "why")
        lines += [f"## {_TITLES[kind]}: {len(changes)}", "", *table(head, rows)]
    for title, figures in _figures(found):
        cells = [(code(one.about), code(_shown(one.old)), code(_shown(one.new))) for one in figures]
        lines += [f"## {title}", "", *table(("", "old", "new"), cells)]
    return "\n".join(lines).rstrip("\n") + "\n"


def as_json(found: Difference) -> str:
    """ASCII only, so that no character of a report can drive a terminal."""
    return json.dumps(found.to_json(), indent=1, ensure_ascii=True) + "\n"


def _conclusion(found: Difference) -> str:
    broken = sum(one.kind == "broken" for one in found.outcomes)
    if broken:
        return f"Worse: {broken} {'requirement fails' if broken == 1 else 'requirements fail'} that did not."
    return "Not worse: nothing fails that did not before."


def _notes(found: Difference) -> list[str]:
    notes = [f"another {one.about}: {_shown(one.old)} -> {_shown(one.new)}" for one in found.head]
    return notes + [f"the {name} run was interrupted: what it did not play is untested" for name in found.interrupted]


def _by_kind(found: Difference) -> list[tuple[Kind, list[OutcomeChange]]]:
    groups = [(kind, [one for one in found.outcomes if one.kind == kind]) for kind in KINDS]
    return [(kind, changes) for kind, changes in groups if changes]


def _figures(found: Difference) -> list[tuple[str, Sequence[Change]]]:
    sections = (
        ("Open points answered otherwise", found.observations),
        ("Latency", found.latency),
        ("Cost", found.cost),
    )
    return [(title, changes) for title, changes in sections if changes]


def _word(outcome: str | None) -> str:
    return outcome or _ABSENT


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = escape_controls(" ".join(text.split()))
    return line if len(line) <= MAX_VALUE else f"{line[: MAX_VALUE - 1]}…"
