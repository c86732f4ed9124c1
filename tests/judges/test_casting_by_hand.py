"""Castings of recordings written by hand: which session plays which part, and under which names its steps go then."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.casting import (
    ATTACHMENT_RULES,
    DUPLICATE_RULES,
    RACE_RULES,
    TURN_RULES,
    Casting,
    castings,
)
from conformance.recording import Exchange
from conformance.requirements import catalogue
from tests.judges.by_hand import exchange, post, recording, stream, tail

ONE, TWO = "h-session-1", "h-session-2"
WORDS = "1-1:start 1-2:text-start 1-3:finish"


def created(journey: str = ONE, at: float = 1.0, session: str = "own-id") -> Exchange:
    body = {"data": {"id": session}, "meta": {"request_id": "r"}}
    return exchange(f"{journey}/session", "create-session", 201, body, at=at, expected="created", history=True)


def turn(number: int, at: float, journey: str = ONE, **more: Any) -> Exchange:
    return post(number, journey=journey, at=at, name=f"{journey}/turn-{number}/post", **more)


def again(number: int, of: int, at: float, journey: str = ONE, status: int = 409, **more: Any) -> Exchange:
    """A post under the client_message_id of turn ``of``."""
    facts = {"part": "duplicate", "duplicate_of": of, "same_body": True, **more}
    return exchange(f"{journey}/duplicate-{number}", "append-message", status, {}, at=at, **facts)


def page(step: str, at: float, journey: str = ONE) -> Exchange:
    return exchange(f"{journey}/{step}", "list-messages", 200, {"data": []}, at=at, method="GET")


def made(*exchanges: Exchange, rules: frozenset[str] | None = None) -> list[Casting]:
    """The castings, or those that have these rules."""
    return [one for one in castings(recording(*exchanges)) if rules is None or one.rules == rules]


def names(casting: Casting) -> list[str]:
    """The names of all exchanges, in the order in which they were sent."""
    return [one.name for one in casting.recording.exchanges]


def only(*exchanges: Exchange, rules: frozenset[str]) -> Casting:
    found = made(*exchanges, rules=rules)
    assert len(found) == 1
    return found[0]


def test_the_rules_of_a_dialogue_are_those_that_need_no_clock() -> None:
    by_group = {group: {one for one in catalogue() if one.startswith(group)} for group in ("CUR", "EVT", "ACC")}
    # Races have CUR-11, and CUR-10 is about cursors that no history sends; 07 of the others measures time.
    assert {one for one in TURN_RULES if one.startswith("CUR")} == by_group["CUR"] - {"CUR-10", "CUR-11"}
    assert {one for one in TURN_RULES if one.startswith("EVT")} == by_group["EVT"] - {"EVT-07"}
    assert {one for one in TURN_RULES if one.startswith("ACC")} == by_group["ACC"] - {"ACC-07"}
    assert set(catalogue()) >= TURN_RULES | DUPLICATE_RULES | RACE_RULES | ATTACHMENT_RULES


# --- the dialogue -----------------------------------------------------------------------------------------------------


def test_each_session_plays_the_dialogue_and_the_others_keep_their_names() -> None:
    played = [created(), turn(1, 2.0), created(TWO, 3.0), turn(1, 4.0, TWO)]
    first, second = made(*played, rules=TURN_RULES)
    assert names(first) == ["dialogue/session", "dialogue/turn-1/post", f"{TWO}/session", f"{TWO}/turn-1/post"]
    assert names(second) == [f"{ONE}/session", f"{ONE}/turn-1/post", "dialogue/session", "dialogue/turn-1/post"]
    assert [one.facts for one in first.recording.exchanges] == [one.facts for one in played]


def test_a_session_that_was_not_created_has_no_part() -> None:
    assert made(turn(1, 2.0)) == []
    assert made(exchange("strangers/list", "list-messages", 404, credential="other")) != []
    assert {one.rules for one in made(exchange("strangers/x", "list-messages", 404))} == {frozenset({"AUTH-03"})}
    assert made(exchange("stranger/x", "list-messages", 404)) == []


def foreign(at: float, session: str, part: str = "foreign", journey: str = ONE) -> Exchange:
    return tail([], None, None, opened=at, name=f"{journey}/foreign-1", part=part, session=session, journey=journey)


def test_a_tail_from_another_session_s_id_is_that_of_the_idle_one() -> None:
    # The posts of this session say whose it is: "session-1".
    played = [created(), turn(1, 2.0), foreign(3.0, "session-1"), foreign(4.0, "session-2", journey=TWO)]
    casting = made(*played, rules=TURN_RULES)[0]
    assert names(casting)[2:] == ["idle/foreign-1", f"{TWO}/foreign-1"]
    other = made(created(), turn(1, 2.0), foreign(3.0, "session-1", part="tail"), rules=TURN_RULES)[0]
    assert names(other)[2] == "dialogue/foreign-1"


# --- catching up ------------------------------------------------------------------------------------------------------


def caught_up(step: str, at: float, part: str = "catch-up", journey: str = ONE) -> Exchange:
    return tail(stream(WORDS, at + 0.1), None, None, opened=at, name=f"{journey}/{step}", part=part, journey=journey)


def test_a_tail_that_catches_up_is_judged_on_what_was_there_when_it_was_opened() -> None:
    link = caught_up("catch-up-1/link-2", 6.0, part="link")
    played = [created(), turn(1, 2.0), caught_up("catch-up-1", 5.0), link, turn(2, 7.0), caught_up("catch-up-2", 9.0)]
    first, second = made(*played, rules=frozenset({"CUR-07"}))
    assert names(first) == ["dialogue/session", "dialogue/turn-1/post", "dialogue/catch-up", "dialogue/catch-up/link-2"]
    assert names(second) == [
        *["dialogue/session", "dialogue/turn-1/post", "dialogue/catch-up-1", "dialogue/catch-up-1/link-2"],
        *["dialogue/turn-2/post", "dialogue/catch-up"],
    ]


def test_nothing_else_is_a_tail_that_catches_up() -> None:
    played = [created(), turn(1, 2.0), caught_up("catch-up-1", 5.0, part="tail"), caught_up("tail-1", 6.0)]
    assert made(*played, rules=frozenset({"CUR-07"})) == []
    beside = [created(), turn(1, 2.0), caught_up("catch-up-1", 5.0, journey=TWO)]
    assert made(*beside, rules=frozenset({"CUR-07"})) == []


def test_the_same_moment_is_not_later() -> None:
    played = [created(), caught_up("catch-up-1", 5.0), turn(1, 5.0)]
    assert names(only(*played, rules=frozenset({"CUR-07"})))[-1] == "dialogue/turn-1/post"


# --- duplicates -------------------------------------------------------------------------------------------------------


def duplicated() -> list[Exchange]:
    """Two turns, the second one's message again while nothing runs, and the replays around it."""
    return [
        *[
            created(),
            turn(1, 2.0),
            page("messages-1", 3.0),
            turn(2, 4.0),
            page("messages-2", 5.0),
            page("messages-3", 6.0),
        ],
        *[page("messages-3/next", 6.5), again(1, 2, 7.0), page("messages-4", 8.0), page("messages-5", 9.0)],
        turn(3, 10.0),
        page("messages-6", 11.0),
    ]


