"""Uploads and attachments (M3, M4, M9; UPL-01 to UPL-05)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from conformance.mock import grants
from tests.mock.caller import Caller, put


@pytest.mark.parametrize("mime", ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/csv"])
def test_a_grant_and_its_upload(first: Caller, plain_mock: Any, mime: str) -> None:
    session = first.create()
    response = first.grant(session, mime, filename="a.bin")
    assert response.status_code == 200
    data = response.json()["data"]
    assert set(data) == {"blob_path", "max_image_bytes", "mime", "upload_url"}
    assert data["mime"] == mime
    assert session in data["blob_path"]
    assert type(data["max_image_bytes"]) is int
    assert data["upload_url"].startswith(plain_mock.base_url + "/blob/")
    assert put(data["upload_url"], mime).status_code == 201


@pytest.mark.parametrize("mime", ["image/tiff", "IMAGE/PNG", "", None, 5, ["image/png"], "image/png; a=b"])
def test_other_types_are_refused(first: Caller, mime: Any) -> None:
    assert first.grant(first.create(), mime).status_code == 400


def test_content_type_is_required(first: Caller) -> None:
    path = f"/chat/sessions/{first.create()}/attachments/upload-url"
    assert first.http.post(path, json={}).status_code == 400
    assert first.http.post(path, json={"content_type": "image/png", "filename": 5}).status_code == 400


def test_every_grant_has_its_own_path(first: Caller) -> None:
    session = first.create()
    assert len({first.grant(session).json()["data"]["blob_path"] for _ in range(5)}) == 5


def test_the_put_has_its_rules(first: Caller) -> None:
    url = first.grant(first.create()).json()["data"]["upload_url"]
    right = {"x-ms-blob-type": "BlockBlob", "x-ms-blob-content-type": "image/png"}
    for headers, status in (
        ({**right, "x-ms-blob-type": "PageBlob"}, 400),
        ({"x-ms-blob-content-type": "image/png"}, 400),
        ({"x-ms-blob-type": "BlockBlob"}, 400),
        ({**right, "x-ms-blob-content-type": "image/gif"}, 400),
        ({**right, "authorization": first.http.headers["authorization"]}, 403),
    ):
        response = put(url, "image/png", headers=headers)
        assert response.status_code == status
        assert response.json()["error"]["code"]
    assert put(url, "image/png", b"x" * 5_242_881).status_code == 413
    assert put(url, "image/png", b"x" * 5_242_880).status_code == 201


def test_a_url_is_for_one_blob_and_a_short_time(first: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    session = first.create()
    url, other = (urlsplit(first.grant(session).json()["data"]["upload_url"]) for _ in range(2))
    for wrong in (
        url._replace(path=other.path),
        url._replace(query=""),
        url._replace(query=url.query[:-1] + ("0" if url.query[-1] != "0" else "1")),
        url._replace(query=url.query.replace("se=", "se=9")),
        url._replace(query=url.query.replace("sig=", "sig=%ff%00")),
        url._replace(path="/blob/chat-uploads/../x"),
        url._replace(path="/blob/"),
    ):
        assert put(urlunsplit(wrong), "image/png").status_code in (403, 404)
    monkeypatch.setattr(grants, "GRANT_SECONDS", -1)
    assert put(first.grant(session).json()["data"]["upload_url"], "image/png").status_code == 403


def test_six_per_turn_and_not_per_session(first: Caller) -> None:
    session = first.create()
    six = [first.upload(session) for _ in range(6)]
    first.send(session, attachments=six)
    first.send(session, attachments=six)
    before = len(first.messages(session))
    for seven in ([*six, six[0]], [six[0]] * 7):
        response = first.post(session, message="x", attachments=seven)
        assert response.status_code == 400
    assert len([m for m in first.messages(session) if m["role"] == "user"]) == 2 <= before
    first.send(session, attachments=[six[0]] * 6)


def test_an_attachment_alone_is_a_message(first: Caller) -> None:
    session = first.create()
    attachment = first.upload(session)
    assert first.post(session, attachments=[attachment]).status_code == 202
    assert first.post(session, message="", attachments=[{**attachment, "alt": "A cat", "filename": None}]).is_success
    surfaced = [message["attachments"] for message in first.messages(session) if message["role"] == "user"]
    assert surfaced[0] == [{**attachment, "alt": None, "filename": None}]
    assert surfaced[1] == [{**attachment, "alt": "A cat", "filename": None}]


def test_what_an_attachment_needs(first: Caller) -> None:
    session = first.create()
    right = first.upload(session)
    for wrong in (
        {"blob_path": right["blob_path"]},
        {"mime": right["mime"]},
        {**right, "blob_path": 5},
        {**right, "mime": None},
        {**right, "mime": "image/gif"},
        {**right, "alt": 5},
        {**right, "filename": []},
        {**right, "blob_path": "never/granted.png"},
        {**right, "blob_path": ""},
    ):
        assert first.post(session, message="x", attachments=[right, wrong]).status_code == 400, wrong
    assert first.messages(session) == []


def test_a_grant_of_another_session_is_refused(first: Caller, second: Caller) -> None:
    session, foreign = first.create(), second.create()
    for other in (first.upload(first.create()), second.upload(foreign)):
        assert first.post(session, message="x", attachments=[other]).status_code == 400


def test_an_upload_that_never_came(first: Caller, under: Callable[..., Caller]) -> None:
    lenient = under(require_upload=False)
    for caller, status in ((first, 400), (lenient, 202)):
        session = caller.create()
        path = caller.grant(session).json()["data"]["blob_path"]
        attachment = {"blob_path": path, "mime": "image/png"}
        assert caller.post(session, message="x", attachments=[attachment]).status_code == status


def test_grants_are_bounded(first: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    session = first.create()
    monkeypatch.setattr(grants, "MAX_GRANTS", 2)
    assert [first.grant(session).status_code for _ in range(3)] == [200, 200, 400]
