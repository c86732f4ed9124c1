"""The table at the end of a run: the verdict, what failed and why, what was not judged, what it cost."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from conformance.findings import escape_controls
from conformance.report.document import RunFigures
from conformance.requirements import Level
from conformance.verdict import RequirementResult, Verdict, counts, counts_as_failure

_SENTENCES: dict[Verdict, str] = {
    "conformant": "no requirement that counts is broken, and every MUST that could be judged was judged",
    "nonconformant": "a requirement that counts is broken",
    "incomplete": "nothing is broken, but a MUST was not tested",
}


def lines(
    word: Verdict,
    level: Level,
    figures: RunFigures,
    results: Sequence[RequirementResult],
    report: Path | None,
    width: int = 120,
    *,
    interrupted: str | None = None,
) -> list[str]:
    """Plain text lines; everything that came from the target has its control characters escaped."""
    unobservable = [r.id for r in results if r.outcome == "unobservable" and r.requirement.level == "MUST"]
    beside = f"; not to be observed here: {', '.join(unobservable)}" if unobservable else ""
    out = [f"INTERRUPTED {interrupted}: the rest is judged on what there was"] if interrupted else []
    out += [
        f"verdict: {word.upper()}: {_SENTENCES[word]}{beside}",
        f"target:  {escape_controls(figures.target)}{' (the embedded mock)' if figures.embedded else ''}",
        "",
    ]
    out.append(f"{'':8}{'passed':>9}{'failed':>9}{'waived':>9}{'untested':>10}{'unobservable':>14}")
    for name, table in counts(results).items():
        out.append(
            f"{name:8}{table['passed']:>9}{table['failed']:>9}{table['waived']:>9}{table['untested']:>10}"
            f"{table['unobservable']:>14}"
        )
    for title, outcome in (
        ("broken", "failed"),
        ("waived", "waived"),
        ("untested", "untested"),
        ("unobservable", "unobservable"),
    ):
        chosen = [r for r in results if r.outcome == outcome]
        if chosen:
            out += ["", f"{title}:"]
        for text in _with_reasons(chosen, level):
            out += textwrap.wrap(
                escape_controls(text), width - 2, initial_indent="  ", subsequent_indent="      ", max_lines=6
            )
    spent = ", ".join(
        f"{who} {figures.turns.get(who, 0)} turns and {figures.requests.get(who, 0)} requests"
        for who in sorted({*figures.turns, *figures.requests}, reverse=True)
    )
    out += ["", f"spent:   {spent}; {figures.seconds:.1f} s"]
    out.append(f"report:  {report}" if report else "report:  not written")
    return out


def _with_reasons(results: Sequence[RequirementResult], level: Level) -> list[str]:
    """A line for each requirement with its reason; those that share one reason, in a line together."""
    by_reason: dict[str, list[RequirementResult]] = {}
    for result in results:
        by_reason.setdefault(result.reason, []).append(result)
    return [_line(reason, group, level) for reason, group in by_reason.items()]


def _line(reason: str, group: Sequence[RequirementResult], level: Level) -> str:
    first = group[0].requirement
    if len(group) > 1:
        return f"{', '.join(f'{r.id} {r.requirement.level}' for r in group)}: {reason}"
    warning = group[0].outcome == "failed" and not counts_as_failure(first.level, level)
    return f"{first.id} {first.level}{' (a warning at --level must)' if warning else ''} {first.title}: {reason}"