def test_the_message_that_was_repeated_becomes_the_first() -> None:
    casting = only(*duplicated(), rules=DUPLICATE_RULES)
    assert names(casting) == [
        *["duplicates/session", f"{ONE}/turn-1/post", "duplicates/messages-1", "duplicates/turn-1/post"],
        *["duplicates/messages-2", "duplicates/messages-before", "duplicates/messages-before/next"],
        *["duplicates/duplicate-1", "duplicates/messages-after", "duplicates/messages-5"],
        *["duplicates/turn-2/post", "duplicates/messages-end"],
    ]
    facts = {one.name: one.facts for one in casting.recording.exchanges}
    assert facts["duplicates/duplicate-1"]["duplicate_of"] == 1
    assert [facts[f"duplicates/turn-{n}/post"]["turn"] for n in (1, 2)] == [1, 2]
    assert facts[f"{ONE}/turn-1/post"]["turn"] == 1


def test_each_repeated_message_has_a_casting_of_its_own_in_the_order_of_the_turns() -> None:
    played = [created(), turn(1, 2.0), turn(2, 4.0), again(1, 2, 7.0), again(2, 1, 8.0), again(3, 2, 9.0)]
    first, second = made(*played, rules=DUPLICATE_RULES)
    assert names(first)[1:] == [
        *["duplicates/turn-1/post", "duplicates/turn-2/post", f"{ONE}/duplicate-1", "duplicates/duplicate-2"],
        f"{ONE}/duplicate-3",
    ]
    assert names(second)[1:] == [
        *[f"{ONE}/turn-1/post", "duplicates/turn-1/post", "duplicates/duplicate-1", f"{ONE}/duplicate-2"],
        "duplicates/duplicate-3",
    ]


