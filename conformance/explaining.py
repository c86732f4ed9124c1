"""How an explanation is shown: as text for a terminal, and as Markdown. Pure functions of what `spec/` and the mock say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.explained import Explanation
from conformance.requirements import Requirement

_INDENT = "  "
_HEAD = """\
# The requirements

Made of `requirements.yaml` and `explanations.yaml` by `neo-conformance explain --markdown`; a test keeps it in step. One of them
in a terminal: `neo-conformance explain CUR-01`.

**MUST**: a page states it. **SHOULD**: it follows from a page or its sample. What no page says is not demanded at all.

In the examples `>` is sent, `<` is received, `#` is a remark, and `# at N s` a time on one common clock. A request carries the
caller's good key, and headers that do not matter are left out. The *faults* are those of the reference server that break the
requirement, each of which the suite has to catch: `neo-conformance mock --fault NAME` runs a server with one of them. Those
marked *under load* show only while many sessions are at work at once: `neo-conformance soak --fault NAME` finds them.
"""


@dataclass(frozen=True)
class Fault:
    """One fault of the reference server: its name, and what it does, as a sentence.

    ``under_load``: it shows only while many sessions are at work at once.
    """

    name: str
    does: str
    under_load: bool = False


def listed(requirements: Iterable[Requirement]) -> str:
    """All of them, a line each: id, level, title."""
    return "\n".join(f"{one.id:8} {one.level:6} {one.title}" for one in requirements)


def as_text(told: Explanation, faults: Sequence[Fault], width: int = 100) -> str:
    """One explanation for a terminal of so many columns; the examples are never wrapped."""
    one = told.requirement

    def paragraph(title: str, text: str) -> list[str]:
        return ["", title, *_wrapped(text, width, _INDENT)]

    def as_it_is(title: str, wire: str) -> list[str]:
        return ["", title, *(f"{_INDENT}{line}" for line in wire.splitlines())]

    proofs = [line for fault in faults for line in _wrapped(_told(fault), width, _INDENT * 3)]
    return "\n".join(
        [
            f"{one.id} ({one.level}) {one.title}",
            *paragraph("Rule", one.rule),
            *paragraph("Why", told.why),
            *as_it_is("Page", one.page),
            *paragraph("How it is judged", one.judged),
            *paragraph("Not demanded", told.not_demanded),
            *as_it_is("Good", told.good),
            *as_it_is("Bad", told.bad),
            *(["", "Proved by the faults", *proofs] if proofs else ["", "No fault of the reference server breaks it."]),
        ]
    )


def as_markdown(told: Explanation, faults: Sequence[Fault]) -> str:
    """One explanation as a section of a Markdown document."""
    one = told.requirement
    names = ", ".join(f"`{fault.name}`{' (under load)' * fault.under_load}" for fault in faults) or "none yet"
    return "\n".join(
        [
            f"### {one.id}",
            "",
            f"**{one.level}: {one.title}.** {_flat(one.rule)}",
            "",
            f"- *Why*: {_flat(told.why)}",
            f"- *Page*: <{one.page}>",
            f"- *Judged*: {_flat(one.judged)}",
            f"- *Not demanded*: {_flat(told.not_demanded)}",
            f"- *Faults*: {names}",
            "",
            "Good:",
            "",
            "```text",
            told.good.rstrip("\n"),
            "```",
            "",
            "Bad:",
            "",
            "```text",
            told.bad.rstrip("\n"),
            "```",
            "",
        ]
    )


def document(told: Iterable[Explanation], faults: Mapping[str, Sequence[Fault]]) -> str:
    """All of them as one Markdown document: a table that leads to each, then each. ``faults``: by requirement id."""
    all_of_them = list(told)
    rows = [
        f"| [{one.id}](#{one.id.lower()}) | {one.requirement.level} | {one.requirement.title} |" for one in all_of_them
    ]
    table = ["| id | level | requirement |", "|---|---|---|", *rows, ""]
    return "\n".join([_HEAD, *table, *(as_markdown(one, faults.get(one.id, ())) for one in all_of_them)])


def _told(fault: Fault) -> str:
    return f"{fault.name}{' (only under load)' * fault.under_load}: {fault.does}"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _wrapped(text: str, width: int, further: str) -> list[str]:
    # The name of a fault is copied into a command: it is not cut at its hyphens.
    return textwrap.wrap(_flat(text), width, initial_indent=_INDENT, subsequent_indent=further, break_on_hyphens=False)
