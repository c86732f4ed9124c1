"""Where a target shows the tier of a turn, if it does: no documented field has it.

The rule. Of every turn that was alone in its session this much is collected, as ``path -> value``: the ``data`` and the
headers of the 202, the envelopes of its tail by chunk type, the replayed messages that carry one of its ids, and its
text with the user's own words taken out. Values are strings and booleans; several on one path are the set of them, and a
path that a turn lacks has the value *absent*. Where no replay had a message of the turn, of that role, its paths are not
absent but unknown, as a replay may lag: such a turn is left aside for them. Numbers, and strings that are digits, dates
or uuids, are left out.

A path is **evidence** when
1. it has one value, *f*, in all turns that asked for FAST before any SMART turn of their session, and one other value, *s*,
   in all that asked for SMART, with at least two samples of each (attachments apart: they may be why a turn differs);
2. every other turn, whose tier was omitted or which came after a SMART turn, has one of the two;
3. neither time nor the place in the session explains it: the turns with *f* do not all come before those with *s*, nor
   the reverse, by the time of the post, and by the number of the turn; nor does it follow from that number being odd;
4. it is no coincidence. A path or value that says what it is (``model``, ``tier``, FAST, SMART) is believed. Any other must
   have three samples of each tier, at two sessions at least have both values at one place in the session, and the turns
   of rule 2 must follow one of ``PATTERNS``: the ways in which servers are known to handle a tier, the right one first.
   Also the turns with attachments, where they have no third value, must fit.

A random value passes rule 1 once in 32 times with three samples of each, and the pattern on top of it far less often.
On evidence an omitted tier must have *f* (TIER-04), and so must every turn after a SMART one that is not SMART (TIER-05).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Value = tuple[str, ...]
ABSENT: Value = ()

LEAST_SAMPLES = 2
LEAST_UNNAMED = 3

_NAMES_ITSELF = re.compile(r"model|tier", re.IGNORECASE)
TEXT_SAYS = "tiers that the text names"
"""The path of the words FAST and SMART in an answer."""
_TIER_WORD = re.compile(r"(?<![a-z])(fast|smart)(?![a-z])", re.IGNORECASE)
_NO_EVIDENCE = re.compile(
    r"[-+]?[0-9.,:]*"  # numbers, counters, times
    r"|[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?"
    r"|[0-9]+-[0-9]+"
)
_LONGEST = 4000
"""Characters of a value that are compared; a longer one is cut."""


@dataclass(frozen=True)
class Sample:
    """One turn: what was asked for, where it stood, and what it showed.

    ``name`` for messages, ``session`` and ``number`` its place, ``at`` the time of its post, ``tier`` FAST, SMART or None,
    ``plain`` whether it had no attachments.
    """

    name: str
    session: str
    number: int
    at: float
    tier: str | None
    plain: bool
    shown: Mapping[str, Value]

    @cached_property
    def replayed(self) -> frozenset[str]:
        """The kinds of its messages that a replay had: ``message[user]``."""
        return frozenset(_kind_of_message(path) for path in self.shown if _in_replay(path))

    def knows(self, path: str) -> bool:
        """Whether it was seen what the turn has there, be it nothing."""
        return path in self.shown or not _in_replay(path) or _kind_of_message(path) in self.replayed


@dataclass(frozen=True)
class Context:
    """A turn among those before it in its session."""

    sample: Sample
    before: tuple[Sample, ...]

    @property
    def asked(self) -> str | None:
        return self.sample.tier

    @property
    def previous(self) -> str | None:
        """The tier that the turn directly before asked for; None as well where there is none."""
        return self.before[-1].tier if self.before else None

    @property
    def smart_before(self) -> int:
        return sum(one.tier == "SMART" for one in self.before)

    @property
    def last_named(self) -> str | None:
        """The tier that was last asked for by name."""
        return next((one.tier for one in reversed(self.before) if one.tier is not None), None)


PATTERNS: Mapping[str, Callable[[Context], bool]] = {
    "FAST unless SMART is asked for": lambda _: False,
    "SMART when omitted": lambda c: c.asked is None,
    "SMART when omitted as the first": lambda c: c.asked is None and not c.before,
    "SMART when omitted later": lambda c: c.asked is None and bool(c.before),
    "SMART when omitted directly after SMART": lambda c: c.asked is None and c.previous == "SMART",
    "SMART when omitted and last named": lambda c: c.asked is None and c.last_named == "SMART",
    "SMART when omitted once it was asked for": lambda c: c.asked is None and c.smart_before > 0,
    "SMART when omitted and it was not asked for": lambda c: c.asked is None and c.smart_before == 0,
    "SMART when omitted after a turn of FAST": lambda c: c.asked is None and c.previous == "FAST",
    "SMART for one turn more": lambda c: c.previous == "SMART",
    "SMART for ever": lambda c: c.smart_before > 0,
    "SMART for ever, or when omitted": lambda c: c.smart_before > 0 or c.asked is None,
    "SMART for one turn more, or when omitted": lambda c: c.previous == "SMART" or c.asked is None,
    "SMART when FAST directly follows it": lambda c: c.asked == "FAST" and c.previous == "SMART",
    "SMART for ever after the second": lambda c: c.smart_before > 1,
    "SMART when omitted after the second": lambda c: c.asked is None and c.smart_before > 1,
}
"""When a turn that did not ask for SMART is served as SMART: the right way, and the ways in which servers go wrong."""


@dataclass(frozen=True)
class Evidence:
    """A path that shows the tier: its value when FAST was served, and when SMART was."""

    path: str
    fast: Value
    smart: Value


def contexts(samples: Sequence[Sample]) -> list[Context]:
    """Each turn with those before it in its session."""
    ordered = sorted(samples, key=lambda one: (one.session, one.number))
    return [
        Context(one, tuple(o for o in ordered if o.session == one.session and o.number < one.number)) for one in ordered
    ]


def clean_fast(context: Context) -> bool:
    """A turn that asked for FAST, with nothing before it that could have left SMART behind."""
    return context.asked == "FAST" and context.smart_before == 0


def find(samples: Sequence[Sample]) -> list[Evidence]:
    """All evidence in these turns, by the rule of this module; an empty list where the tier is not shown."""
    turns = contexts(samples)
    found = []
    for path in sorted({path for one in samples for path in one.shown}):
        evidence = _of_path(path, turns)
        if evidence is not None:
            found.append(evidence)
    return found


def served(evidence: Evidence, sample: Sample) -> str | None:
    """FAST or SMART by that path; None where it has a third value, or an unknown one."""
    if not sample.knows(evidence.path):
        return None
    value = sample.shown.get(evidence.path, ABSENT)
    return {evidence.fast: "FAST", evidence.smart: "SMART"}.get(value)


def in_words(value: Value) -> str:
    return " / ".join(one if len(one) <= 60 else f"{one[:59]}…" for one in value) if value else "(absent)"


def _of_path(path: str, all_turns: Sequence[Context]) -> Evidence | None:
    turns = [one for one in all_turns if one.sample.knows(path)]

    def value(context: Context) -> Value:
        return context.sample.shown.get(path, ABSENT)

    plain = [one for one in turns if one.sample.plain]
    fast = [one for one in plain if clean_fast(one)]
    smart = [one for one in plain if one.asked == "SMART"]
    if len(fast) < LEAST_SAMPLES or len(smart) < LEAST_SAMPLES:
        return None
    fast_values, smart_values = {value(one) for one in fast}, {value(one) for one in smart}
    if len(fast_values) != 1 or len(smart_values) != 1 or fast_values == smart_values:
        return None
    evidence = Evidence(path, fast_values.pop(), smart_values.pop())
    if any(value(one) not in (evidence.fast, evidence.smart) for one in plain):
        return None
    if explained(plain, lambda one: value(one) == evidence.smart):
        return None
    if says_what_it_is(evidence):
        return evidence
    if path == TEXT_SAYS:
        return None  # words of a text, of which a few turns may have the same ones by chance
    return evidence if _no_coincidence(evidence, turns, len(fast), len(smart), value) else None


def explained(plain: Sequence[Context], is_smart: Callable[[Context], bool]) -> bool:
    """Whether time or the place in the session explains the value as well as the tier does."""
    fast = [one.sample for one in plain if not is_smart(one)]
    smart = [one.sample for one in plain if is_smart(one)]
    keys: tuple[Callable[[Sample], float], ...] = (lambda one: one.at, lambda one: one.number)
    for key in keys:
        if max(map(key, fast)) < min(map(key, smart)) or max(map(key, smart)) < min(map(key, fast)):
            return True
    odd_fast, odd_smart = {one.number % 2 for one in fast}, {one.number % 2 for one in smart}
    return not odd_fast & odd_smart


def says_what_it_is(evidence: Evidence) -> bool:
    """Whether the path or its two values name the model or the tier.

    What an agent says may be chance: its text does only where every answer names its own tier, and not the other one.
    """
    if evidence.path == TEXT_SAYS:
        return (evidence.fast, evidence.smart) == (("fast",), ("smart",))
    if _NAMES_ITSELF.search(evidence.path.rpartition(".")[2]):
        return True
    words = [
        {word.lower() for one in value for word in _TIER_WORD.findall(one)} for value in (evidence.fast, evidence.smart)
    ]
    return words[0] != words[1] and "smart" not in words[0] and "fast" not in words[1]


def _no_coincidence(
    evidence: Evidence, turns: Sequence[Context], fast: int, smart: int, value: Callable[[Context], Value]
) -> bool:
    if fast < LEAST_UNNAMED or smart < LEAST_UNNAMED:
        return False
    here = {(one.sample.number, value(one)) for one in turns if one.sample.plain}
    if not any((number, evidence.fast) in here and (number, evidence.smart) in here for number, _ in here):
        return False
    judged = [one for one in turns if one.sample.plain]
    bearing = [one for one in turns if not one.sample.plain]
    if all(value(one) in (evidence.fast, evidence.smart) for one in bearing):
        judged += bearing
    if any(value(one) != evidence.smart for one in judged if one.asked == "SMART"):
        return False
    rest = [one for one in judged if one.asked != "SMART" and not clean_fast(one)]
    return any(all((value(one) == evidence.smart) == pattern(one) for one in rest) for pattern in PATTERNS.values())


# --- what a turn showed -----------------------------------------------------------------------------------------------

_UNTOLD_HEADERS = re.compile(
    r"date|etag|set-cookie|content-length|.*-id|.*ratelimit.*|.*trace.*|.*timing.*|cf-ray|age|via"
)
_PIECES = frozenset({"text-delta", "reasoning-delta", "tool-input-delta"})


def shown_by(
    *,
    data: Mapping[str, Any],
    headers: Iterable[tuple[str, str]],
    chunks: Iterable[Any],
    replayed: Iterable[Mapping[str, Any]],
    text: str,
    asked: str,
) -> dict[str, Value]:
    """What one turn showed, as ``path -> values``. ``asked`` is the user's text: an answer may quote it."""
    found: dict[str, set[str]] = {}
    _collect("202", data, found)
    for name, content in headers:
        if not _UNTOLD_HEADERS.fullmatch(name.lower()):
            _take(f"202 header.{name.lower()}", content, found)
    for chunk in chunks:
        kind = chunk.get("type") if isinstance(chunk, Mapping) else None
        if isinstance(kind, str):
            # A delta is a cut of a text, and where it is cut is chance.
            _collect(kind, {"type": kind} if kind in _PIECES else chunk, found)
    for message in replayed:
        role = message.get("role")
        _collect(f"message[{role}]" if isinstance(role, str) else "message", message, found)
    plain = text.replace(asked, "…") if asked else text
    _take("text", plain, found)
    for word in {word.lower() for word in _TIER_WORD.findall(plain)}:
        # Apart from the text around it, so that a tier named in an answer that varies is seen.
        _take(TEXT_SAYS, word, found)
    return {path: tuple(sorted(values)) for path, values in found.items()}