def test_what_is_no_duplicate_with_a_number_makes_no_casting() -> None:
    assert made(created(), turn(1, 2.0), again(1, 1, 3.0, part="rival"), rules=DUPLICATE_RULES) == []
    odd = again(1, 1, 3.0, duplicate_of="1")
    assert made(created(), turn(1, 2.0), odd, rules=DUPLICATE_RULES) == []
    assert made(created(), turn(1, 2.0), again(1, 1, 3.0, journey=TWO), rules=DUPLICATE_RULES) == []


def quiet(number: int, at: float) -> Exchange:
    return tail([], number, None, opened=at, name=f"{ONE}/quiet-{number}", part="quiet", journey=ONE)


def test_silence_is_numbered_with_the_turns() -> None:
    played = [created(), turn(1, 2.0), quiet(1, 3.0), turn(2, 4.0), again(1, 2, 5.0), quiet(2, 6.0)]
    cast = names(only(*played, rules=DUPLICATE_RULES))
    assert cast == [
        *["duplicates/session", f"{ONE}/turn-1/post", f"{ONE}/quiet-1", "duplicates/turn-1/post"],
        *["duplicates/duplicate-1", "duplicates/quiet-1"],
    ]


@pytest.mark.parametrize(
    ("extra", "before", "after"),
    [
        # Another message was accepted between the replay and the duplicate, or between it and the replay behind it.
        ([turn(3, 6.7)], None, "messages-4"),
        ([turn(3, 7.5)], "messages-3", None),
        # Accepted with another status than the documented one is accepted all the same.
        ([turn(3, 6.7, status=200)], None, "messages-4"),
        ([turn(3, 6.7, status=299)], None, "messages-4"),
        # Not accepted: it changes nothing.
        ([turn(3, 6.7, status=409), turn(4, 7.5, status=503)], "messages-3", "messages-4"),
        ([turn(3, 6.7, status=199), turn(4, 7.5, status=300)], "messages-3", "messages-4"),
    ],
)
def test_a_replay_counts_only_where_nothing_else_was_accepted(
    extra: list[Exchange], before: str | None, after: str | None
) -> None:
    played = [created(), turn(1, 2.0), turn(2, 4.0), page("messages-3", 6.0), again(1, 2, 7.0)]
    played += [page("messages-4", 8.0), page("messages-5", 9.0)]
    plain = sorted([*played, *extra], key=lambda one: one.sent_at)
    cast = dict(zip([one.name for one in plain], names(only(*played, *extra, rules=DUPLICATE_RULES)), strict=True))
    for step, name, given in (("messages-3", "messages-before", before), ("messages-4", "messages-after", after)):
        assert cast[f"{ONE}/{step}"] == f"duplicates/{name if given == step else step}"
    assert cast[f"{ONE}/messages-5"] == "duplicates/messages-end"


def test_only_a_duplicate_while_nothing_runs_has_replays_around_it() -> None:
    played = [created(), turn(1, 2.0), page("messages-1", 3.0), again(1, 1, 4.0, while_running=True)]
    played += [page("messages-2", 5.0), page("messages-3", 6.0)]
    assert names(only(*played, rules=DUPLICATE_RULES))[2:] == [
        *["duplicates/messages-1", "duplicates/duplicate-1", "duplicates/messages-2", "duplicates/messages-end"]
    ]
    accepted = [created(), turn(1, 2.0), page("messages-1", 3.0), again(1, 1, 4.0, turn=2, status=202)]
    assert names(only(*accepted, page("messages-2", 5.0), rules=DUPLICATE_RULES))[2] == "duplicates/messages-1"


def test_a_replay_that_overlaps_the_duplicate_is_neither_before_nor_after() -> None:
    overlapping = exchange(f"{ONE}/messages-1", "list-messages", 200, {"data": []}, at=3.9, took=0.5, method="GET")
    played = [created(), turn(1, 2.0), overlapping, again(1, 1, 4.0), page("messages-2", 5.0), page("messages-3", 6.0)]
    assert names(only(*played, rules=DUPLICATE_RULES))[2:] == [
        *["duplicates/messages-1", "duplicates/duplicate-1", "duplicates/messages-after", "duplicates/messages-end"]
    ]


