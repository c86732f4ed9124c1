"""Generated requests mean something: real sessions, paths, ids and cursors are in them, and the report counts them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from conformance.fuzz.dressing import dress
from conformance.fuzz.expectation import Request, Verdict, expect
from conformance.fuzz.generation import cases, operations
from conformance.fuzz.known import Grant, Known
from conformance.fuzz.literals import FIRST, OTHERS
from conformance.fuzz.operations import FuzzSettings, fuzz_operations
from tests.fuzz.server import KEY, OTHER_KEY, Behaviour, running

AGENT = {"managed_agent_key": "NEO_SUPPORT"}
PATH = ("blobs/1", "image/png")


def message(body: Any, **more: Any) -> Request:
    return Request("appendMessage", body, True, {}, {}, True, AGENT, **more)


def attached(*paths: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    return [{"blob_path": path, "mime": mime, **more} for path, mime in paths]


EXPECTED: dict[str, tuple[Request, Verdict, str]] = {
    "an upload": (message({"attachments": attached(PATH)}, paths=frozenset({PATH})), Verdict.ACCEPTED, "ATT-05"),
    "an upload and a text": (
        message({"message": "Look", "attachments": attached(PATH, alt="a", filename="b.png")}, paths=frozenset({PATH})),
        Verdict.ACCEPTED,
        "ACC-01",
    ),
    "a path that was only granted": (message({"attachments": attached(PATH)}), Verdict.OPEN, ""),
    "one path twice": (message({"attachments": attached(PATH, PATH)}, paths=frozenset({PATH})), Verdict.OPEN, ""),
    "another media type": (
        message({"attachments": attached(("blobs/1", "image/gif"))}, paths=frozenset({PATH})),
        Verdict.OPEN,
        "",
    ),
    "a null beside the path": (
        message({"attachments": attached(PATH, alt=None)}, paths=frozenset({PATH})),
        Verdict.OPEN,
        "",
    ),
    "an accepted message once more": (message({"message": "a"}, repeated=True), Verdict.REFUSED, "IDEM-01"),
    "the session's last cursor": (
        Request("tailEvents", None, False, {"since": "4-0"}, {}, True, AGENT, cursors=frozenset({"4-0"})),
        Verdict.ACCEPTED,
        "CUR-03",
    ),
    "the same by header": (
        Request("tailEvents", None, False, {}, {"Last-Event-Id": "4-0"}, True, AGENT, cursors=frozenset({"4-0"})),
        Verdict.ACCEPTED,
        "CUR-03",
    ),
    "both at once": (
        Request("tailEvents", None, False, {"since": "4-0"}, {"Last-Event-Id": "4-0"}, True, AGENT, frozenset({"4-0"})),
        Verdict.OPEN,
        "",
    ),
    "a cursor of its own": (Request("tailEvents", None, False, {"since": "9"}, {}, True, AGENT), Verdict.OPEN, ""),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_the_pages_state_of_it(name: str) -> None:
    request, verdict, rule = EXPECTED[name]
    expectation = expect(request)
    assert (expectation.verdict, expectation.rule) == (verdict, rule)


def test_nearly_every_literal_is_surely_no_reason_to_refuse_a_message() -> None:
    doubtful = {text for text in (*FIRST, *OTHERS) if expect(message({"message": text})).verdict is Verdict.OPEN}
    assert doubtful == {"[]", "{}", "\u00a0a\u00a0"}, "no letter and no digit, or a blank of its own"


def known() -> Known:
    grants = [Grant("blobs/1", "image/png", uploaded=True), Grant("blobs/2", "image/gif")]
    accepted: list[Any] = [{"message": "a", "client_message_id": "id-00000001"}]
    return Known(AGENT, live="live", unknown="gone", cursors=["4-0", "5-0"], grants=grants, accepted=accepted)


def test_with_one_seed_the_same_is_given() -> None:
    operation = operations("http://127.0.0.1:1")["appendMessage"]
    runs = []
    for _ in range(2):
        chance = random.Random(3)
        given = []
        for drawn in cases(operation, examples=15, seed=3, until=float("inf")):
            words = dress("appendMessage", drawn.case, known(), chance, drawn.how)
            given.append((drawn.how, words, repr(drawn.case.body)))
        runs.append(given)
    assert runs[0] == runs[1]
    given_to_some = {word for _, words, _ in runs[0] for word in words}
    assert {"a granted blob_path", "a repeated client_message_id"} <= given_to_some
    assert {how for how, _, _ in runs[0]} == {"example", "literal", "extreme", "boundary", "generated"}


def test_a_run_uses_what_the_server_gave_and_counts_it() -> None:
    with running(Behaviour()) as server:
        settings = FuzzSettings(examples=20, turns=40, seconds=60.0, seed=1)
        report = fuzz_operations(server.base_url, KEY, None, settings, other_key=OTHER_KEY)
    assert {failure.rule for failure in report.failures} <= {"ATT-08"}, "this server takes any path"
    messages, tails = report.origins["appendMessage"], report.origins["tailEvents"]
    for word in ("the live session", "an unknown session", "a granted blob_path", "a fresh client_message_id"):
        assert messages[word] > 0, word
    assert messages["a repeated client_message_id"] > 0
    assert tails["a seen cursor"] > 0
    assert tails["a made-up cursor"] > 0
    assert server.messages["with an upload"] > 0
    for name, counts in report.origins.items():
        assert counts["literal"] >= 5, name
        assert counts["boundary"] + counts["generated"] + counts["literal"] + counts["example"] > 20, name
    told = report.to_json()
    assert told["operations"]["appendMessage"]["origins"]["the live session"] == messages["the live session"]
    assert told["seed"] == 1


def test_an_id_that_does_not_deduplicate_is_found() -> None:
    # What is drawn depends on what else the process has imported (hypothesis takes constants from it): so there are many.
    with running(Behaviour(deduplicates=False)) as server:
        settings = FuzzSettings(examples=60, turns=60, seconds=60.0, seed=1)
        report = fuzz_operations(server.base_url, KEY, None, settings, only=["appendMessage"])
    assert ("appendMessage", "IDEM-01") in {(one.operation, one.rule) for one in report.failures}


def test_an_upload_that_leads_elsewhere_is_not_made() -> None:
    with running(Behaviour(upload_url="http://169.254.169.254/blob")) as server:
        settings = FuzzSettings(examples=1, turns=2, seconds=20.0, seed=1)
        report = fuzz_operations(server.base_url, KEY, None, settings, only=["appendMessage"])
    assert report.failures == ()
    assert any("no picture could be uploaded" in one for one in report.left_out)


def test_without_turns_it_is_told_what_was_left_out() -> None:
    with running(Behaviour()) as server:
        report = fuzz_operations(
            server.base_url, KEY, None, FuzzSettings(5, 0, 20.0, 1), only=["appendMessage"], other_key=OTHER_KEY
        )
    assert server.turns == 0
    assert any("messages that could start a turn" in one for one in report.to_json()["left_out"])
