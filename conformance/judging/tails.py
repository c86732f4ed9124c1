"""Which of the tails of a recording a judge may look at."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.evidence import joined
from conformance.recording import Exchange, Recording

_ASKED_FOR_TROUBLE = frozenset({"cursors", "strangers"})


def own_tails(recording: Recording) -> Iterator[Exchange]:
    """The tails of our own sessions that were opened lawfully: with our key, and with no cursor or one of that session."""
    for exchange in recording.exchanges:
        if exchange.operation != "tail-events" or exchange.credential != "own":
            continue
        if exchange.journey in _ASKED_FOR_TROUBLE or exchange.facts.get("part") == "foreign":
            continue
        if "limited" not in exchange.facts and "outage" not in exchange.facts:
            yield exchange


def followed(recording: Recording, journey: str, step: str) -> Exchange | None:
    """The tail of that step with the connections on which it went on; None where it was not played."""
    first = recording.get(journey, step)
    links = [e for e in recording.of(journey, f"{step}/link-") if e.facts.get("part") == "link"]
    return joined((first, *links)) if first is not None else None
