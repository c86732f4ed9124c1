"""ATT-02, ATT-04 and ATT-06 to ATT-08 on recordings written by hand: what is refused, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.stored import none_accepted_elsewhere, nothing_stored
from conformance.recording import Break, Exchange
from conformance.scenarios import test_attachments as attachments
from tests.judges.by_hand import SESSION, exchange, found, outcome, post, recording, stream, tail

SEVEN = attachments.test_seven_attachments_are_refused
NO_TURN = attachments.test_the_refused_seven_start_no_turn
ONE_BLOB = attachments.test_seven_references_to_one_blob_are_seven
NOTHING = attachments.test_an_empty_message_without_attachments_is_refused
INCOMPLETE = attachments.test_an_attachment_without_path_or_type_is_refused
GRANTED = attachments.test_only_what_was_granted_to_the_session_is_attached


def probe(rule: str, status: int = 400, name: str = "refuse-x", journey: str = "refusals", **more: Any) -> Exchange:
    values = {"part": "refusal", "rule": rule, "text": "", "at": 5.0, **more}
    return post(1, status, name=f"{journey}/{name}", **values)


# --- ATT-02, ATT-04, ATT-06 to ATT-08: refusals -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "rule"),
    [(SEVEN, "ATT-02"), (ONE_BLOB, "ATT-04"), (NOTHING, "ATT-06"), (INCOMPLETE, "ATT-07"), (GRANTED, "ATT-08")],
)
@pytest.mark.parametrize(
    ("status", "expected"), [(400, "kept"), (422, "kept"), (202, "violation"), (500, "violation"), (429, "untested")]
)
def test_each_of_the_probes_is_refused(scenario: Any, rule: str, status: int, expected: str) -> None:
    played = [probe(rule), probe(rule, status, "refuse-y", at=6.0)]
    assert outcome(scenario, recording(*played)) == expected
    broke = Break("refusals", "session", "status 500")
    assert "broke off at session, status 500" in found(scenario, recording(breaks=[broke]))


@pytest.mark.parametrize(("status", "expected"), [(403, "violation"), (413, "violation"), (499, "violation")])
def test_seven_are_400_or_422_and_nothing_else(status: int, expected: str) -> None:
    assert outcome(SEVEN, recording(probe("ATT-02", status))) == expected
    assert outcome(ONE_BLOB, recording(probe("ATT-04", status))) == "kept"


@pytest.mark.parametrize("journey", ["refusals", "attachments"])
@pytest.mark.parametrize(("status", "kept"), [(202, False), (200, False), (299, False), (300, True), (413, True)])
def test_more_than_seven_or_later_ones_are_not_accepted(journey: str, status: int, kept: bool) -> None:
    more = probe("", status, "refuse-more", journey, leans_on="ATT-02", at=7.0)
    assert outcome(SEVEN, recording(probe("ATT-02"), more)) == ("kept" if kept else "violation")
    other = probe("", status, "refuse-more", journey, leans_on="ERR-04", at=7.0)
    assert outcome(SEVEN, recording(probe("ATT-02"), other)) == "kept"


@pytest.mark.parametrize(("scenario", "rule"), [(NOTHING, "ATT-06"), (GRANTED, "ATT-08")])
def test_what_is_refused_first_is_refused_behind_a_turn_as_well(scenario: Any, rule: str) -> None:
    later = probe("", 202, "refuse-later", "attachments", leans_on=rule, at=30.0)
    assert outcome(scenario, recording(probe(rule), later)) == "violation"


def test_only_messages_of_that_rule_count_elsewhere() -> None:
    def check(*played: Exchange) -> bool:
        try:
            none_accepted_elsewhere(recording(*played), "ATT-06", "x")
        except Exception:  # noqa: BLE001 - any finding
            return False
        return True

    assert not check(probe("", 202, "refuse-a", "attachments", leans_on="ATT-06"))
    assert check(probe("", 202, "refuse-a", "attachments", leans_on="ATT-08"))
    assert check(probe("", 202, "else-a", "attachments", leans_on="ATT-06"))
    assert check(probe("", 202, "refuse-a", "refusals", leans_on="ATT-06"))
    assert check(exchange("attachments/refuse-grant", "request-upload-url", 200, leans_on="ATT-06"))


def replayed(
    *texts: str, journey: str = "refusals", status: int = 200, more: bool = False, at: float = 90.0
) -> Exchange:
    body = {"data": [{"text": text} for text in texts], "meta": {"pagination": {"has_more": more}}}
    return exchange(f"{journey}/messages", "list-messages", status, body, at=at, method="GET", session=SESSION)


@pytest.mark.parametrize(
    ("text", "status", "shown", "kept"),
    [
        ("a text of its own", 400, "a text of its own", False),
        ("a text of its own", 400, "> a text of its own <", False),
        ("a text of its own", 400, "another text", True),
        ("a text of its own", 500, "a text of its own", True),  # it may have been accepted
        ("a text of its own", 202, "a text of its own", True),
        ("twelve chars", 400, "twelve chars", False),
        ("eleven char", 400, "eleven char", True),
    ],
)
def test_a_refused_message_is_not_stored(text: str, status: int, shown: str, kept: bool) -> None:
    one = probe("R", status, request={"message": text})
    try:
        nothing_stored(recording(probe("R", request=None), one, replayed(shown)), "R")
    except Exception:  # noqa: BLE001 - any finding
        assert not kept
    else:
        assert kept
    nothing_stored(recording(one), "R")
    nothing_stored(recording(probe("R", status, request=["message"]), replayed(shown)), "R")


@pytest.mark.parametrize(("scenario", "rule"), [(ONE_BLOB, "ATT-04"), (INCOMPLETE, "ATT-07"), (GRANTED, "ATT-08")])
def test_what_was_refused_is_in_no_replay(scenario: Any, rule: str) -> None:
    one = probe(rule, request={"message": "a text of its own"})
    assert outcome(scenario, recording(one, replayed("a text of its own"))) == "violation"
    assert outcome(scenario, recording(one, replayed("another"))) == "kept"


# --- ATT-02: no turn --------------------------------------------------------------------------------------------------


MARKED = probe("ATT-02", marker="the seven")
ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:finish"


def of_refusals(*, cursor: str | None = "0-0", main: str = ONE, none: str | None = None) -> list[Exchange]:
    played = [post(1, journey="refusals", cursor=cursor), tail(stream(main), journey="refusals")]
    return played if none is None else [*played, tail(stream(none), 1, "none", journey="refusals")]


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([replayed("plain")], "kept"),
        ([replayed("> the seven <")], "violation"),
        ([], "untested"),
        ([replayed(status=500)], "untested"),
        ([replayed("plain", more=True)], "untested"),
        ([replayed("plain", more=True), *of_refusals()], "kept"),
        ([replayed("the seven", more=True)], "violation"),
    ],
)
def test_the_text_of_the_seven_is_not_stored(played: list[Exchange], expected: str) -> None:
    assert outcome(NO_TURN, recording(MARKED, *played)) == expected
    unmarked = probe("ATT-02")
    assert outcome(NO_TURN, recording(unmarked, *played)) == "untested"


@pytest.mark.parametrize("name", ["refuse-first-seven", "refuse-later-seven"])
@pytest.mark.parametrize(
    ("status", "text", "kept"),
    [
        (400, "later seven", False),
        (202, "later seven", True),
        (500, "later seven", True),
        (400, "else", True),
        (400, "", True),
    ],
)
def test_nor_is_that_of_the_others(name: str, status: int, text: str, kept: bool) -> None:
    later = probe("", status, name, "attachments", text=text, at=30.0)
    played = [MARKED, replayed("plain"), later, replayed("later seven", journey="attachments")]
    assert outcome(NO_TURN, recording(*played)) == ("kept" if kept else "violation")
    assert outcome(NO_TURN, recording(MARKED, replayed("plain"), later)) == "kept"


def quiet(words: str, at: float = 6.0) -> Exchange:
    values: dict[str, Any] = {"name": "refusals/quiet", "part": None, "opened": at - 0.1, "ending": "silence"}
    return tail(stream(words, at), None, None, journey="refusals", **values)


@pytest.mark.parametrize(
    ("words", "before", "behind"),
    [
        ("", True, True),
        ("5-1:data-title", True, True),
        ("5-1:start", False, False),
        ("5-1:text-delta", False, True),  # behind an accepted one it may be late
        ("5-1:text-delta 5-2:finish", False, False),
        ("5-1:finish", False, True),
    ],
)
def test_the_stream_of_the_session_stays_quiet(words: str, before: bool, behind: bool) -> None:
    base = [MARKED, replayed("plain")]
    assert (outcome(NO_TURN, recording(*base, quiet(words))) == "kept") is before
    assert (outcome(NO_TURN, recording(*base, *of_refusals(), quiet(words))) == "kept") is before
    assert (outcome(NO_TURN, recording(*base, *of_refusals(), quiet(words, 15.0))) == "kept") is behind


def test_where_a_turn_may_be_there_by_right_nothing_is_told() -> None:
    base = [MARKED, replayed("plain"), quiet("5-1:start")]
    other = probe("ERR-04", 202, "refuse-odd", at=4.0)
    assert outcome(NO_TURN, recording(*base, other)) == "kept"
    twice = post(1, 503, journey="refusals", name="refusals/turn-1/post/outage-1", outage=True)
    assert outcome(NO_TURN, recording(*base, twice)) == "kept"
    greeting = tail(stream("9-1:start 9-2:finish", 3.0), None, None, name="idle/watch", journey="idle", part=None)
    assert outcome(NO_TURN, recording(*base, greeting)) == "kept"
    no_end = tail(stream("9-1:start", 3.0), None, None, name="idle/watch", journey="idle", part=None)
    assert outcome(NO_TURN, recording(*base, no_end)) == "violation"


@pytest.mark.parametrize(
    ("main", "none", "cursor", "expected"),
    [
        (ONE, ONE, "0-0", "kept"),
        (f"0-1:start 0-2:finish {ONE}", None, "0-0", "violation"),
        (ONE, f"0-1:start 0-2:finish {ONE}", "0-0", "violation"),
        (ONE, f"0-1:start 0-2:finish {ONE}", None, "violation"),
        (ONE, f"0-2:finish {ONE}", "0-0", "violation"),  # an end before the first accepted message
        (ONE, f"0-2:finish {ONE}", None, "kept"),
        (ONE, f"0-2:text-delta {ONE}", "0-0", "kept"),
        (ONE, "0-2:finish 7-1:start", "0-0", "kept"),  # other ids: nothing can be compared
        (ONE, f":finish {ONE}", "0-0", "kept"),
        (ONE, f"{ONE} 1-5:finish", "0-0", "kept"),
    ],
)
def test_one_accepted_message_has_one_turn(main: str, none: str | None, cursor: str | None, expected: str) -> None:
    played = [MARKED, replayed("plain"), *of_refusals(cursor=cursor, main=main, none=none)]
    assert outcome(NO_TURN, recording(*played)) == expected


def test_a_turn_that_was_not_read_to_its_end_proves_no_earlier_one() -> None:
    cut = [post(1, journey="refusals", cursor="0-0"), tail(stream(ONE), journey="refusals", ending="time-limit")]
    whole = tail(stream(f"0-2:finish {ONE}"), 1, "none", journey="refusals")
    assert outcome(NO_TURN, recording(MARKED, replayed("plain"), *cut, whole)) == "kept"
    two = [*of_refusals(none=f"0-2:finish {ONE}"), post(2, journey="refusals")]
    assert outcome(NO_TURN, recording(MARKED, replayed("plain"), *two)) == "kept"
