"""What a soak has counted: by each worker since its beginning, and all workers together. It is of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from conformance.load.bins import TimedBins
from conformance.load.judged import EXAMPLES_MOST
from conformance.recording import Exchange

REASONS_MOST: Final = 40
"""Different reasons that are told; what comes then counts as ``other``."""
OTHER: Final = "other reasons"
EXAMPLES_ALL: Final = 5
"""Examples of a requirement in the report, of all workers together."""

Counts = dict[str, Counter[str]]


class Tally:
    """``counts`` by subject:

    ``sessions``: ``begun``, ``finished`` (played to their end), ``judged``. ``unfinished``, ``unjudged``, ``lost``: how many
    sessions, by reason; a ``lost`` one was judged, but something in it did not answer as it had to for the rest of its
    steps. ``volume``: ``turns``, ``frames``, ``requests``. ``answers``: ``OPERATION STATUS``, or how it ended without one.
    ``passed``, ``failed``: sessions by requirement.
    """

    def __init__(self, slot_seconds: float) -> None:
        self.counts: Counts = {}
        self.examples: dict[str, list[dict[str, Any]]] = {}
        self.bins = TimedBins(slot_seconds)
        self.cpu = 0.0
        """CPU seconds of the generator, judging included."""
        self.judging_cpu = 0.0
        self.memory: list[tuple[float, float]] = []
        """(seconds of the soak, megabytes) of a worker and its judge, every few seconds, at most ``MEMORY_MOST``."""
        self.connections_left = 0

    def count(self, subject: str, what: str, number: int = 1) -> None:
        counter = self.counts.setdefault(subject, Counter())
        if what not in counter and len(counter) >= REASONS_MOST and subject not in _FINITE:
            what = OTHER
        counter[what] += number

    def number(self, subject: str, what: str) -> int:
        return self.counts.get(subject, Counter())[what]

    def of(self, subject: str) -> Mapping[str, int]:
        return self.counts.get(subject, Counter())

    def note_exchange(self, exchange: Exchange) -> None:
        self.count("volume", "requests")
        status = str(exchange.status) if exchange.status else (exchange.problem or exchange.ending).split(":")[0]
        self.count("answers", f"{exchange.operation} {status}")
        if exchange.operation == "tail-events" and exchange.status == 200:
            self.count("tails", exchange.ending)

    def note_judged(self, found: Mapping[str, Any], to_seconds: float) -> None:
        """What the judge found in a session; its times are behind the beginning of the soak by ``to_seconds``."""
        self.count("sessions", "judged")
        self.count("volume", "turns", found["turns"])
        self.count("volume", "frames", found["frames"])
        if found["never_began"]:
            self.count("lost", "a turn never began", found["never_began"])
        for rule, ruled in found["rules"].items():
            self.count(ruled, rule)
        for violation in found["violations"]:
            kept = self.examples.setdefault(violation["rule"], [])
            if "message" in violation and len(kept) < EXAMPLES_MOST:
                kept.append(violation)
        for metric, at, value in found["samples"]:
            self.bins.add(metric, at + to_seconds, value)

    def note_memory(self, at: float, megabytes: float) -> None:
        self.memory.append((round(at, 1), round(megabytes, 1)))
        if len(self.memory) > MEMORY_MOST:
            del self.memory[1::2]

    def to_json(self) -> dict[str, Any]:
        return {
            "counts": {subject: dict(counter) for subject, counter in self.counts.items()},
            "examples": self.examples,
            "bins": self.bins.to_json(),
            "cpu": self.cpu,
            "judging_cpu": self.judging_cpu,
            "memory": [list(pair) for pair in self.memory],
            "connections_left": self.connections_left,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Tally:
        bins = TimedBins.from_json(value["bins"])
        tally = cls(bins.slot_seconds)
        tally.bins = bins
        tally.counts = {subject: Counter(counter) for subject, counter in value["counts"].items()}
        tally.examples = {rule: list(examples) for rule, examples in value["examples"].items()}
        tally.cpu, tally.judging_cpu = value["cpu"], value["judging_cpu"]
        tally.memory = [(at, megabytes) for at, megabytes in value["memory"]]
        tally.connections_left = value["connections_left"]
        return tally


_FINITE = frozenset({"passed", "failed", "answers"})
MEMORY_MOST: Final = 240


def total(tallies: Iterable[Tally], slot_seconds: float) -> Tally:
    """All of them as one; ``memory`` is left to each."""
    whole = Tally(slot_seconds)
    for tally in tallies:
        for subject, counter in tally.counts.items():
            for what, number in counter.items():
                whole.count(subject, what, number)
        for rule, examples in tally.examples.items():
            kept = whole.examples.setdefault(rule, [])
            kept.extend(examples[: max(0, EXAMPLES_ALL - len(kept))])
        whole.bins.merge(tally.bins)
        whole.cpu += tally.cpu
        whole.judging_cpu += tally.judging_cpu
        whole.connections_left += tally.connections_left
    return whole
