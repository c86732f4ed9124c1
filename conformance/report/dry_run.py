"""What a run would send and cost, for ``--dry-run``: from the plan alone, without a request."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.journeys.cost import COSTS, OVERHEAD_SECONDS, allotment
from conformance.settings import Settings

SESSIONS_LEFT = 50
"""Empty sessions that a run leaves behind, about: no page tells how a session is deleted."""


def lines(settings: Settings) -> list[str]:
    """Plain text: a line a journey, the sum, and the fuzzing. Turns and requests are those on a correct server."""
    limits = settings.limits
    given: Mapping[str, int] = {} if limits.read_only else allotment(limits.max_turns)
    target = settings.target.base_url if settings.target else "the embedded mock"
    out = [f"dry run: nothing is sent; target: {target}", "", f"{'journey':14}{'turns':>7}{'requests':>10}"]
    requests = 0
    for name, cost in COSTS.items():
        if name not in given:
            why = "--read-only" if limits.read_only else f"--max-turns {limits.max_turns}"
            out.append(f"{name:14}{0:>7}{0:>10}  left out: {why}")
            continue
        share = given[name] / cost.turns if cost.turns else 1.0
        asked = round(cost.requests * share)
        requests += asked
        out.append(f"{name:14}{given[name]:>7}{asked:>10}  {cost.purpose}")
    if limits.read_only:
        requests = 18
        out.append(f"{'strangers':14}{0:>7}{requests:>10}  GETs for a session that does not exist")
    turns = sum(given.values())
    seconds = OVERHEAD_SECONDS + settings.turn_seconds * _chain(given)
    out.append(f"{'all':14}{turns:>7}{requests:>10}  about {seconds:.0f} s, with turns of {settings.turn_seconds:g} s")
    out.append("")
    if limits.read_only:
        out.append("fuzzing: left out: --read-only")
    else:
        out.append(
            f"fuzzing: at most {settings.fuzz_turns} turns and {settings.fuzz_seconds:g} s, "
            f"up to {settings.fuzz_examples} requests an operation; about {SESSIONS_LEFT} empty sessions stay behind"
        )
    out.append(
        f"bounds:  {limits.max_turns} turns of the journeys (--max-turns), {limits.turn_timeout:g} s a turn "
        f"(--turn-timeout), {limits.run_seconds:g} s in all (--run-timeout)"
    )
    return out


def _chain(given: Mapping[str, int]) -> int:
    """Turns one after another, of the journey that has most."""
    # Racing begins when the dialogue has had its first turn.
    return max((turns + (name == "racing") for name, turns in given.items()), default=0)
