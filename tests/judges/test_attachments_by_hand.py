"""ATT-01, ATT-03, ATT-05, ATT-07 and ATT-09 on recordings written by hand: what is accepted, and comes back."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_attachments as attachments
from tests.judges.by_hand import SESSION, exchange, found, outcome, post, recording

SIX = attachments.test_six_attachments_are_accepted
PER_TURN = attachments.test_the_limit_counts_per_turn
EMPTY = attachments.test_an_empty_message_with_an_attachment_is_accepted
LEFT_OUT = attachments.test_the_text_may_be_left_out_beside_attachments
BARE = attachments.test_alt_and_filename_may_be_left_out
COME_BACK = attachments.test_attachments_come_back_in_the_replay


def att(turn: int, status: int = 202, count: int = 6, step: str = "post", **more: Any) -> Exchange:
    values = {"attachments": count, "name": f"attachments/turn-{turn}/{step}", **more}
    return post(turn, status, journey="attachments", **values)


def put(status: int = 201, number: int = 1) -> Exchange:
    return exchange(f"attachments/put-{number}", "put-blob", status, b"", method="PUT")


# --- ATT-01, ATT-03 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [(202, "kept"), (200, "violation"), (400, "violation"), (413, "violation"), (500, "violation")],
)
@pytest.mark.parametrize("turn", [1, 2])
def test_six_are_accepted_in_a_first_and_in_a_later_turn(turn: int, status: int, expected: str) -> None:
    played = [put(), *(att(n, status if n == turn else 202) for n in (1, 2))]
    assert outcome(SIX, recording(*played)) == expected


def test_what_says_nothing_of_the_limit_is_no_refusal_of_six() -> None:
    assert outcome(SIX, recording(att(1), att(2, 400, count=5))) == "kept"
    assert outcome(SIX, recording(att(1), att(2, 409))) == "kept"  # the session may be busy
    assert outcome(SIX, recording(att(1))) == "kept"
    assert outcome(SIX, recording(att(1, count=5), att(2, 400), put())) == "violation"
    assert outcome(SIX, recording(att(1, 429))) == "untested"
    assert found(SIX, recording(att(2))) == "untested: turn-1/post was not played"
    broke = Break("attachments", "session", "status 500")
    assert "broke off at session, status 500" in found(SIX, recording(breaks=[broke]))


def test_a_refusal_proves_nothing_where_a_blob_was_not_uploaded() -> None:
    assert "nothing was uploaded" in found(SIX, recording(att(1, 400)))
    assert "put-2 was answered 500" in found(SIX, recording(put(), put(500, 2), att(1, 400)))
    assert "put-1 was answered not at all" in found(SIX, recording(put(0), att(1, 400)))
    assert outcome(SIX, recording(put(), put(200, 2), att(1, 400))) == "violation"
    assert outcome(SIX, recording(put(500), att(1))) == "kept"


def test_where_the_bare_first_six_were_refused_those_with_a_text_decide() -> None:
    with_text = att(1, step="with-text", at=11.0)
    assert outcome(SIX, recording(att(1, 400, part="control"), with_text)) == "kept"
    refused = att(1, 422, step="with-text", at=11.0)
    assert outcome(SIX, recording(put(), att(1, 400), refused)) == "violation"
    assert outcome(SIX, recording(put(), att(1), refused)) == "kept"


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([att(1), att(2)], "kept"),
        ([att(1), att(2, 400)], "violation"),
        ([att(1), att(2, 500)], "violation"),
        ([att(1), att(2, 409)], "untested"),
        ([att(1), att(2, 429)], "untested"),
        ([att(1, 400), att(2)], "untested"),
        ([att(1, 400), att(1, step="with-text", at=11.0), att(2, 400)], "violation"),
        ([att(1)], "untested"),
        ([att(1, count=3), att(2, count=3)], "untested"),
        ([att(1, count=3), att(2, count=4)], "kept"),
        ([att(1, count=6), att(2, count=1)], "kept"),
        ([att(1, attachments=None), att(2)], "untested"),
        ([att(1), att(2), att(3, 400, step="with-both", part="control")], "violation"),
        ([att(1), att(2), att(3, 499, step="with-both", part="control")], "violation"),
        ([att(1), att(2), att(3, 409, step="with-both", part="control")], "kept"),
        ([att(1), att(2), att(3, 500, step="with-both", part="control")], "kept"),
        ([att(1), att(2), att(3, 202, step="with-both", part="control")], "kept"),
    ],
)
def test_the_limit_counts_per_turn(played: list[Exchange], expected: str) -> None:
    assert outcome(PER_TURN, recording(*played)) == expected


# --- ATT-05, ATT-07: what may be left out -----------------------------------------------------------------------------


@pytest.mark.parametrize(("scenario", "control"), [(EMPTY, "with-alt"), (BARE, "with-text")])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (202, None, "kept"),
        (400, 202, "kept"),
        (400, 400, "violation"),
        (500, 500, "violation"),
        (400, None, "untested"),
        (400, 429, "untested"),
        (429, 202, "untested"),
        (None, 202, "untested"),
    ],
)
def test_where_the_bare_one_was_refused_a_fuller_one_decides(
    scenario: Any, control: str, first: int | None, second: int | None, expected: str
) -> None:
    played = [] if first is None else [att(3, first, 1)]
    played += [] if second is None else [att(3, second, 1, control, part="control", at=31.0)]
    assert outcome(scenario, recording(*played)) == expected


@pytest.mark.parametrize("scenario", [EMPTY, BARE])
@pytest.mark.parametrize(("status", "told"), [(400, True), (499, True), (202, False), (500, False), (429, False)])
def test_where_every_form_was_refused_it_is_not_the_forms_fault(scenario: Any, status: int, told: bool) -> None:
    both = att(3, status, 1, "with-both", part="control", at=32.0)
    reason = found(scenario, recording(att(3, 400, 1), both))
    assert ("one attachment more was refused, whatever stood beside it" in reason) is told
    assert outcome(scenario, recording(att(3, 400, 1), both)) == "untested"


def test_bare_beside_a_text_and_full_without_one_must_be_bare_without_one() -> None:
    text = att(3, 202, 1, "with-text", part="control", at=31.0)
    full = att(3, 202, 1, "with-alt", part="control", at=31.5)
    assert outcome(BARE, recording(att(3, 400, 1), text, full)) == "violation"
    assert outcome(BARE, recording(att(3, 400, 1), text, att(3, 400, 1, "with-alt", part="control", at=31.5))) == "kept"
    assert outcome(BARE, recording(att(3, 202, 1), text, full)) == "kept"


@pytest.mark.parametrize(
    ("bare", "with_text", "expected"),
    [
        (202, None, "kept"),
        (202, 202, "kept"),
        (400, 202, "violation"),
        (400, 400, "kept"),
        (400, None, "kept"),
        (429, 202, "untested"),
    ],
)
def test_a_text_may_be_left_out_beside_attachments(bare: int, with_text: int | None, expected: str) -> None:
    played = [att(1, bare)]
    played += [] if with_text is None else [att(1, with_text, step="with-text", part="control", at=11.0)]
    assert outcome(LEFT_OUT, recording(*played)) == expected


# --- ATT-09 -----------------------------------------------------------------------------------------------------------


def picture(name: str, mime: str = "image/png") -> dict[str, str]:
    return {"blob_path": f"uploads/{name}-blob.png", "mime": mime}


def with_pictures(turn: int, *names: str, status: int = 202) -> Exchange:
    return att(turn, status, len(names), sent_attachments=[picture(name) for name in names])


def shown_by(rows: Any, status: int = 200, more: bool = False) -> Exchange:
    body = {"data": rows, "meta": {"pagination": {"has_more": more}}}
    return exchange("attachments/messages", "list-messages", status, body, at=90.0, method="GET", session=SESSION)


def row(message: str, *names: str, mime: str = "image/png") -> dict[str, Any]:
    return {"id": message, "files": [picture(name, mime) for name in names]}


TWO_POSTS = [with_pictures(1, "first"), with_pictures(2, "second")]
BOTH_ROWS = [row("message-1", "first"), row("message-2", "second")]


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([*TWO_POSTS, shown_by(BOTH_ROWS)], "kept"),
        ([*TWO_POSTS, shown_by(BOTH_ROWS[:1])], "violation"),
        ([*TWO_POSTS, shown_by(BOTH_ROWS[:1], more=True)], "untested"),
        ([*TWO_POSTS, shown_by([row("message-1", "second"), row("message-2", "first")])], "violation"),
        ([*TWO_POSTS, shown_by([row("message-1", "first", mime="image/gif"), BOTH_ROWS[1]])], "violation"),
        ([*TWO_POSTS, shown_by(BOTH_ROWS, 404)], "violation"),
        ([*TWO_POSTS, shown_by(BOTH_ROWS, 429)], "untested"),
        (TWO_POSTS, "untested"),
        ([shown_by(BOTH_ROWS)], "untested"),
        ([with_pictures(1, "first", status=400), shown_by([])], "untested"),
        ([with_pictures(1, "first", status=400), TWO_POSTS[1], shown_by(BOTH_ROWS[1:])], "kept"),
        ([att(1, sent_attachments="odd"), shown_by([])], "untested"),
        ([att(1, sent_attachments=["odd"]), shown_by([])], "untested"),
    ],
)
def test_each_message_comes_back_with_its_own(played: list[Exchange], expected: str) -> None:
    assert outcome(COME_BACK, recording(*played)) == expected


def test_the_last_page_of_the_replay_decides_whether_it_came() -> None:
    second = exchange("attachments/messages/page-2", "list-messages", 500, {}, at=91.0, method="GET", session=SESSION)
    assert outcome(COME_BACK, recording(*TWO_POSTS, shown_by(BOTH_ROWS), second)) == "violation"
