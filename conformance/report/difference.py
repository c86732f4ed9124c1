"""What changed from one run to another: outcomes, answers to open points, latency, cost. Pure functions of two reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Kind = Literal["broken", "mended", "lost", "gained", "other"]
"""``broken``: it is failed and was not. ``mended``: it was failed and is passed. ``lost``: it was passed, and is judged no
longer. ``gained``: it is passed, and was not judged before. ``other``: any other change."""

KINDS: tuple[Kind, ...] = ("broken", "lost", "mended", "gained", "other")
HEAD = ("target", "suite", "spec", "level")
"""What two runs should have in common for their outcomes to be compared: the rest of the difference says where they do not."""

_TIMES = "seconds of "
"""Observations with such a name are lists of durations, which never come twice the same."""
_STATUS = re.compile(r"[1-5][0-9]{2}")
_PASSING_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{10,20}(-[0-9]{1,20})?")
_MAX_FIGURES = 100


@dataclass(frozen=True)
class OutcomeChange:
    """``old`` or ``new`` is None where that run does not have the requirement. ``reason``: the new run's."""

    id: str
    level: str
    kind: Kind
    old: str | None
    new: str | None
    reason: str


@dataclass(frozen=True)
class Change:
    """Of something with a name; None where a run does not have it."""

    about: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Difference:
    """``verdict`` is there whether it changed or not; ``head``, ``outcomes`` and ``observations`` have changes only.

    ``latency`` (seconds, or as named) and ``cost`` have every figure that a run gave, changed or not.
    """

    verdict: Change
    head: tuple[Change, ...]
    interrupted: tuple[str, ...]
    outcomes: tuple[OutcomeChange, ...]
    observations: tuple[Change, ...]
    latency: tuple[Change, ...]
    cost: tuple[Change, ...]

    @property
    def is_worse(self) -> bool:
        """Whether something fails that did not: the exit code of ``neo-conformance diff``."""
        return any(one.kind == "broken" for one in self.outcomes)

    def to_json(self) -> dict[str, Any]:
        """As JSON values; ``format`` is the version of this form, and ``worse`` the answer for a script."""
        return {"format": 1, "worse": self.is_worse, **asdict(self)}


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """From one report to another, both as `read_report` gives them."""
    return Difference(
        verdict=Change("verdict", old["verdict"], new["verdict"]),
        head=tuple(Change(name, old[name], new[name]) for name in HEAD if old[name] != new[name]),
        interrupted=tuple(name for name, run in (("old", old), ("new", new)) if run.get("interrupted")),
        outcomes=tuple(_outcomes(old, new)),
        observations=tuple(_observations(old, new)),
        latency=tuple(_paired(dict(_latency(old)), dict(_latency(new)))),
        cost=tuple(_paired(_cost(old), _cost(new))),
    )


def _outcomes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[OutcomeChange]:
    before = {one["id"]: one for one in old["requirements"]}
    after = {one["id"]: one for one in new["requirements"]}
    for one in [*after, *(one for one in before if one not in after)]:
        was = before[one]["outcome"] if one in before else None
        now = after[one]["outcome"] if one in after else None
        if was != now:
            entry = after.get(one) or before[one]
            reason = after[one]["reason"] if one in after else "the new run does not have it"
            yield OutcomeChange(one, entry["level"], _kind(was, now), was, now, reason)


def _kind(was: str | None, now: str | None) -> Kind:
    if now == "failed":
        return "broken"
    if now == "passed":
        return "mended" if was in ("failed", "waived") else "gained"
    return "lost" if was == "passed" and now != "waived" else "other"


def _observations(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    before = {one["about"]: one["value"] for one in old["observations"]}
    after = {one["about"]: one["value"] for one in new["observations"]}
    for about in [*after, *(one for one in before if one not in after)]:
        values = before.get(about), after.get(about)
        if not about.startswith(_TIMES) and _answer(values[0]) != _answer(values[1]):
            yield Change(about, *values)


def _answer(value: Any) -> Any:
    """The part of an observation that says how a target answers: which statuses came, not how often; no id of this very run."""
    if isinstance(value, dict) and value and all(_STATUS.fullmatch(key) for key in value):
        return sorted(value)
    if isinstance(value, list):
        return sorted({_answer(one) for one in value if not isinstance(one, dict | list)}) + [
            repr(one) for one in value if isinstance(one, dict | list)
        ]
    # 1 and True are equal to Python, and two answers to a reader.
    return _PASSING_ID.sub("<id>", value) if isinstance(value, str) else repr(value)


def _latency(run: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The figures under `latency`, where a report has it, by their path; and the median of each list of durations."""
    for one in run["observations"]:
        value = one["value"]
        if one["about"].startswith(_TIMES) and isinstance(value, list) and value and all(map(_is_number, value)):
            yield f"{one['about']} (median)", round(float(median(value)), 3)
    yield from list(_leaves(run.get("latency"), ""))[:_MAX_FIGURES]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, float]]:
    pending = [(path, value)]
    while pending:
        name, node = pending.pop()
        if _is_number(node):
            yield name, node
        elif isinstance(node, dict):
            pending += [(f"{name}/{key}" if name else str(key), inner) for key, inner in reversed(node.items())]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _cost(run: Mapping[str, Any]) -> dict[str, float]:
    figures = {"seconds": run["seconds"], "turns": run["turns"], "requests": run["requests"]}
    for who, spent in sorted(run.get("spent", {}).items())[:_MAX_FIGURES]:
        figures[f"turns of {who}"] = spent["turns"]
        figures[f"requests of {who}"] = spent["requests"]
    return figures


def _paired(old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[Change]:
    for name in [*new, *(one for one in old if one not in new)]:
        yield Change(name, old.get(name), new.get(name))
