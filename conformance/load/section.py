"""The section ``soak`` of ``conformance.json``, and the verdict of a soak: the same outcomes and the same words as of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final

from conformance import __version__
from conformance.journeys.run import spec_digest
from conformance.load.bins import TimedBins
from conformance.load.judged import TIMED_RULES
from conformance.load.lag import INVALID, INVALID_PERCENT
from conformance.load.running import Fleet, Soaked
from conformance.load.settings import SoakSettings
from conformance.load.stage import BUSY
from conformance.load.tally import Tally
from conformance.report import document
from conformance.requirements import catalogue
from conformance.verdict import TestResult, Verdict, requirement_results, verdict
from conformance.waivers import WRONG, Judged, apply, to_json

METRICS: Final = ("accepted", "first", "between", "turn")
PERCENTILES: Final = (50, 95, 99)
TIMED_LEAST: Final = 5
TIMED_SHARE: Final = 0.5
"""Of the sessions in which it was judged: so many at least have to show that a timed requirement is broken."""
BUSY_RULES: Final = frozenset({"ACC-01", "IDEM-01", "IDEM-02", "IDEM-04", "IDEM-05", "TIER-01", "TIER-03"})
"""What a 409 means for them cannot be told where a server takes one turn of a tenant at a time (contract M10): each session is
judged by itself, and knows nothing of the turns of the others."""
UNTOLD: Final = "this server refuses a message as busy while other sessions' turns run: under load a 409 tells nothing"
TOO_BEHIND: Final = 0.05
"""Of the slots: where the generator lagged in more of them than that, the figures of the whole soak are marked invalid."""


def soak_report(
    settings: SoakSettings, fleet: Fleet, soaked: Soaked, waivers: Sequence[Judged] = ()
) -> tuple[Verdict, dict[str, Any]]:
    """The verdict and the whole document (spec/report.schema.json)."""
    tally = soaked.master.tally()
    found, last = apply(_found(tally), waivers)
    results = requirement_results(catalogue(), found)
    word = verdict(results, settings.level)
    figures = document.RunFigures(
        target=settings.base_url,
        embedded=settings.embedded,
        spec=spec_digest(),
        suite=__version__,
        started=datetime.fromtimestamp(settings.started, timezone.utc).isoformat(timespec="seconds"),
        seconds=soaked.seconds,
        turns={"soak": tally.number("volume", "turns")},
        requests={"soak": tally.number("volume", "requests")},
    )
    value = document.document(word, settings.level, figures, results, (), (), interrupted=soaked.interrupted)
    value["waivers"] = to_json(last)
    value["soak"] = _section(settings, fleet, soaked, tally)
    return word, value


def has_wrong_waivers(value: Mapping[str, Any]) -> bool:
    """Whether a waiver of that report says something that is not so."""
    return any(one["state"] in WRONG for one in value["waivers"])


def _is_untold(tally: Tally, rule: str) -> bool:
    return rule in BUSY_RULES and tally.number("across", BUSY) > 0


def _is_broken(tally: Tally, rule: str) -> bool:
    if _is_untold(tally, rule):
        return False
    failed, passed = tally.number("failed", rule), tally.number("passed", rule)
    if rule in TIMED_RULES:
        return failed >= TIMED_LEAST and failed >= TIMED_SHARE * (failed + passed)
    return failed > 0


def _found(tally: Tally) -> list[TestResult]:
    tests: list[TestResult] = []
    for rule in catalogue():
        failed, passed = tally.number("failed", rule), tally.number("passed", rule)
        examples = tally.examples.get(rule, [])
        if _is_untold(tally, rule):
            tests.append(TestResult("soak", (rule,), "untested", UNTOLD))
        elif _is_broken(tally, rule):
            first = examples[0] if examples else {}
            reason = f"in {failed} of {failed + passed} sessions: {first.get('reason', 'the evidence was lost')}"
            evidence = tuple(one for example in examples for one in example["evidence"])
            tests.append(TestResult("soak", (rule,), "failed", reason, str(first.get("message", "")), evidence))
        elif passed or failed:
            tests.append(TestResult("soak", (rule,), "passed"))
        else:
            tests.append(TestResult("soak", (rule,), "untested", "no session of the soak gave evidence of it"))
    return tests


def _section(settings: SoakSettings, fleet: Fleet, soaked: Soaked, tally: Tally) -> dict[str, Any]:
    invalid = invalid_slots(tally.bins)
    measured = tally.bins.slots("lag")
    counts = {subject: dict(sorted(tally.of(subject).items())) for subject in _SUBJECTS}
    turns = tally.number("volume", "turns")
    return {
        "profile": settings.profile,
        "users": settings.users,
        "spawn_rate": settings.spawn_rate,
        "seconds": settings.seconds,
        "seed": settings.seed,
        "max_turns": settings.max_turns,
        "processes": fleet.workers or 1,
        "sessions": {name: tally.number("sessions", name) for name in ("begun", "finished", "judged")},
        "turns": turns,
        "frames": tally.number("volume", "frames"),
        **counts,
        "lost_workers": [dict(one) for one in soaked.lost],
        "violations": [
            {
                "requirement": rule,
                "level": catalogue()[rule].level,
                "sessions": tally.number("failed", rule),
                "of": tally.number("failed", rule) + tally.number("passed", rule),
                "examples": tally.examples.get(rule, []),
            }
            for rule in catalogue()
            if _is_broken(tally, rule)
        ],
        "latency": {
            "slot_seconds": settings.slot_seconds,
            "valid": len(invalid) <= TOO_BEHIND * len(measured),
            "invalid_slots": invalid,
            "metrics": {metric: _metric(tally.bins, metric) for metric in METRICS},
        },
        "generator": {
            "cpu_seconds": round(tally.cpu, 2),
            "judging_cpu_seconds": round(tally.judging_cpu, 2),
            "cpu_seconds_per_turn": round(tally.cpu / turns, 5) if turns else None,
            "lag": {**_metric(tally.bins, "lag"), "bound": INVALID, "bound_percentile": INVALID_PERCENT},
            "longest_lag": round(max((w.last or {}).get("longest_lag", 0.0) for w in soaked.master.workers.values()), 3)
            if soaked.master.workers
            else 0.0,
            "memory": [
                {"worker": worker.name, "megabytes": (worker.last or {}).get("memory", [])}
                for worker in soaked.master.workers.values()
            ],
            "connections_left": tally.connections_left,
        },
    }


_SUBJECTS: Final = ("unfinished", "unjudged", "lost", "answers", "tails")


def invalid_slots(bins: TimedBins) -> list[int]:
    """The slots in which the generator was too late itself for what it measured to mean anything."""
    return [slot for slot in bins.slots("lag") if (bins.percentile("lag", INVALID_PERCENT, slot) or 0.0) > INVALID]


def _metric(bins: TimedBins, metric: str) -> dict[str, Any]:
    """Percentiles in seconds, of all and of each slot."""
    return {
        "count": bins.count(metric),
        **{f"p{percent}": _rounded(bins.percentile(metric, percent)) for percent in PERCENTILES},
        "slots": [
            {
                "slot": slot,
                "count": bins.count(metric, slot),
                **{f"p{percent}": _rounded(bins.percentile(metric, percent, slot)) for percent in PERCENTILES},
            }
            for slot in bins.slots(metric)
        ],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 5)


def lines(value: Mapping[str, Any]) -> list[str]:
    """What the terminal shows of a soak."""
    soak = value["soak"]
    sessions = soak["sessions"]
    told = [
        f"{value['verdict']}: {sessions['judged']} of {sessions['begun']} sessions judged, "
        f"{soak['turns']} turns, {soak['frames']} frames, {value['requests']} requests in {value['seconds']:.0f} s"
    ]
    for subject in ("unfinished", "unjudged", "lost"):
        told += [f"  {subject}: {number} {reason}" for reason, number in soak[subject].items()]
    limited = sum(n for what, n in soak["answers"].items() if what.endswith(" 429"))
    told += [f"  429: {limited} times, and obeyed"] if limited else []
    told += [
        f"  lost: {one['worker']} with {one['sessions_open']} open sessions, {one['silent_seconds']} s after its last word"
        for one in soak["lost_workers"]
    ]
    for one in soak["violations"]:
        told.append(f"{one['requirement']} ({one['level']}) is broken in {one['sessions']} of {one['of']} sessions")
        told += ["  " + line for line in (one["examples"][0]["message"].splitlines() if one["examples"] else [])]
    generator, latency = soak["generator"], soak["latency"]
    for metric in METRICS:
        one = latency["metrics"][metric]
        if one["count"]:
            shown = ", ".join(f"p{p} {one[f'p{p}']:.3f} s" for p in PERCENTILES)
            told.append(f"  {LABELS[metric]}: {shown}{'' if latency['valid'] else ' (invalid: the generator lagged)'}")
    told.append(
        f"  generator: {generator['cpu_seconds']:.1f} CPU seconds ({(generator['cpu_seconds_per_turn'] or 0) * 1000:.0f} ms a "
        f"turn), longest lag {generator['longest_lag']:.2f} s, {generator['connections_left']} connections left"
    )
    return told


LABELS: Final = {
    "accepted": "from a post to its 202",
    "first": "to the first envelope",
    "between": "between two envelopes",
    "turn": "to the terminal envelope",
}
