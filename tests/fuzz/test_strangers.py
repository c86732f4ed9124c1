"""Whoever has no business on an operation is seen to get in, on each of them; a correct server is not accused."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from conformance.fuzz.operations import FuzzReport, FuzzSettings, fuzz_operations
from conformance.fuzz.strangers import unknown_key
from conformance.requirements import catalogue
from tests.fuzz.server import KEY, OTHER_KEY, Behaviour, Server, running
from tests.fuzz.test_fuzzing import ALL, refusal

ON_A_SESSION = tuple(name for name in ALL if name != "createSession")


def visited(
    server: Server, *, turns: int = 3, only: tuple[str, ...] = ALL, other: str | None = OTHER_KEY
) -> FuzzReport:
    return fuzz_operations(server.base_url, KEY, None, FuzzSettings(0, turns, 30.0, 1), only=only, other_key=other)


def rules(report: FuzzReport) -> set[tuple[str, str]]:
    return {(failure.operation, failure.rule) for failure in report.failures}


def test_a_correct_server_keeps_strangers_out() -> None:
    with running(Behaviour(any_blob=False)) as server:
        report = visited(server)
    assert rules(report) == set()
    for name in ON_A_SESSION:
        counted = report.origins[name]
        assert {"no credential", "an unknown key", "another tenant's key", "another tenant's session"} <= counted.keys()
    assert report.origins["appendMessage"]["another tenant's blob_path"] == 1
    assert not any("tenant" in one for one in report.left_out)


@pytest.mark.parametrize("operation", ALL)
def test_an_operation_that_asks_for_no_credential_is_found(operation: str) -> None:
    with running(Behaviour(open_to_all=[operation])) as server:
        report = visited(server, only=(operation,))
    assert (operation, "AUTH-01") in rules(report)
    lines = [failure.curl for failure in report.failures if failure.rule == "AUTH-01"]
    assert any("Authorization" not in line for line in lines)
    assert any(unknown_key(1) in line for line in lines), "no secret: nobody was given it"


@pytest.mark.parametrize("operation", ON_A_SESSION)
def test_an_operation_that_does_not_look_whose_the_session_is_is_found(operation: str) -> None:
    with running(Behaviour(shared=[operation])) as server:
        report = visited(server, only=(operation,))
    assert (operation, "AUTH-03") in rules(report)
    assert all(OTHER_KEY not in str(failure) for failure in report.failures)
    assert any("$NEO_OTHER_API_KEY" in failure.curl for failure in report.failures)


def test_a_403_for_another_tenants_session_tells_that_it_exists() -> None:
    def answer(name: str, _body: object, response: Response) -> Response | None:
        return refusal(403, response) if name == "listMessages" and response.status_code == 404 else None

    with running(Behaviour(answer=answer)) as server:
        report = visited(server, only=("listMessages",))
    assert ("listMessages", "AUTH-03") in rules(report)


def test_another_tenants_path_in_a_message_is_a_should() -> None:
    with running(Behaviour(any_blob=True)) as server:
        report = visited(server, only=("appendMessage",))
    assert rules(report) == {("appendMessage", "ATT-08")}
    assert catalogue()["ATT-08"].level == "SHOULD"


def test_an_id_of_ours_in_anothers_answer_is_a_leak() -> None:
    path = ""

    def answer(name: str, _body: object, response: Response) -> Response | None:
        nonlocal path
        if name == "requestUploadUrl" and response.status_code == 200 and not path:
            path = bytes(response.body).decode().partition('"blob_path": "')[2].partition('"')[0]
        if name == "listMessages" and response.status_code == 404:
            return Response(
                bytes(response.body).replace(b'"no"', f'"not {path}"'.encode()), 404, plain_headers(response)
            )
        return None

    with running(Behaviour(answer=answer)) as server:
        report = visited(server, only=("listMessages", "appendMessage"))
    assert ("listMessages", "AUTH-03") in rules(report)


def plain_headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "content-length"}


@pytest.mark.parametrize(("other", "word"), [(None, "no second key"), ("neo_sk_test_dead", "gets no session")])
def test_without_a_second_tenant_it_is_told_what_was_left_out(other: str | None, word: str) -> None:
    with running(Behaviour()) as server:
        report = visited(server, other=other)
    assert rules(report) == set()
    assert any(word in one for one in report.left_out)


def test_with_no_turn_left_none_is_started_by_strangers() -> None:
    with running(Behaviour()) as server:
        report = visited(server, turns=0)
    assert server.turns == report.turns == 0
    assert any("no turn left" in one for one in report.left_out)