def _in_replay(path: str) -> bool:
    """Whether the path is that of a replayed message; the chunks of the stream are no such paths."""
    return path.startswith(("message[", "message."))


def _kind_of_message(path: str) -> str:
    """``message[user].model`` -> ``message[user]``."""
    role, bracket, _ = path.partition("].")
    return role + "]" if bracket and role.startswith("message[") else path.partition(".")[0]


def _collect(path: str, value: Any, found: dict[str, set[str]]) -> None:
    todo = [(path, value)]
    while todo:
        where, one = todo.pop()
        if isinstance(one, Mapping):
            todo += [(f"{where}.{key}", inner) for key, inner in one.items() if isinstance(key, str)]
        elif isinstance(one, list):
            todo += [(where, inner) for inner in one]
        else:
            _take(where, one, found)


def _take(path: str, value: Any, found: dict[str, set[str]]) -> None:
    if isinstance(value, bool):
        found.setdefault(path, set()).add("true" if value else "false")
    elif isinstance(value, str) and not _NO_EVIDENCE.fullmatch(value[:_LONGEST]):
        found.setdefault(path, set()).add(value[:_LONGEST])


def messages_with(pages: Iterable[Any], ids: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The objects in replayed pages that carry one of those ids directly."""
    wanted = set(ids)
    todo: list[Any] = list(pages)
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            if any(isinstance(value, str) and value in wanted for value in one.values()):
                yield one
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
