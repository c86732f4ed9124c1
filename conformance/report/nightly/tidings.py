"""What there is to tell of a night: pure functions of its report and the one before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.report.difference import Difference, difference
from conformance.report.difference_forms import as_markdown
from conformance.report.markdown import summary

Report = Mapping[str, Any]

MAX_BODY: Final = 60_000
"""Characters; GitHub takes 65,536 of an issue or a comment."""
NO_REPORT: Final = "Conformance: no report"
_MARK: Final = re.compile(r"<!-- neo-conformance ([0-9a-f]{64}) -->")


@dataclass(frozen=True)
class Tidings:
    """``title`` and ``body`` of the issue, as it stands now; ``comment``: what this night adds to it."""

    title: str
    body: str
    comment: str


def tidings(old: Report | None, new: Report | None, run_url: str) -> Tidings | None:
    """What is to be told; None where nothing changed.

    ``old``: the last report there is, None on the first night. ``new``: tonight's; None where the run left none, which is
    always told. The target, the suite and the specification may be others than before: that alone is no change of the
    target's. A first night is told of only where its target is not conformant.
    """
    link = f"[The run of this night]({run_url})"
    if new is None:
        said = "The run left no report: the target was not reached, or the run itself went wrong."
        return Tidings(NO_REPORT, _marked(said, link), f"{said}\n\n{link}\n")
    if old is None:
        if new["verdict"] == "conformant":
            return None
        return Tidings(_title(new), _marked(summary(new), link), f"{_cut(summary(new))}\n\n{link}\n")
    found = difference(old, new)
    if not is_change(found):
        return None
    changes = as_markdown(_without_figures(found))
    return Tidings(_title(new), _marked(f"{changes}\n{summary(new)}", link), f"{_cut(changes)}\n\n{link}\n")


def reports_again(new: Report, run_url: str) -> Tidings:
    """What is to be told where an issue still says that there was no report, and nothing has changed since the last one."""
    link = f"[The run of this night]({run_url})"
    said = "There is a report again, and it says what the last one said."
    return Tidings(_title(new), _marked(f"{said}\n\n{summary(new)}", link), f"{said}\n\n{link}\n")


def is_change(found: Difference) -> bool:
    """Whether the target answers otherwise: not how long it took, nor what it cost."""
    return bool(found.verdict.old != found.verdict.new or found.outcomes or found.observations)


def is_told(body: str, news: Tidings) -> bool:
    """Whether an issue with this body says the same already, of an earlier run."""
    before, now = _MARK.search(body), _MARK.search(news.body)
    return before is not None and now is not None and before[1] == now[1]


def _title(new: Report) -> str:
    failed = sum(one["outcome"] == "failed" for one in new["requirements"])
    return f"Conformance: {new['verdict']}, {failed} broken"


def _without_figures(found: Difference) -> Difference:
    """Latency and cost are never twice the same: with them no two nights would say the same."""
    return Difference(found.verdict, found.head, found.interrupted, found.outcomes, found.observations, (), ())


def _marked(text: str, link: str) -> str:
    """The body with a mark of what it says, by which a later night knows that it is told already."""
    content = _cut(text)
    # The summary names the time and the cost of the very run.
    same = "\n".join(line for line in content.splitlines() if not line.startswith(("| played |", "| cost |")))
    return f"{content}\n\n{link}\n\n<!-- neo-conformance {hashlib.sha256(same.encode('utf-8', 'replace')).hexdigest()} -->\n"


def _cut(text: str) -> str:
    """At the end of a line, so that no table or code span is left open."""
    if len(text) <= MAX_BODY:
        return text
    return f"{text[:MAX_BODY].rpartition(chr(10))[0]}\n\n(cut here: the run's report has all of it)"
