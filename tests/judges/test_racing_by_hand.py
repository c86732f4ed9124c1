"""CUR-11 on recordings written by hand: two posts at once, what each one's own tail has, and what may be told from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from conformance.recording import Break, Exchange, Frame
from conformance.scenarios import test_racing as racing
from conformance.scenarios import test_racing_turns as turns
from tests.judges.by_hand import found, outcome, post, recording, rival, stream, tail

EXCLUDE = racing.test_cursors_of_racing_posts_exclude_what_the_client_held
INCLUDE = racing.test_cursors_of_racing_posts_include_what_came_later
OWN_START = turns.test_a_racing_turn_is_in_its_own_tail_from_its_start

BEFORE = "1-1:start 1-2:text-start 1-3:finish"
FIRST = "2-1:start 2-2:text-start 2-3:text-delta 2-4:text-end 2-5:finish"
SECOND = "3-1:start 3-2:text-start 3-3:text-delta 3-4:text-end 3-5:finish"
BOTH = f"{FIRST} {SECOND}"
NONE_RACED = "unobservable: the server took one post at a time: no two accepted ones raced"


def first_turn(words: str = BEFORE, **more: Any) -> list[Exchange]:
    """What the client holds before the rivals are posted, at second 20."""
    return [post(1, journey="racing"), tail(stream(words), journey="racing", **more)]


def whole(words: str = BOTH, **more: Any) -> Exchange:
    values = {"name": "racing/whole", "part": None, "opened": 19.9, **more}
    return tail(stream(words, 20.2), None, None, journey="racing", **values)


def own(number: int, words: str | Sequence[Frame] = BOTH, **more: Any) -> Exchange:
    frames = stream(words, 20.2) if isinstance(words, str) else words
    values = {"name": f"racing/rival-{number}/tail", "part": "rival-tail", "opened": 20.1, "ending": "goal", **more}
    return tail(frames, None, None, journey="racing", **values)


def rivals(**more: Any) -> list[Exchange]:
    return [rival(1, cursor="1-3", **more), rival(2, cursor="1-3", **more)]


def race(one: str = BOTH, two: str = BOTH, of_all: str = BOTH, **more: Any) -> list[Exchange]:
    return [*first_turn(), *rivals(), whole(of_all), own(1, one, **more), own(2, two, **more)]


@pytest.mark.parametrize("scenario", [EXCLUDE, INCLUDE, OWN_START])
def test_two_accepted_posts_and_their_tails_keep_it(scenario: Any) -> None:
    assert found(scenario, recording(*race())) == "kept"
    assert outcome(scenario, recording(*race(two=SECOND))) == "kept"
    assert outcome(scenario, recording(*race(one=SECOND))) == "kept"


@pytest.mark.parametrize("scenario", [EXCLUDE, INCLUDE, OWN_START])
def test_without_an_accepted_one_it_is_untested(scenario: Any) -> None:
    played = [*first_turn(), rival(1, 409), rival(2, 409)]
    assert outcome(scenario, recording(*played)) == "untested"
    broke = Break("racing", "rival-1", "status 500")
    reason = found(scenario, recording(*played, breaks=[broke]))
    assert "rival-1: status 500" in reason


# --- what the client held ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f"1-3:finish {BOTH}", False),
        (f"{BOTH} 1-1:start", False),
        (f"1-3:finish=other {BOTH}", True),  # the same id with other data: another rule
        (f":finish {BOTH}", True),  # without an id two ends of turns are alike
        (f"1-4:data-title {BOTH}", True),
    ],
)
def test_nothing_that_was_received_before_the_post_comes_again(number: int, words: str, kept: bool) -> None:
    played = race(**{"one" if number == 1 else "two": words})
    assert outcome(EXCLUDE, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("received_at", "kept"),
    [(19.9, False), (19.999, False), (20.0, True), (20.1, True)],
)
def test_only_what_came_before_the_post_was_sent_was_held(received_at: float, kept: bool) -> None:
    late = [post(1, journey="racing"), tail([*stream(BEFORE), *stream("2-1:start", received_at)], journey="racing")]
    played = [*late, *rivals(), whole(), own(1), own(2)]
    assert outcome(EXCLUDE, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    "other", [{"opened": 20.0}, {"session": "session-2"}, {"journey": "dialogue"}, {"status": 404}]
)
def test_a_tail_of_elsewhere_or_later_is_not_what_the_client_held(other: dict[str, Any]) -> None:
    values = {"journey": "racing", "name": f"{other.get('journey', 'racing')}/turn-1/tail-again", **other}
    again = tail(stream("2-1:start", 19.0), 1, "again", **values)
    assert outcome(EXCLUDE, recording(*race(), again)) == "kept"


def test_a_transient_part_may_come_again() -> None:
    fleeting = stream("1-9:data-progress", 15.0)
    data = fleeting[0].data.replace("}", ', "transient": true}')
    part = Frame(15.0, fleeting[0].event.__class__(data, "", "1-9", "1-9", None))
    held = tail([*stream(BEFORE), part], journey="racing")
    played = [post(1, journey="racing"), held, *rivals(), whole(), own(1, [part, *stream(BOTH, 20.2)]), own(2)]
    assert outcome(EXCLUDE, recording(*played)) == "kept"


@pytest.mark.parametrize("cursor", [None, 7])
def test_a_rival_without_a_cursor_shows_no_exclusion(cursor: Any) -> None:
    bare = [rival(1, cursor=cursor), rival(2, cursor=cursor)]
    played = [*first_turn(), *bare, whole(), own(1, f"{BEFORE} {BOTH}"), own(2, f"{BEFORE} {BOTH}")]
    assert found(EXCLUDE, recording(*played)) == "unobservable: no accepted rival had a cursor and a tail from it"
    one = [*first_turn(), bare[0], rival(2, cursor="1-3"), own(1, f"{BEFORE} {BOTH}"), own(2)]
    assert outcome(EXCLUDE, recording(*one)) == "kept"


def test_exclusion_is_seen_only_on_a_tail_and_behind_something() -> None:
    refused = [*first_turn(), *rivals(), own(1, "", status=500), own(2, "", status=500)]
    assert outcome(EXCLUDE, recording(*refused)) == "unobservable"
    assert outcome(EXCLUDE, recording(*first_turn(), *rivals())) == "unobservable"
    assert outcome(EXCLUDE, recording(*rivals(), own(1), own(2))) == "unobservable"
    assert outcome(EXCLUDE, recording(*first_turn(), *rivals(), own(2))) == "kept"


def test_a_rival_that_was_told_to_wait_counts_when_it_was_accepted() -> None:
    waiting = [
        rival(1, cursor="1-3"),
        rival(2, 409, busy=True),
        rival(2, cursor="1-3", name="racing/rival-2/again", at=21.0),
    ]
    played = [*first_turn(), *waiting, whole(), own(1), own(2, f"1-3:finish {BOTH}")]
    assert outcome(EXCLUDE, recording(*played)) == "violation"
    played = [*first_turn(), *waiting, whole(), own(1), own(2)]
    assert found(INCLUDE, recording(*played)) == NONE_RACED


# --- what came later --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("ending", ["silence", "closed", "goal", "complete"])
def test_a_tail_that_was_read_out_has_an_end(number: int, ending: Any) -> None:
    tails = [own(n, FIRST[:-13] if n == number else BOTH, ending=ending) for n in (1, 2)]
    reason = found(INCLUDE, recording(*first_turn(), *rivals(), whole(), *tails))
    assert reason.startswith(f"violation: rival {number}:")
    assert "no terminal envelope" in reason


def test_a_tail_that_gave_nothing_at_all_is_found() -> None:
    played = [*first_turn(), *rivals(), whole(), own(1, "", ending="silence"), own(2)]
    assert "nothing came" in found(INCLUDE, recording(*played))


@pytest.mark.parametrize("other", [{"ending": "time-limit"}, {"ending": "broken"}, {"status": 500}])
def test_a_tail_that_was_not_read_out_proves_nothing(other: dict[str, Any]) -> None:
    tails = [own(n, "2-1:start", **other) for n in (1, 2)]
    played = [*first_turn(), *rivals(), whole(), *tails]
    assert found(INCLUDE, recording(*played)) == "unobservable: no tail of a rival was read out"
    assert outcome(INCLUDE, recording(*first_turn(), *rivals(), whole(), tails[0], own(2))) == "kept"


def test_a_turn_whose_end_no_tail_saw_is_not_its_cursors_fault() -> None:
    unended = "2-1:start 2-2:text-start"
    tails = [own(n, unended, ending="silence") for n in (1, 2)]
    played = [*first_turn(), *rivals(), whole(unended, ending="silence"), *tails]
    assert found(INCLUDE, recording(*played)) == "unobservable: no tail of a rival was read out"


def test_without_a_rivals_tail_it_is_untested() -> None:
    assert found(INCLUDE, recording(*first_turn(), *rivals(), whole())) == "untested: no accepted rival was tailed"


@pytest.mark.parametrize(
    ("opened", "ending", "kept"),
    [
        (19.9, "silence", False),
        (19.9, "time-limit", False),
        (20.0, "silence", False),
        (20.01, "silence", True),  # opened when a post was out already
        (19.9, "closed", True),
    ],
)
def test_a_tail_that_was_open_before_the_posts_shows_their_turns(opened: float, ending: Any, kept: bool) -> None:
    played = [*first_turn(), *rivals(), whole("", opened=opened, ending=ending), own(1), own(2)]
    assert outcome(INCLUDE, recording(*played)) == ("kept" if kept else "violation")


def test_where_no_rivals_tail_has_an_end_an_empty_one_shows_nothing() -> None:
    unended = "2-1:start 2-2:text-start"
    tails = [own(n, unended, ending="silence") for n in (1, 2)]
    played = [*first_turn(), *rivals(), whole("", ending="silence"), *tails]
    assert outcome(INCLUDE, recording(*played)) == "unobservable"
    refused = whole("", status=500, ending="silence")
    assert outcome(INCLUDE, recording(*first_turn(), *rivals(), refused, own(1), own(2))) == "kept"


@pytest.mark.parametrize(
    ("words", "ending", "kept"),
    [
        ("2-1:start 2-2:text-start 2-4:text-end 2-5:finish " + SECOND, "goal", False),
        (f"2-1:start {SECOND}", "goal", False),
        ("2-1:start 2-2:text-start 2-4:text-end 2-5:finish", "terminal", False),  # a gap before its last one
        (FIRST, "terminal", True),  # the client left at the first end
        (FIRST, "goal", False),
        (SECOND, "goal", True),
        (f"{FIRST[:-13]} {SECOND}", "terminal", False),
        (f"{BOTH} 4-1:data-title", "goal", True),
    ],
)
def test_a_tail_has_no_gap_behind_its_own_cursor(words: str, ending: Any, kept: bool) -> None:
    played = [*first_turn(), *rivals(), whole(), own(1), own(2, words, ending=ending)]
    assert outcome(INCLUDE, recording(*played)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("lost", "kept"),
    [
        ("2-1:start 2-2:text-start", False),
        ("2-1:start", False),
        ("2-1:data-title", True),
        ("1-9:finish-step 1-10:text-end", True),  # of the turn before, for a start follows
    ],
)
def test_what_followed_the_first_turn_is_in_one_of_the_tails(lost: str, kept: bool) -> None:
    played = [*first_turn(), *rivals(), whole(f"{lost} {SECOND}"), own(1, SECOND), own(2, SECOND)]
    assert outcome(INCLUDE, recording(*played)) == ("kept" if kept else "violation")


def test_without_any_start_the_first_thing_counts() -> None:
    words = "2-2:text-start 2-3:text-delta 2-4:text-end 2-5:finish"
    played = [*first_turn(), *rivals(), whole(words), own(1, words[15:]), own(2, words[15:])]
    assert outcome(INCLUDE, recording(*played)) == "violation"


def test_a_tail_that_shares_nothing_leaves_all_to_the_other() -> None:
    played = [*first_turn(), *rivals(), whole(), own(1, SECOND), own(2, "7-1:start 7-2:finish")]
    assert outcome(INCLUDE, recording(*played)) == "violation"
    played = [*first_turn(), *rivals(), whole(), own(1, BOTH), own(2, "7-1:start 7-2:finish")]
    assert outcome(INCLUDE, recording(*played)) == "kept"


@pytest.mark.parametrize(
    ("doubtful", "judged"),
    [
        ([post(21, 202, name="racing/same-1", part="rival", at=9.0)], True),
        ([post(21 + n, 202, name=f"racing/same-{n}", part="rival", at=9.0) for n in (1, 2)], False),
        ([post(21 + n, s, name=f"racing/same-{s}", part="rival", at=9.0) for n, s in enumerate((202, 0))], False),
        ([post(21 + n, s, name=f"racing/same-{s}", part="rival", at=9.0) for n, s in enumerate((202, 500))], False),
        ([post(21 + n, s, name=f"racing/same-{s}", part="rival", at=9.0) for n, s in enumerate((202, 499))], True),
        ([post(21 + n, s, name=f"racing/same-{s}", part="rival", at=9.0) for n, s in enumerate((202, 299))], False),
        ([rival(3, 500)], False),
        ([rival(3, 0)], False),
        ([rival(3, 299)], False),
        ([rival(3, 300)], True),
        ([rival(3, 499)], True),
    ],
)
def test_where_other_turns_may_be_in_the_stream_no_gap_is_counted(doubtful: list[Exchange], judged: bool) -> None:
    gap = "2-1:start 2-2:text-start 2-4:text-end 2-5:finish " + SECOND
    played = [*first_turn(), *rivals(), whole(), own(1), own(2, gap), *doubtful]
    assert outcome(INCLUDE, recording(*played)) == ("violation" if judged else "kept")


@pytest.mark.parametrize("other", [{"status": 500}, {"words": ""}])
def test_without_a_tail_of_all_no_gap_is_counted(other: dict[str, Any]) -> None:
    gap = "2-1:start 2-2:text-start 2-4:text-end 2-5:finish " + SECOND
    played = [*first_turn(), *rivals(), whole(**{"ending": "goal", **other}), own(1), own(2, gap)]
    assert outcome(INCLUDE, recording(*played)) == "kept"


@pytest.mark.parametrize("other", [{"ending": "time-limit"}, {"status": 500}])
def test_where_one_tail_was_not_read_out_the_other_alone_owes_nothing(other: dict[str, Any]) -> None:
    played = [*first_turn(), *rivals(), whole(), own(1, SECOND), own(2, "2-1:start", **other)]
    assert outcome(INCLUDE, recording(*played)) == "kept"


def test_one_accepted_post_is_no_race() -> None:
    played = [*first_turn(), rival(1, cursor="1-3"), rival(2, 409), whole(FIRST), own(1, FIRST)]
    assert found(INCLUDE, recording(*played)) == NONE_RACED


# --- the start of each one's turn -------------------------------------------------------------------------------------

STARTLESS = "3-4:text-end 3-5:finish"


@pytest.mark.parametrize("number", [1, 2])
def test_a_tail_that_has_no_start_has_lost_its_own_turns(number: int) -> None:
    played = race(**{"one" if number == 1 else "two": STARTLESS})
    assert found(OWN_START, recording(*played)).startswith(f"violation: rival {number}: it has no start")
    assert (
        outcome(OWN_START, recording(*[e for e in played if e.name != f"racing/rival-{3 - number}/tail"]))
        == "violation"
    )


@pytest.mark.parametrize(
    "played",
    [
        race(two="3-4:text-end"),  # it was not read to the end
        race(two=""),
        race(two=STARTLESS, of_all=BOTH[10:]),  # not every turn begins with a start
        race(two=STARTLESS, of_all=f"{BOTH} 4-1:start 3-5:finish"),
        [*race(two=STARTLESS), rival(3, 500)],
        [*race(two=STARTLESS), rival(3, 0)],
        [e for e in race(two=STARTLESS) if e.name != "racing/whole"],
    ],
)
def test_where_the_turns_cannot_be_counted_no_start_is_missed(played: list[Exchange]) -> None:
    assert found(OWN_START, recording(*played)) == "kept"


@pytest.mark.parametrize("other", [rival(3, 409), rival(3, rival="same"), post(5, part="probe", name="racing/probe")])
def test_posts_that_are_no_accepted_rivals_do_not_count(other: Exchange) -> None:
    assert outcome(OWN_START, recording(*race(two=STARTLESS), other)) == "violation"


# --- three at once ----------------------------------------------------------------------------------------------------

THIRD = "4-1:start 4-2:text-start 4-3:text-delta 4-4:text-end 4-5:finish"
ALL = f"{BOTH} {THIRD}"


def three(one: str, two: str, of_three: str | None, **more: Any) -> list[Exchange]:
    """A history's race, whose third post the server took first; ``of_three`` None: its tail was not read."""
    played = [*first_turn(), *rivals(), rival(3, cursor="1-3"), whole(ALL), own(1, one), own(2, two)]
    return [*played, own(3, of_three, **more)] if of_three is not None else played


