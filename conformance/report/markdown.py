"""``summary.md``: the verdict in one sentence, and what failed, was not tested or not to be seen, as GitHub's Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conformance.findings import escape_controls
from conformance.requirements import catalogue

FILE_NAME = "summary.md"
MAX_CELL = 300
"""Characters of a reason that a table shows; `conformance.json` has all of it."""
MAX_BREAKS = 20

_OUTCOMES = ("passed", "failed", "waived", "untested", "unobservable")
_SECTIONS = (
    ("failed", "Broken", "what came"),
    ("waived", "Broken and waived", "why"),
    ("untested", "Not tested", "why"),
    ("unobservable", "Not to be observed on this server", "why"),
)


def summary(report: Mapping[str, Any]) -> str:
    """The report (as spec/report.schema.json has it) as a Markdown document of bounded size.

    Whatever a target may have had a hand in stands in code spans and is nothing but text there.
    """
    lines = [f"# Conformance: {report['verdict']}", "", sentence(report), ""]
    if report.get("interrupted"):
        lines += ["**The run was interrupted**: what was not played is untested.", ""]
    mock = " (the embedded reference server)" if report["embedded_mock"] else ""
    facts = [
        ("target", f"{code(report['target'])}{mock}"),
        ("judged by", f"suite {code(report['suite'])}, spec {code(report['spec'])}, level {report['level']}"),
        ("played", f"{code(report['started'])}, {report['seconds']:.1f} s"),
        ("cost", f"{report['turns']} turns, {report['requests']} requests"),
    ]
    lines += table(("", ""), facts)
    counts = report["counts"]
    rows = [(level, *(str(counts[level][outcome]) for outcome in _OUTCOMES)) for level in ("MUST", "SHOULD")]
    lines += table(("", *_OUTCOMES), rows)
    for outcome, title, reason in _SECTIONS:
        chosen = [one for one in report["requirements"] if one["outcome"] == outcome]
        if chosen:
            cells = [(*demand(one["id"]), one["level"], code(one["reason"])) for one in chosen]
            lines += [f"## {title}: {len(chosen)}", "", *table(("requirement", "demand", "level", reason), cells)]
    breaks = report["breaks"]
    if breaks:
        steps = [(code(one["journey"]), code(one["step"]), code(one["reason"])) for one in breaks[:MAX_BREAKS]]
        lines += [f"## Journeys that broke off: {len(breaks)}", "", *table(("journey", "step", "why"), steps)]
    return "\n".join(lines).rstrip("\n") + "\n"


def sentence(report: Mapping[str, Any]) -> str:
    """The verdict in one sentence with its numbers."""
    must, should = report["counts"]["MUST"], report["counts"]["SHOULD"]
    parts = [
        f"{must['passed']} of {sum(must.values())} MUST and {should['passed']} of {sum(should.values())} SHOULD kept"
    ]
    for outcome, words in (
        ("failed", "broken"),
        ("waived", "broken and waived"),
        ("untested", "not tested"),
        ("unobservable", "not to be observed"),
    ):
        numbers = [f"{table[outcome]} {name}" for name, table in (("MUST", must), ("SHOULD", should)) if table[outcome]]
        if numbers:
            parts.append(f"{' and '.join(numbers)} {words}")
    return f"**{report['verdict']}**: {'; '.join(parts)}."


def demand(one: str) -> tuple[str, str]:
    """A requirement's id, which leads to its page, and its title; of an id that is not in the catalogue the id alone."""
    known = catalogue().get(one)
    return (f"[{known.id}]({known.page})", known.title) if known else (code(one), "")


def code(text: str, limit: int = MAX_CELL) -> str:
    """``text`` on one line as a code span that no content can leave: no markup, no link, no mention, no end of a cell.

    Control characters and the bar that would end a table's cell are shown as escapes; a longer text is cut.
    """
    line = escape_controls(" ".join(text.split())).replace("|", "\\u007c")
    if not line:
        return ""
    if len(line) > limit:
        line = f"{line[: limit - 1]}…"
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, a blank one behind it. The cells are Markdown already."""
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