def test_of_several_replays_the_last_one_before_counts_and_the_last_of_all_is_the_end_only_behind_the_duplicate() -> (
    None
):
    played = [created(), turn(1, 2.0), page("messages-1", 3.0), page("messages-2", 3.5), again(1, 1, 4.0)]
    assert names(only(*played, rules=DUPLICATE_RULES))[2:4] == ["duplicates/messages-1", "duplicates/messages-before"]


# --- races ------------------------------------------------------------------------------------------------------------


def racer(name: str, at: float = 20.0, status: int = 202, rival: str = "fresh", number: int = 11) -> Exchange:
    return post(number, status, journey=ONE, at=at, name=f"{ONE}/{name}", rival=rival, part="rival")


def test_each_race_plays_the_racing_journey_with_the_steps_that_it_has_there() -> None:
    played = [created(), turn(1, 2.0), racer("race-1/rival-1"), racer("race-1/rival-2", number=12)]
    played += [racer("race-2/rival-1", 30.0, number=13), racer("race-2/rival-2", 30.0, number=14)]
    first, second = made(*played, rules=RACE_RULES)
    assert names(first)[2:] == ["racing/rival-1", "racing/rival-2", f"{ONE}/race-2/rival-1", f"{ONE}/race-2/rival-2"]
    assert names(second)[2:] == [f"{ONE}/race-1/rival-1", f"{ONE}/race-1/rival-2", "racing/rival-1", "racing/rival-2"]
    assert names(first)[:2] == ["racing/session", "racing/turn-1/post"]


def same(first: int, second: int, *others: Exchange) -> list[Casting]:
    posts = [racer("race-1/same-1", 20.0, first, "same"), racer("race-1/same-2", 20.0, second, "same", 12)]
    return made(created(), *others, *posts, rules=RACE_RULES)


def test_of_one_id_at_once_a_race_behind_another_message_is_judged_only_where_one_was_accepted() -> None:
    assert len(same(409, 409)) == 1
    assert same(409, 409, turn(1, 2.0)) == []
    assert len(same(202, 409, turn(1, 2.0))) == 1
    assert len(same(409, 202, turn(1, 2.0))) == 1
    assert len(same(409, 409, turn(1, 20.0))) == 1, "sent at the same moment, and not before"
    assert len(same(409, 409, page("messages-1", 2.0))) == 1
    assert len(same(409, 409, turn(1, 2.0, TWO))) == 1


def test_a_race_of_another_session_is_left_where_it_is() -> None:
    other = post(11, journey=TWO, at=20.0, name=f"{TWO}/race-1/rival-1", rival="fresh", part="rival")
    assert made(created(), racer("race-one/rival-1"), other, rules=RACE_RULES) == []
    casting = only(created(), racer("race-1/rival-1"), other, rules=RACE_RULES)
    assert names(casting)[1:] == ["racing/rival-1", f"{TWO}/race-1/rival-1"]


# --- attachments ------------------------------------------------------------------------------------------------------


def attached(at: float, **more: Any) -> Exchange:
    return turn(1, at, attachments=["blobs/1"], **more)


def test_the_last_replay_behind_all_messages_shows_the_attachments() -> None:
    played = [created(), attached(2.0), page("messages-1", 3.0), page("messages-2", 4.0), page("messages-2/2", 4.5)]
    beside = page("messages-20", 3.5)
    assert names(only(*played, beside, rules=ATTACHMENT_RULES)) == [
        *["attachments/session", "attachments/turn-1/post", "attachments/messages-1", "attachments/messages-20"],
        *["attachments/messages", "attachments/messages/2"],
    ]


@pytest.mark.parametrize(
    "played",
    [
        [turn(1, 2.0), page("messages-1", 3.0)],
        [attached(2.0)],
        [attached(2.0, status=409), page("messages-1", 3.0)],
        [attached(2.0), page("messages-1", 3.0), turn(2, 4.0)],
        [attached(2.0), page("messages-1", 3.0, TWO)],
    ],
    ids=["no attachments", "no replay", "not accepted", "a later message", "another session"],
)
def test_without_such_a_replay_there_is_nothing_to_judge(played: list[Exchange]) -> None:
    assert made(created(), *played, rules=ATTACHMENT_RULES) == []


def test_a_message_that_was_not_accepted_may_come_later() -> None:
    played = [created(), attached(2.0), page("messages-1", 3.0), turn(2, 4.0, status=409)]
    assert len(made(*played, rules=ATTACHMENT_RULES)) == 1
