"""UPL on recordings written by hand: grants, and the uploads themselves."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_uploads as uploads
from tests.judges.by_hand import exchange, outcome, recording

GRANT_ALL = uploads.test_the_four_image_types_get_a_grant
SAID_BACK = uploads.test_the_grant_is_for_the_type_that_was_asked_for
OWN_PATH = uploads.test_every_grant_has_a_path_of_its_own
INSIDE = uploads.test_a_path_does_not_climb_out_of_its_folder
PUT = uploads.test_the_upload_succeeds


def grant(kind: Any = "image/png", status: int = 200, number: int = 1, **change: Any) -> Exchange:
    facts = {key: change.pop(key) for key in ("rule", "expected", "credential", "limited") if key in change}
    data = {
        "blob_path": f"uploads/{kind}-{number}",
        "max_image_bytes": 5_000_000,
        "mime": kind,
        "upload_url": f"https://blobs.example/{kind}-{number}?sig=x",
        **change,
    }
    body = {"data": {key: value for key, value in data.items() if value is not ...}, "meta": {}}
    name = f"uploads/grant-{kind}-{number}"
    return exchange(
        name, "request-upload-url", status, body, request={"content_type": kind}, **{"rule": "UPL-01", **facts}
    )


ALL = [grant(mime) for mime in uploads.IMAGES]


def test_each_of_the_four_types_gets_a_grant() -> None:
    assert outcome(GRANT_ALL, recording(*ALL)) == "kept"
    for one in ALL:
        assert outcome(GRANT_ALL, recording(*(e for e in ALL if e is not one))) == "untested"


@pytest.mark.parametrize(
    ("status", "expected"),
    [(201, "kept"), (299, "kept"), (300, "violation"), (400, "violation"), (500, "violation"), (429, "untested")],
)
def test_a_grant_is_a_success(status: int, expected: str) -> None:
    assert outcome(GRANT_ALL, recording(*ALL, grant(status=status, number=2))) == expected


@pytest.mark.parametrize(
    "other", [{"rule": "UPL-03"}, {"credential": "other"}, {"limited": True}, {"mime": "application/pdf"}, {"mime": 7}]
)
def test_only_what_a_grant_is_due_to_counts(other: dict[str, Any]) -> None:
    values = {"mime": "image/png", **other}
    refused = grant(values.pop("mime"), 400, 2, **values)
    assert outcome(GRANT_ALL, recording(*ALL, refused)) == "kept"
    due = grant("image/png", 400, 3, rule="x", expected="granted")
    assert outcome(GRANT_ALL, recording(*ALL, due)) == "violation"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"more": 1}, True),
        ({"blob_path": ""}, False),
        ({"blob_path": 7}, False),
        ({"blob_path": ...}, False),
        ({"mime": ""}, False),
        ({"mime": None}, False),
        ({"upload_url": ""}, False),
        ({"upload_url": "/relative"}, False),
        ({"upload_url": "ftp://x/y"}, False),
        ({"upload_url": "https:///y"}, False),
        ({"upload_url": "http://[x"}, False),
        ({"upload_url": "http://x/y"}, True),
        ({"max_image_bytes": 1}, True),
        ({"max_image_bytes": 5e6}, True),
        ({"max_image_bytes": 0}, False),
        ({"max_image_bytes": -1}, False),
        ({"max_image_bytes": 1.5}, False),
        ({"max_image_bytes": True}, False),
        ({"max_image_bytes": "1"}, False),
        ({"max_image_bytes": None}, False),
        ({"max_image_bytes": ...}, False),
    ],
)
def test_a_grant_has_four_fields_each_of_its_type(change: dict[str, Any], kept: bool) -> None:
    assert outcome(GRANT_ALL, recording(*ALL, grant(number=2, **change))) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("mime", "kept"),
    [("image/png", True), ("Image/PNG; charset=x", True), ("image/jpeg", False), ("", False), (7, True), (None, True)],
)
def test_the_grant_says_the_type_back(mime: Any, kept: bool) -> None:
    assert outcome(SAID_BACK, recording(ALL[1], grant(number=2, mime=mime))) == ("kept" if kept else "violation")
    assert outcome(SAID_BACK, recording(grant("text/plain", mime="x/y"))) == "untested"
    assert outcome(SAID_BACK, recording(grant(status=400, mime="x/y"))) == "untested"


def test_every_grant_has_a_path_and_an_address_of_its_own() -> None:
    assert outcome(OWN_PATH, recording(*ALL)) == "kept"
    assert outcome(OWN_PATH, recording(*ALL, grant(number=2, blob_path="uploads/image/png-1"))) == "violation"
    for odd in (None, "", 7):
        assert (
            outcome(OWN_PATH, recording(grant(number=1, blob_path=odd), grant(number=2, blob_path=odd), *ALL[1:]))
            == "kept"
        )
    assert outcome(OWN_PATH, recording(ALL[0])) == "untested"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("a/b..c/d", True),
        ("a/../b", False),
        ("..", False),
        ("a\\..\\b", False),
        ("a/...", True),
        (7, True),
        (None, True),
    ],
)
def test_a_path_does_not_climb(path: Any, kept: bool) -> None:
    assert outcome(INSIDE, recording(*ALL, grant(number=2, blob_path=path))) == ("kept" if kept else "violation")


def put(status: int, number: int = 1, **more: Any) -> Exchange:
    return exchange(f"uploads/put-{number}", "put-blob", status, b"", method="PUT", **more)


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([put(201)], "kept"),
        ([put(200), put(299, 2)], "kept"),
        ([put(300)], "violation"),
        ([put(403)], "violation"),
        ([put(500)], "violation"),
        ([put(503)], "untested"),
        ([put(429)], "untested"),
        ([put(0)], "untested"),
        ([put(0), put(403, 2)], "violation"),
        ([put(503), put(403, 2)], "violation"),
        ([put(500, limited=True)], "untested"),
        ([], "untested"),
    ],
)
def test_an_upload_succeeds(played: list[Exchange], expected: str) -> None:
    assert outcome(PUT, recording(*played)) == expected


ADDRESS = uploads.test_every_path_has_an_upload_url_of_its_own


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "kept"),
        ({"upload_url": "https://blobs.example/image/png-1?sig=x"}, "violation"),  # one address for two paths
        ({"upload_url": "https://blobs.example/image/png-1?sig=x", "blob_path": "uploads/image/png-1"}, "untested"),
        ({"upload_url": "https://blobs.example/image/png-1?sig=x", "blob_path": ""}, "untested"),
        ({"upload_url": ""}, "untested"),
        ({"upload_url": 7}, "untested"),
        ({"blob_path": 7}, "untested"),
    ],
)
def test_every_path_has_an_address_of_its_own(change: dict[str, Any], expected: str) -> None:
    assert outcome(ADDRESS, recording(grant(), grant(number=2, **change))) == expected
