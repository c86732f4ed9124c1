"""Recordings with holes: what was not seen is never kept, and what a hole leaves to be seen is still judged.

Each is the baseline without something: a journey that broke off at once, a kind of tail that was not opened, an operation
that nothing answered. The table names every requirement that is then not ``passed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance.offline import judge_recording
from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import Edit

NEVER_HERE = {"FUZZ-01", "FUZZ-02", "RATE-02", "ACC-07", "EVT-07", "TIER-01"}
"""Two that no recording shows; one that is not to be seen in the baseline; two that turn on how long its turns took;
and TIER-01, which test_statuses has."""


def without(*names: str) -> Edit:
    return lambda recording: edits.drop(recording, edits.named(*(f"{name}*" for name in names)))


def without_tail(kind: str) -> Edit:
    return lambda recording: edits.drop(recording, lambda e: e.facts.get("kind") == kind)


def without_part(part: str) -> Edit:
    return lambda recording: edits.drop(recording, lambda e: e.facts.get("part") == part)


def unanswered(operation: str = "") -> Edit:
    """Nothing answers that operation; empty: nothing answers at all."""
    return lambda recording: edits.edit(recording, lambda e: operation in ("", e.operation), _unanswered)


def _unanswered(exchange: Exchange) -> Exchange:
    return replace(exchange, received=None, ending="no-answer", problem="ConnectError: refused")


def nothing(recording: Recording) -> Recording:
    return replace(recording, exchanges=())


def one_key(recording: Recording) -> Recording:
    return replace(edits.drop(recording, lambda e: e.credential == "other"), credentials=("own",))


def silent(recording: Recording) -> Recording:
    empty = edits.frames(recording, edits.tails, lambda _: [])
    return edits.edit(empty, edits.tails, lambda e: replace(e, ending="silence"))


def null_cursors(recording: Recording) -> Recording:
    return edits.json_body(
        recording,
        lambda e: e.operation == "append-message" and e.status == 202,
        lambda body: body["data"].__setitem__("since_cursor", None),
    )


HOLES: Mapping[str, tuple[Edit, Mapping[str, str]]] = {
    "anything": (
        nothing,
        {
            "untested": "ACC-01 ACC-02 ACC-03 ACC-04 ACC-05 ACC-06 ACC-08 ENV-01 ATT-01 ATT-02 ATT-03 ATT-04 ATT-05 "
            "ATT-06 ATT-07 ATT-08 ATT-09 UPL-01 UPL-02 UPL-03 UPL-04 UPL-05 TIER-02 TIER-03 TIER-04 "
            "TIER-05 CUR-01 CUR-02 CUR-03 CUR-04 CUR-05 CUR-06 CUR-07 CUR-08 CUR-09 CUR-10 CUR-11 EVT-01 "
            "EVT-02 EVT-03 EVT-04 EVT-05 EVT-06 IDEM-01 IDEM-02 IDEM-03 IDEM-04 IDEM-05 AUTH-01 AUTH-02 "
            "AUTH-03 ERR-01 ERR-02 ERR-03 ERR-04 ERR-05 RATE-01 SES-01 SES-02 SES-03",
            "unobservable": "ENV-02 ENV-03",
        },
    ),
    "the journey idle": (
        without("idle/"),
        {
            "untested": "CUR-09",
        },
    ),
    "the journey attachments": (
        without("attachments/"),
        {
            "untested": "ATT-01 ATT-03 ATT-05 ATT-07 ATT-09 IDEM-01",
        },
    ),
    "the journey duplicates": (
        without("duplicates/"),
        {
            "untested": "IDEM-01 IDEM-02 IDEM-03",
        },
    ),
    "the journey racing": (
        without("racing/"),
        {
            "untested": "CUR-11 IDEM-05",
        },
    ),
    "the journey refusals": (
        without("refusals/"),
        {
            "untested": "ATT-02 ATT-04 ATT-06 ATT-07 ATT-08 TIER-02 ERR-03",
        },
    ),
    "the journey sessions": (
        without("sessions/"),
        {
            "untested": "ERR-03 SES-01 SES-02",
        },
    ),
    "the journey uploads": (
        without("uploads/"),
        {
            "untested": "UPL-02 UPL-03 ERR-03",
        },
    ),
    "the journey strangers": (
        without("strangers/"),
        {
            "untested": "AUTH-01 AUTH-02 AUTH-03 ERR-02",
        },
    ),
    "the journey cursors": (without("cursors/"), {}),
    "any answer": (
        unanswered(),
        {
            "failed": "ACC-01 CUR-10 EVT-01",
            "untested": "ACC-02 ACC-03 ACC-04 ACC-05 ACC-06 ACC-08 ENV-01 ATT-01 ATT-02 ATT-03 ATT-04 ATT-05 ATT-06 "
            "ATT-07 ATT-08 ATT-09 UPL-01 UPL-02 UPL-03 UPL-04 UPL-05 TIER-02 TIER-03 TIER-04 TIER-05 CUR-01 "
            "CUR-02 CUR-03 CUR-04 CUR-05 CUR-06 CUR-07 CUR-08 CUR-09 CUR-11 EVT-02 EVT-03 EVT-04 EVT-05 "
            "EVT-06 IDEM-01 IDEM-02 IDEM-03 IDEM-04 IDEM-05 AUTH-01 AUTH-02 AUTH-03 ERR-01 ERR-02 ERR-03 "
            "ERR-04 ERR-05 RATE-01 SES-01 SES-02 SES-03",
            "unobservable": "ENV-02 ENV-03",
        },
    ),
    "an answer to create-session": (
        unanswered("create-session"),
        {
            "untested": "AUTH-01 ERR-03 ERR-04 SES-01 SES-02 SES-03",
        },
    ),
    "an answer to tail-events": (
        unanswered("tail-events"),
        {
            "unobservable": "CUR-01 CUR-03 CUR-07 CUR-11",
            "untested": "CUR-02 CUR-04 CUR-05 CUR-08 CUR-09 EVT-02 EVT-03 EVT-04 EVT-06 IDEM-03 AUTH-01 AUTH-03 ERR-02 "
            "ERR-04",
            "failed": "CUR-10 EVT-01 EVT-05",
        },
    ),
    "an answer to append-message": (
        unanswered("append-message"),
        {
            "failed": "ACC-01",
            "untested": "ACC-02 ACC-03 ACC-04 ACC-05 ACC-06 ACC-08 ATT-01 ATT-02 ATT-03 ATT-04 ATT-05 ATT-06 ATT-07 "
            "ATT-08 ATT-09 TIER-02 TIER-03 TIER-04 TIER-05 CUR-01 CUR-02 CUR-03 CUR-04 CUR-05 CUR-06 CUR-07 "
            "CUR-08 CUR-09 CUR-11 EVT-02 EVT-04 EVT-05 EVT-06 IDEM-01 IDEM-02 IDEM-03 IDEM-04 IDEM-05 "
            "AUTH-01 AUTH-03 ERR-02 ERR-03 ERR-04",
        },
    ),
    "an answer to request-upload-url": (
        unanswered("request-upload-url"),
        {
            "untested": "UPL-01 UPL-02 UPL-03 UPL-04 AUTH-01 AUTH-03 ERR-02 ERR-03 ERR-04",
        },
    ),
    "an answer to list-messages": (
        unanswered("list-messages"),
        {
            "untested": "ACC-08 ATT-09 IDEM-03 AUTH-01 AUTH-03 ERR-02 ERR-04",
        },
    ),
    "an answer to put-blob": (
        unanswered("put-blob"),
        {
            "untested": "UPL-05",
        },
    ),
    "every tail by header": (
        without_tail("header"),
        {
            "untested": "CUR-03",
        },
    ),
    "every tail after the turn": (
        without_tail("again"),
        {
            "untested": "CUR-08",
        },
    ),
    "every tail without a cursor": (
        without_tail("none"),
        {
            "untested": "CUR-05",
        },
    ),
    "every tail from the turn before": (without_tail("before"), {}),
    "every tail of a turn": (
        without_part("tail"),
        {
            "untested": "TIER-04 TIER-05 CUR-02 CUR-03 CUR-04 CUR-05 CUR-08 CUR-09 EVT-02 EVT-04 EVT-05 EVT-06",
            "unobservable": "CUR-07",
        },
    ),
    "every reconnect": (
        without_part("resume"),
        {
            "unobservable": "CUR-03",
            "untested": "CUR-07",
        },
    ),
    "cursors, which are null": (
        null_cursors,
        {
            "unobservable": "CUR-01 CUR-11",
            "untested": "CUR-03 CUR-08",
            "failed": "CUR-06",
        },
    ),
    "envelopes: all tails are silent": (
        silent,
        {
            "unobservable": "CUR-01 CUR-02 CUR-03 CUR-04 CUR-05 CUR-07 CUR-08 CUR-11",
            "untested": "CUR-09 EVT-02 EVT-03 EVT-04 EVT-06",
            "failed": "EVT-05",
        },
    ),
    "the second key": (
        one_key,
        {
            "untested": "AUTH-03",
        },
    ),
}
"""What the recording lacks, and the outcomes other than ``passed``: outcome -> requirements."""


@pytest.mark.parametrize("name", HOLES)
def test_what_was_not_seen_is_not_kept(name: str, baseline: Recording) -> None:
    edit, expected = HOLES[name]
    results = judge_recording(edit(baseline))
    left = {i: r.outcome for i, r in results.items() if r.outcome != "passed" and i not in NEVER_HERE}
    assert left == {one: outcome for outcome, ids in expected.items() for one in ids.split()}
    assert all(results[one].reason for one in left)


@pytest.mark.parametrize("journey", ["dialogue", "attachments", "duplicates", "racing", "refusals"])
def test_a_journey_that_broke_off_is_named(journey: str, baseline: Recording) -> None:
    """Where a requirement is untested because its journey broke off, the reason says where it did."""
    broken = edits.broke_off(edits.drop(baseline, lambda e: e.journey == journey), journey, "session", "status 500")
    untested = [r for r in judge_recording(broken).values() if r.outcome == "untested" and r.id not in NEVER_HERE]
    assert untested
    assert [r.id for r in untested if "broke off at session" not in r.reason and "status 500" not in r.reason] == []
