"""Each lawful variation, by what a client gets of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.mock.caller import Caller, Frame, after_terminals, ids, kinds

Under = Callable[..., Caller]


def first_turn(caller: Caller, **body: Any) -> tuple[str, list[Frame]]:
    session = caller.create()
    caller.send(session, **body)
    return session, caller.tail(session, stop=lambda frames: frames[-1].kind in ("finish", "abort"))


def raw_tail(caller: Caller, session: str, until: bytes) -> bytes:
    held = b""
    with caller.http.stream("GET", f"/chat/sessions/{session}/events") as response:
        for part in response.iter_raw():
            held += part
            if until in held:
                break
    return held


def test_statuses(under: Under) -> None:
    caller = under(created_status=200, grant_status=201, invalid_status=422)
    assert caller.http.post("/chat/sessions", json={"agent_id": 1}).status_code == 200
    session = caller.create()
    assert caller.grant(session).status_code == 201
    assert caller.grant(session, "image/tiff").status_code == 422
    assert caller.post(session).status_code == 422
    assert caller.http.get(f"/chat/sessions/{session}/events", params={"since": "x"}).status_code == 422
    assert (
        caller.http.post("/chat/sessions", content=b"{", headers={"content-type": "application/json"}).status_code
        == 422
    )


def test_first_cursor(under: Under) -> None:
    caller = under(turn_seconds=0, first_cursor="0-0")
    session = caller.create()
    assert caller.send(session)["since_cursor"] == "0-0"
    assert len(caller.tail(session, since="0-0")) == 40


@pytest.mark.parametrize(
    "form",
    [
        {"newline": "crlf"},
        {"newline": "cr"},
        {"bom": True, "retry_ms": 500},
        {"split_data": True},
        {"split_data": True, "newline": "cr", "bom": True, "event_name": "message"},
        {"line_separators": True},
        {"heartbeat_seconds": 0.01},
        {"extra_fields": True},
        {"done": True},
        {"after_terminal": "close", "done": True},
    ],
    ids=str,
)
def test_forms_of_the_stream(under: Under, form: dict[str, Any]) -> None:
    caller = under(turn_seconds=0.05, **form)
    session, frames = first_turn(caller)
    assert len(frames) == 40 + form.get("line_separators", False)
    assert len(set(ids(frames))) == len(frames)
    raw = raw_tail(caller, session, b'"finish"')
    assert raw.startswith(b"\xef\xbb\xbf") == form.get("bom", False)
    assert (b"retry: 500" in raw) == ("retry_ms" in form)
    assert (b"\n" in raw) == (form.get("newline") != "cr")
    assert (b"\r" in raw) == ("newline" in form)
    assert raw.count(b"data: ") > 100 if form.get("split_data") else raw.count(b"data: ") <= 42
    assert (b"xAddedLater" in raw) == form.get("extra_fields", False)
    assert ("\u2028" in raw.decode()) == form.get("line_separators", False)


def test_done_and_close(under: Under) -> None:
    caller = under(turn_seconds=0.05, done=True, after_terminal="close")
    session = caller.create()
    for _ in range(2):
        caller.send(session)
    frames = caller.tail(session, since="0-0", stop=lambda _: False)
    assert kinds(frames).count("finish") == 2
    assert kinds(frames).count("[DONE]") == 2
    assert kinds(frames)[-1] == "[DONE]"
    assert frames[-1].id is None


def test_a_kept_connection_goes_on_with_the_next_turn(under: Under) -> None:
    caller = under(turn_seconds=0)
    session = caller.create()
    caller.send(session)
    seen = []
    for frame in caller.frames(session):
        seen.append(frame)
        if len(seen) == 40:
            caller.send(session)
        if len(seen) == 80:
            break
    assert kinds(seen).count("finish") == 2


@pytest.mark.parametrize(
    ("ending", "last", "final"),
    [
        ("error", ["text-delta", "error"], 1),
        ("error-finish", ["error", "finish-step", "finish"], 3),
        ("abort", ["text-delta", "abort"], 1),
        ("approval", ["tool-input-available", "tool-approval-request", "finish-step", "finish"], 2),
    ],
)
def test_endings(under: Under, ending: str, last: list[str], final: int) -> None:
    caller = under(turn_seconds=0.05, ending=ending, after_terminal="close")
    session = caller.create()
    caller.send(session)
    one = caller.tail(session, stop=lambda _: False)
    assert kinds(one)[-len(last) :] == last
    two = caller.tail(session, since=caller.send(session)["since_cursor"], stop=lambda _: False)
    assert kinds(two) == kinds(one)
    assert ids(caller.tail(session, stop=lambda _: False)) == ids(one[-final:] + two)


def test_busy_is_a_409_without_an_id(under: Under) -> None:
    caller = under(turn_seconds=0.4, concurrency="refuse")
    session = caller.create()
    sent = caller.send(session, client_message_id="one")
    busy = caller.post(session, message="x")
    assert busy.status_code == 409
    assert "details" not in busy.json()["error"]
    assert sent["user_message_id"] not in busy.text
    duplicate = caller.post(session, message="x", client_message_id="one")
    assert duplicate.json()["error"]["details"]["user_message_id"] == sent["user_message_id"]
    caller.tail(session)
    # The session is free with the terminal envelope, not some time after it.
    caller.send(session)


def test_parallel_turns_share_the_stream(under: Under) -> None:
    caller = under(turn_seconds=1.0, concurrency="parallel")
    session = caller.create()
    for _ in range(3):
        caller.send(session)
    frames = caller.tail(session, since="0-0", stop=after_terminals(3))
    assert len(frames) == len(set(ids(frames))) == 120
    # Side by side: the last turn starts before the first one ends.
    assert kinds(frames)[: kinds(frames).index("finish")].count("start") == 3
    messages = {frame.chunk["messageId"] for frame in frames if frame.chunk and frame.kind == "start"}
    assert len(messages) == 3


def test_an_invisible_tier(under: Under) -> None:
    caller = under(turn_seconds=0, tier_visible=False)
    fast, slow = (first_turn(caller, model_tier=tier) for tier in ("FAST", "SMART"))
    for session, frames in (fast, slow):
        assert all("messageMetadata" not in (frame.chunk or {}) for frame in frames)
        assert all("model" not in message and "model_tier" not in message for message in caller.messages(session))


@pytest.mark.parametrize(("form", "sample"), [("uuid", "-"), ("prefixed", "chs_"), ("integer", "")])
def test_forms_of_ids(under: Under, form: str, sample: str) -> None:
    caller = under(turn_seconds=0, id_form=form)
    session = caller.create()
    assert sample in session
    assert session.isdigit() == (form == "integer")
    data = caller.send(session)
    assert all(isinstance(data[name], str) for name in ("chat_turn_id", "user_message_id"))
    assert caller.messages(session)[0]["id"] == data["user_message_id"]
    assert len(caller.tail(session)) == 40


def test_opaque_event_ids(under: Under) -> None:
    caller = under(turn_seconds=0.05, event_id_form="opaque", first_cursor="0-0")
    session = caller.create()
    cursor = caller.send(session)["since_cursor"]
    one = caller.tail(session, since=cursor)
    assert "-" not in cursor
    assert len(set(ids(one))) == 40
    assert ids(caller.tail(session, header=one[10].id)) == ids(one[11:])
    cursor = caller.send(session)["since_cursor"]
    assert cursor == one[-1].id
    assert len(caller.tail(session, since=cursor)) == 40
    for wrong in ("0-0", "ev", "ev!!", "ev" + "A" * 500, "1795441933972-0"):
        response = caller.http.get(f"/chat/sessions/{session}/events", params={"since": wrong})
        assert response.status_code == 400


@pytest.mark.parametrize(("shown", "count"), [("final-state", 42), ("previous-turn", 80), ("beginning", 120)])
def test_the_past_without_a_cursor(under: Under, shown: str, count: int) -> None:
    caller = under(turn_seconds=0, uncursored=shown)
    session = caller.create()
    for _ in range(3):
        caller.tail(session, since=caller.send(session)["since_cursor"] or "0-0")
    frames = caller.tail(session, stop=lambda frames: len(frames) == count)
    assert len(frames) == count
    assert caller.tail(session, since=frames[-1].id, silence=0.2) == []


def test_cursors_that_are_none(under: Under) -> None:
    caller = under(turn_seconds=0, malformed_cursor="beginning", unknown_cursor="refuse", both_cursors="query")
    session, frames = first_turn(caller)
    path = f"/chat/sessions/{session}/events"
    assert ids(caller.tail(session, since="malformed")) == ids(frames)
    assert caller.http.get(path, params={"since": "5-5"}).status_code == 400
    assert ids(caller.tail(session, since=frames[20].id, header=frames[0].id)) == ids(frames[21:])


def test_a_null_tier(under: Under) -> None:
    caller = under(turn_seconds=0, null_tier="fast")
    session = caller.create()
    assert caller.post(session, message="x", model_tier=None).status_code == 202
    assert caller.messages(session)[0]["model_tier"] == "FAST"


@pytest.mark.parametrize("place", ["message", "nested"])
def test_places_of_the_original_id(under: Under, place: str) -> None:
    caller = under(turn_seconds=0, duplicate_id_place=place)
    session = caller.create()
    original = caller.send(session, client_message_id="one")["user_message_id"]
    response = caller.post(session, message="x", client_message_id="one")
    assert response.status_code == 409
    assert original in response.text


def test_unknown_fields(under: Under) -> None:
    caller = under(turn_seconds=0, extra_fields=True, meta="minimal")
    body = caller.http.post("/chat/sessions", json={"agent_id": 1}).json()
    assert set(body) == {"data", "meta", "x_added_later"}
    assert "x_added_later" in body["data"]
    assert set(body["meta"]) == {"request_id", "x_added_later"}
    assert "x_added_later" in caller.http.post("/chat/sessions", json={}).json()["error"]


def test_lenient_and_narrow_uploads(under: Under) -> None:
    caller = under(turn_seconds=0, document_types=False, attachment_mime="any", managed_agent_id=None)
    created = caller.http.post("/chat/sessions", json={"managed_agent_key": "NEO_SUPPORT"}).json()["data"]
    assert created["agent_id"] is None
    assert caller.grant(created["id"], "application/pdf").status_code == 400
    attachment = {**caller.upload(created["id"]), "mime": "image/gif"}
    assert caller.post(created["id"], attachments=[attachment]).status_code == 202


def test_a_turn_that_is_over_at_once(under: Under) -> None:
    caller = under(turn_seconds=0)
    session, frames = first_turn(caller)
    assert len(frames) == 40
    with pytest.raises(httpx.ReadTimeout):
        next(caller.frames(session, since=frames[-1].id, silence=0.2))
