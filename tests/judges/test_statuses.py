"""One status in place of another: which answers keep a requirement, which break it, and which say nothing of it.

Every exchange of a kind that was answered gets that status; its headers and body stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from conformance.offline import judge_recording
from conformance.recording import Exchange, Recording
from tests.judges import edits

STATUSES = (200, 201, 202, 204, 299, 300, 302, 399, 400, 401, 403, 404, 408, 409, 413, 422, 429, 499, 500, 503, 599)


@dataclass(frozen=True)
class Row:
    """``picked``: a fact and its value, a part of a name, or an operation. ``others``: outcome -> statuses that give it,
    all further ones give ``mostly``."""

    requirement: str
    picked: str
    mostly: str
    others: Mapping[str, str]

    def picks(self, exchange: Exchange) -> bool:
        fact, equals, value = self.picked.partition("=")
        if equals:
            return exchange.facts.get(fact) == value
        return self.picked == exchange.operation or exchange.name.startswith(self.picked)

    def outcome(self, status: int) -> str:
        return next((word for word, listed in self.others.items() if str(status) in listed.split()), self.mostly)


ROWS = (
    Row("ATT-02", "rule=ATT-02", "failed", {"passed": "400 422", "untested": "429"}),
    Row("ATT-04", "rule=ATT-04", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("ATT-06", "rule=ATT-06", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("ATT-07", "rule=ATT-07", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("ATT-08", "rule=ATT-08", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("ERR-03", "rule=ERR-03", "failed", {"passed": "400 422", "untested": "429"}),
    Row("SES-01", "rule=SES-01", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("SES-02", "rule=SES-02", "failed", {"unobservable": "400 404 422", "passed": "403", "untested": "429"}),
    Row("TIER-02", "rule=TIER-02", "failed", {"passed": "400 422", "untested": "429"}),
    Row("UPL-01", "rule=UPL-01", "failed", {"passed": "200 201 202 204 299", "untested": "429"}),
    Row("UPL-02", "rule=UPL-02", "failed", {"passed": "400 422", "untested": "429"}),
    Row("UPL-03", "rule=UPL-03", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("ERR-04", "rule=ERR-04", "passed", {"failed": "500 503 599"}),
    Row("IDEM-01", "part=duplicate", "failed", {"passed": "409", "untested": "429"}),
    Row("IDEM-02", "part=duplicate", "untested", {"passed": "409"}),
    Row("CUR-07", "part=resume", "failed", {"passed": "200", "unobservable": "429"}),
    Row("ACC-01", "part=post", "failed", {"passed": "202 429"}),
    Row("TIER-01", "part=post", "failed", {"passed": "202", "untested": "409 429"}),
    Row("TIER-03", "part=post", "untested", {"passed": "202"}),
    Row("ATT-01", "part=post", "failed", {"passed": "202", "untested": "429"}),
    Row("ATT-03", "part=post", "untested", {"passed": "202"}),
    Row("IDEM-04", "part=post", "untested", {"passed": "202"}),
    Row("EVT-05", "part=post", "untested", {"passed": "202"}),
    Row("TIER-01", "dialogue/turn-3/post", "failed", {"passed": "202 409 429"}),
    Row("TIER-03", "dialogue/turn-3/post", "failed", {"passed": "202 429"}),
    Row("TIER-04", "dialogue/turn-3/post", "passed", {"untested": "200 201 204 299 500 503 599"}),
    Row("ATT-01", "attachments/turn-1/post", "failed", {"passed": "202", "untested": "429"}),
    Row("ATT-05", "attachments/turn-1/post", "passed", {"untested": "429"}),
    Row("IDEM-01", "attachments/turn-1/post", "untested", {"passed": "202"}),
    Row("IDEM-01", "attachments/duplicate", "failed", {"passed": "409", "untested": "429"}),
    Row("AUTH-03", "part=stranger", "failed", {"passed": "404", "untested": "429"}),
    Row("AUTH-01", "part=stranger", "failed", {"passed": "401", "untested": "429"}),
    Row("ERR-02", "part=stranger", "failed", {"passed": "404", "untested": "429"}),
    Row("AUTH-01", "strangers/", "failed", {"passed": "401", "untested": "429"}),
    Row("AUTH-02", "strangers/", "untested", {"failed": "401"}),
    Row("AUTH-03", "strangers/", "failed", {"untested": "401 429", "passed": "404"}),
    Row("EVT-01", "kind=main", "failed", {"passed": "200 429"}),
    Row("EVT-05", "kind=main", "untested", {"passed": "200"}),
    Row("CUR-02", "kind=main", "untested", {"passed": "200"}),
    Row("CUR-08", "kind=main", "untested", {"passed": "200"}),
    Row("CUR-03", "kind=header", "failed", {"passed": "200", "unobservable": "429"}),
    Row("EVT-01", "kind=header", "failed", {"passed": "200 429"}),
    Row("CUR-08", "kind=again", "failed", {"passed": "200", "unobservable": "429"}),
    Row("CUR-05", "kind=none", "untested", {"passed": "200"}),
    Row("CUR-10", "cursors/", "passed", {"failed": "500 503 599"}),
    Row("CUR-10", "idle/", "passed", {"failed": "500 503 599"}),
    Row("SES-01", "create-session", "untested", {"failed": "200 201 202 204 299"}),
    Row("SES-02", "create-session", "failed", {"unobservable": "400 404 422", "untested": "429"}),
    Row("SES-03", "create-session", "untested", {"passed": "200 201 202 204 299"}),
    Row("SES-01", "sessions/", "failed", {"passed": "400 403 404 409 413 422 499", "untested": "429"}),
    Row("SES-02", "sessions/", "failed", {"unobservable": "400 404 422", "untested": "429"}),
    Row("UPL-01", "request-upload-url", "failed", {"passed": "200 201 202 204 299", "untested": "429"}),
    Row("UPL-02", "request-upload-url", "failed", {"passed": "400 422", "untested": "429"}),
    Row("UPL-04", "request-upload-url", "untested", {"passed": "200 201 202 204 299"}),
    Row("UPL-05", "put-blob", "failed", {"passed": "200 201 202 204 299", "untested": "429 503"}),
    Row("ACC-08", "list-messages", "untested", {"passed": "200"}),
    Row("ATT-09", "list-messages", "failed", {"passed": "200", "untested": "429"}),
    Row("IDEM-03", "list-messages", "untested", {"passed": "200"}),
    Row("IDEM-03", "duplicates/quiet", "untested", {"passed": "200"}),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.requirement} of {row.picked}")
def test_what_a_status_means(row: Row, baseline: Recording) -> None:
    found = {}
    for status in STATUSES:
        changed = edits.status(baseline, lambda e: row.picks(e) and e.received is not None, status)
        found[status] = judge_recording(changed, [row.requirement])[row.requirement].outcome
    assert found == {status: row.outcome(status) for status in STATUSES}
