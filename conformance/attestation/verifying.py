"""Whether an attestation holds. Nothing is believed because the file says so: each of its fields is worked out again from the
files beside it and from this suite, and what is signed has to be the same, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance import __version__
from conformance.attestation.envelope import open_envelope
from conformance.attestation.judged_files import Digested, Report, recording_of, report_of
from conformance.attestation.keys import SSlibKey
from conformance.attestation.refusals import (
    EXIT_FILES,
    EXIT_JUDGED_OTHERWISE,
    EXIT_NOT_WHOLE,
    EXIT_OTHER_SUITE,
    Refused,
    Unusable,
)
from conformance.attestation.rejudging import Rejudged, left_out, rejudge
from conformance.attestation.statement import (
    FORMAT,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Statement,
    check_form,
    configuration,
    of_one_run,
    statement,
)
from conformance.attestation.strict_json import canonical, parse_canonical

MOST_NAMED = 3


@dataclass(frozen=True)
class Genuine:
    """An attestation that holds. ``rejudged`` is None where that was not asked for."""

    report: Report
    rejudged: Rejudged | None


def verify(
    attestation: bytes, key: SSlibKey, report_file: Digested, recording_file: Digested, *, again: bool = False
) -> Genuine:
    """Check it: form, signature, suite, files, every field, whether the run was whole; with ``again`` every outcome.

    :raises Unusable: what was given is damaged or not ours (exit code 2).
    :raises Refused: it does not hold, with the exit code of its kind.
    :raises OurMistake: judging again went wrong.
    """
    signed = open_envelope(attestation, key)
    value = parse_canonical(signed, "the statement")
    run = _run_of(value)
    _same_suite(value, run)
    attested = check_form(value)
    _same_files(attested, report_file, recording_file)
    report = report_of(report_file)
    expected = statement(report_file, report, recording_file)
    if canonical(expected) != signed:
        raise Refused(EXIT_FILES, f"the attestation contradicts the report at {_first_difference(expected, attested)}")
    recording = recording_of(recording_file)
    if not of_one_run(report, recording):
        raise Refused(EXIT_FILES, "the report is of another run than the recording: target, start or addresses differ")
    if report.get("interrupted", False):
        raise Refused(EXIT_NOT_WHOLE, "genuine, but the run was interrupted: what it did not judge is not attested")
    lacking = left_out(report)
    if lacking:
        raise Refused(EXIT_NOT_WHOLE, f"genuine, but only a part of the suite was run: not all of {_named(lacking)}")
    if not again:
        return Genuine(report, None)
    found = rejudge(report, recording)
    if found.differing:
        more = f" (and {len(found.differing) - 1} more)" if len(found.differing) > 1 else ""
        raise Refused(EXIT_JUDGED_OTHERWISE, f"{found.differing[0]}{more}")
    return Genuine(report, found)


def _run_of(value: Any) -> Mapping[str, Any]:
    """Our part of the statement, as far as is needed to know which suite wrote it."""
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise Unusable(f"the statement is not of the type {STATEMENT_TYPE}")
    if value.get("predicateType") != PREDICATE_TYPE:
        raise Unusable(f"the predicate is not of the type {PREDICATE_TYPE}")
    predicate = value.get("predicate")
    run = predicate.get("conformance") if isinstance(predicate, dict) else None
    if not isinstance(run, dict):
        raise Unusable("the statement is not of this suite: it has no run of it")
    if type(run.get("format")) is not int or run["format"] != FORMAT:
        raise Refused(EXIT_OTHER_SUITE, f"attestation format {str(run.get('format'))[:20]}; this suite reads {FORMAT}")
    if not isinstance(run.get("suite"), str):
        raise Unusable("the statement does not name its suite")
    return run


def _same_suite(value: Statement, run: Mapping[str, Any]) -> None:
    suite = run["suite"]
    if suite != __version__:
        raise Refused(EXIT_OTHER_SUITE, f"attested by {_compared(suite)} suite {suite[:40]}; this is {__version__}")
    theirs = value["predicate"].get("configuration")
    ours = configuration()
    if theirs == ours or not isinstance(theirs, list) or len(theirs) != len(ours):
        return  # another length is for the schema to tell
    names = ("the suite has other files than this one", "the specification is another than this one")
    differing = next(name for name, mine, other in zip(names, ours, theirs, strict=True) if mine != other)
    raise Refused(EXIT_OTHER_SUITE, f"attested by another suite of version {suite}: {differing}")


def _compared(suite: str) -> str:
    try:
        return "a newer" if Version(suite) > Version(__version__) else "an older"
    except InvalidVersion:
        return "another"


def _same_files(attested: Statement, *files: Digested) -> None:
    for subject, file in zip(attested["subject"], files, strict=True):
        if subject["digest"]["sha256"] != file.sha256:
            raise Refused(EXIT_FILES, f"{file.name} is not the file that was attested: its SHA-256 is another")


def _first_difference(expected: Any, found: Any, place: str = "") -> str:
    if isinstance(expected, dict) and isinstance(found, dict) and set(expected) == set(found):
        steps = [(key, expected[key], found[key]) for key in sorted(expected)]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        steps = [(str(index), *pair) for index, pair in enumerate(zip(expected, found, strict=True))]
    else:
        return place.lstrip("/") or "its top"
    return next(
        (_first_difference(mine, theirs, f"{place}/{step}") for step, mine, theirs in steps if mine != theirs),
        place.lstrip("/") or "its top",
    )


def _named(ids: list[str]) -> str:
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    return f"{', '.join(ids[:MOST_NAMED])}{more}"
