"""``client_message_id`` (M8, IDEM-01 to IDEM-05)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.mock.caller import Caller, after_terminals, kinds


def test_a_duplicate_is_a_409_with_the_original_id(first: Caller) -> None:
    session = first.create()
    original = first.send(session, client_message_id="once")
    for message in ("hello", "another text"):
        response = first.post(session, message=message, client_message_id="once")
        assert response.status_code == 409
        assert response.json()["error"]["details"] == {"user_message_id": original["user_message_id"]}
    assert kinds(first.tail(session, stop=after_terminals(2), silence=0.5)).count("finish") == 1
    assert [message["role"] for message in first.messages(session)] == ["user", "assistant"]


def test_null_and_absent_never_deduplicate(first: Caller) -> None:
    session = first.create()
    for _ in range(2):
        first.send(session)
        first.send(session, client_message_id=None)
    assert kinds(first.tail(session, since="0-0", stop=after_terminals(4))).count("finish") == 4


def test_the_scope_is_the_session(first: Caller, second: Caller) -> None:
    for caller in (first, first, second):
        caller.send(caller.create(), client_message_id="same")


def test_of_many_at_once_exactly_one_is_accepted(first: Caller) -> None:
    session = first.create()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: first.post(session, message="x", client_message_id="race"), range(16)))
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert len(accepted) == 1
    message = accepted[0].json()["data"]["user_message_id"]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(refused) == 15
    assert {answer.json()["error"]["details"]["user_message_id"] for answer in refused} == {message}
    assert [stored["id"] for stored in first.messages(session) if stored["role"] == "user"] == [message]


def test_a_refused_message_leaves_its_id_free(first: Caller) -> None:
    session = first.create()
    assert first.post(session, message="", client_message_id="later").status_code == 400
    first.send(session, client_message_id="later")