def test_what_only_a_third_rival_has_is_not_lost() -> None:
    late = ALL.removeprefix("2-1:start 2-2:text-start ")
    assert found(INCLUDE, recording(*three(late, late, ALL))) == "kept"
    assert outcome(INCLUDE, recording(*three(late, late, late))) == "violation"


def test_what_an_unread_tail_might_have_is_not_lost() -> None:
    late = ALL.removeprefix("2-1:start 2-2:text-start ")
    assert found(INCLUDE, recording(*three(late, late, None))) == "kept"


def test_a_third_rival_keeps_the_rules_of_the_others() -> None:
    assert outcome(EXCLUDE, recording(*three(ALL, ALL, f"1-3:finish {ALL}"))) == "violation"
    assert outcome(OWN_START, recording(*three(ALL, ALL, ALL))) == "kept"
    assert outcome(OWN_START, recording(*three(ALL, ALL, THIRD.removeprefix("4-1:start ")))) == "violation"


# --- a server that closes a tail when nothing runs, and takes one post after the other -------------------------------------


@pytest.mark.parametrize("ending", ["closed", "complete"])
@pytest.mark.parametrize(
    ("behind", "expected"), [("", "kept"), (" 2-6:data-title", "kept"), (" 2-6:text-delta", "violation")]
)
def test_a_tail_closed_behind_its_turn_owes_nothing_of_the_next(behind: str, expected: str, ending: Any) -> None:
    of_all = f"{FIRST}{behind} {SECOND}"
    tails = [own(1, f"{FIRST}{behind}", ending=ending), own(2, of_all)]
    assert outcome(INCLUDE, recording(*first_turn(), *rivals(), whole(of_all), *tails)) == expected
