"""IDEM-05, and what the losers of a race are told, on recordings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_duplicate_races as races
from tests.judges.by_hand import SESSION, exchange, found, outcome, post, recording, rival, stream, tail
from tests.judges.raced import FOUR, NAMED, ONE, THREE, TWO, UNNAMED, T, same

ONE_WINS = races.test_of_simultaneous_duplicates_exactly_one_is_accepted
TOLD = races.test_the_losers_of_a_race_are_told_the_original
STORED = races.test_the_losers_of_a_race_are_not_stored
STARTED = races.test_the_losers_of_a_race_start_no_turn


def race(*statuses: int) -> list[Exchange]:
    return [same(number, status) for number, status in enumerate(statuses, 1)]


# --- IDEM-05 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((202, 409, 409, 409), "kept"),
        ((409, 202), "kept"),
        ((202, 425, 400, 499), "kept"),
        ((202, 202, 409), "violation"),
        ((202, 200, 409), "violation"),
        ((202, 299), "violation"),
        ((202, 409, 500), "violation"),
        ((202, 409, 501), "violation"),
        ((202, 302), "violation"),
        ((202, 502, 503, 504), "kept"),  # an outage of what stands before the API
        ((202, 0), "kept"),
        ((200, 409), "violation"),
        ((201, 409), "violation"),
        ((409, 409), "violation"),
        ((400, 422), "violation"),
        ((409, 503), "untested"),
        ((409, 429), "untested"),
        ((409, 0), "untested"),
        ((202,), "untested"),
        ((), "untested"),
    ],
)
def test_exactly_one_is_accepted_and_the_others_are_refused(statuses: tuple[int, ...], expected: str) -> None:
    assert outcome(ONE_WINS, recording(*race(*statuses))) == expected


def test_only_the_posts_themselves_in_their_last_attempt_are_in_the_race() -> None:
    assert outcome(ONE_WINS, recording(*race(202, 409), same(3, 202, limited=True))) == "kept"
    assert outcome(ONE_WINS, recording(*race(202, 409), same(3, 500, outage=True))) == "kept"
    assert outcome(ONE_WINS, recording(*race(202, 409), exchange("racing/same-tail", "tail-events", 200))) == "kept"
    broke = Break("racing", "same-1", "status 500")
    assert "broke off at same-1" in found(ONE_WINS, recording(*race(202), breaks=[broke]))


def test_where_none_was_accepted_an_outage_or_a_busy_tenant_explains_it() -> None:
    attempt = same(1, 503, outage=True, name="racing/same-1/outage-1", at=9.0)
    assert "may have been accepted all the same" in found(ONE_WINS, recording(*race(409, 409), attempt))
    other = same(1, 503, outage=True, name="racing/else/outage-1", at=9.0)
    assert outcome(ONE_WINS, recording(*race(409, 409), other)) == "violation"
    elsewhere = post(1, journey="refusals", session="session-2", at=9.0)
    assert outcome(ONE_WINS, recording(*race(409, 409), elsewhere)) == "unobservable"
    assert outcome(ONE_WINS, recording(*race(422, 400), elsewhere)) == "violation"
    earlier = post(1, journey="refusals", session=SESSION, at=9.0)
    assert outcome(ONE_WINS, recording(*race(409, 409), earlier)) == "violation"


# --- IDEM-02 of the losers --------------------------------------------------------------------------------------------


NEVER_BUSY = [rival(1, name="racing/rival-1"), rival(2, name="racing/rival-2")]


@pytest.mark.parametrize(
    ("played", "kept"),
    [
        ([same(1, 202), same(2, body=NAMED), *NEVER_BUSY], True),
        ([same(1, 202), same(2, body=UNNAMED), *NEVER_BUSY], False),
        ([same(1, 202), same(2, body=NAMED), same(3, body=UNNAMED), *NEVER_BUSY], False),
        ([same(1, 202), same(2, 422, body=UNNAMED), *NEVER_BUSY], True),
        ([same(1, 202), same(2, body=UNNAMED)], True),
        ([same(1, 202), same(2, body=UNNAMED), NEVER_BUSY[0]], True),
        ([same(1, 202), same(2, body=UNNAMED), *NEVER_BUSY, post(8, 409, name="dialogue/busy", busy=True)], True),
        ([same(1, 202), same(2, 202), same(3, body=UNNAMED), *NEVER_BUSY], True),
        ([same(2, body=UNNAMED), same(3, body=UNNAMED), *NEVER_BUSY], True),
        ([same(1, 202), same(2, body=UNNAMED, outage=True), *NEVER_BUSY], True),
        ([same(1, 202), same(2, body=UNNAMED, limited=True), *NEVER_BUSY], True),
        ([same(1, 202, body={"data": {"user_message_id": ""}}), same(2, body=UNNAMED), *NEVER_BUSY], True),
        ([same(1, 202, body={"data": {"user_message_id": 1}}), same(2, body=UNNAMED), *NEVER_BUSY], True),
    ],
)
def test_the_losers_are_told_the_original(played: list[Exchange], kept: bool) -> None:
    assert outcome(TOLD, recording(*played)) == ("kept" if kept else "violation")


# --- IDEM-03 of the losers --------------------------------------------------------------------------------------------


def messages(same_text: int, *others: int, role: bool = True, status: int = 200, more: bool = False) -> Exchange:
    """The replay: so often the text of the race, and so often that of each rival."""
    texts = [T] * same_text + [f"text {n}" for n, often in enumerate(others, 1) for _ in range(often)]
    data = [{"text": text, **({"role": "user"} if role else {})} for text in texts]
    body = {"data": data, "meta": {"pagination": {"has_more": more}}}
    return exchange("racing/messages", "list-messages", status, body, at=40.0, method="GET", session=SESSION)


TEXTS = [rival(1, text="text 1"), rival(2, text="text 2")]


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (messages(1, 1, 1), True),
        (messages(2, 1, 1), False),
        (messages(2, 2, 2), True),
        (messages(2, 1, 2), True),  # the rivals do not agree
        (messages(2, 0, 0), True),  # they are not shown: the replay lags
        (messages(0, 1, 1), True),
        (messages(4, 2, 2), False),
        (messages(2, 1, 1, status=500), True),
        (messages(2, 1, 1, more=True), True),
    ],
)
def test_the_losers_are_not_stored(shown: Exchange, kept: bool) -> None:
    assert outcome(STORED, recording(*race(202, 409), *TEXTS, shown)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    "played",
    [
        [*race(202), *TEXTS],
        [*race(202, 409)],
        [*race(202, 409, 503), *TEXTS],
        [*race(202, 409, 0), *TEXTS],
        [*race(202, 202), *TEXTS],
        [*race(409, 409), *TEXTS],
        [same(1, 202, text=None), same(2), *TEXTS],
        [*race(202, 409), rival(1, 409, text="text 1")],
    ],
)
def test_without_a_race_and_its_rivals_copies_are_not_counted(played: list[Exchange]) -> None:
    assert outcome(STORED, recording(*played, messages(2, 1, 1))) == "kept"


def test_one_rival_is_enough_to_compare_with() -> None:
    assert outcome(STORED, recording(*race(202, 409), TEXTS[0], messages(2, 1))) == "violation"


def test_a_copy_may_be_the_agents_own() -> None:
    echo = stream(f"1-1:start 1-2:text-start 1-3:text-delta={T.replace(' ', '_')} 1-5:finish")
    text = T.replace(" ", "_")
    posts = [same(1, 202, text=text), same(2, text=text), *TEXTS]

    def shown(role: bool) -> Exchange:
        who = {"role": "user"} if role else {}
        data = [{"text": one, **who} for one in (text, text, "text 1", "text 2")]
        return exchange("racing/messages", "list-messages", 200, {"data": data, "meta": {}}, at=40.0, session=SESSION)

    for role, expected in ((False, "kept"), (True, "violation")):
        played = [*posts, tail(echo, journey="racing"), shown(role)]
        assert outcome(STORED, recording(*played)) == expected
    quiet = tail(stream(ONE), journey="racing")
    assert outcome(STORED, recording(*posts, quiet, shown(role=False))) == "violation"


def whole(words: str, step: str = "whole", **more: Any) -> Exchange:
    return tail(stream(words, 20.5), None, None, journey="racing", name=f"racing/{step}", part=None, **more)


FIRST = tail(stream(ONE), journey="racing")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f"{TWO} {THREE}", True),
        (f"{TWO} {THREE} {FOUR}", False),
        (TWO, True),
        (f"{ONE} {TWO} {THREE}", True),  # what was there before
        (f"{TWO} {THREE} {THREE}", True),  # repeats have their own rule
        (f"{TWO} {THREE} 3-6:finish", True),
        (f"{TWO} {THREE} :start :finish", True),
    ],
)
def test_the_losers_start_no_turn(words: str, kept: bool) -> None:
    played = [*race(202, 409), FIRST, *TEXTS, whole(words)]
    assert outcome(STARTED, recording(*played)) == ("kept" if kept else "violation")


def test_a_turn_that_comes_late_is_one_of_them() -> None:
    played = [*race(202, 409), FIRST, *TEXTS, whole(f"{TWO} {THREE}")]
    assert outcome(STARTED, recording(*played, whole(FOUR, "quiet-end"))) == "violation"
    assert outcome(STARTED, recording(*played, whole("", "quiet-end"))) == "kept"


@pytest.mark.parametrize(
    "played",
    [
        [*race(202), FIRST, *TEXTS],
        [*race(202, 409)],
        [*race(202, 0), FIRST, *TEXTS],
        [*race(202, 500), FIRST, *TEXTS],
        [*race(202, 302), FIRST, *TEXTS],
        [*race(202, 409), FIRST, *TEXTS, rival(3, 500)],
        [*race(202, 409), FIRST, *TEXTS, rival(3, 0)],
        [*race(202, 409), FIRST, *TEXTS, rival(3, 299)],
        [*race(202, 409), tail(stream(ONE.replace("finish", "error")), journey="racing"), *TEXTS],
        [*race(202, 202), FIRST, *TEXTS],
        [*race(409, 409), FIRST, *TEXTS],
    ],
)
def test_where_another_turn_may_be_there_by_right_none_is_counted(played: list[Exchange]) -> None:
    assert outcome(STARTED, recording(*played, whole(f"{TWO} {THREE} {FOUR}"))) == "kept"


@pytest.mark.parametrize("status", [300, 409, 499])
def test_a_post_that_was_refused_started_none(status: int) -> None:
    played = [*race(202, 409), FIRST, *TEXTS, rival(3, status), whole(f"{TWO} {THREE} {FOUR}")]
    assert outcome(STARTED, recording(*played)) == "violation"
