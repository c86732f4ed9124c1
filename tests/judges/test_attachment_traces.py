"""Whether a replay shows what was attached, in whatever form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.judging.attachment_traces import not_surfaced
from conformance.judging.replay import Replay
from conformance.recording import Exchange, Piece, Received, Sent

SENT = [
    {"blob_path": f"chat/s/{n:08x}.png", "mime": "image/png", "alt": f"picture {n}", "filename": f"file-{n}.png"}
    for n in range(1, 4)
] + [{"blob_path": "chat/s/00000009.png", "mime": "image/png"}]


def replay_of(*messages: Any) -> Replay:
    body = json.dumps({"data": list(messages), "meta": {"request_id": "r"}}).encode()
    page = Exchange(
        "attachments",
        "messages",
        "list-messages",
        "own",
        Sent("GET", "http://localhost/", (), b""),
        0.0,
        0.1,
        0.1,
        Received(200, (("content-type", "application/json"),), (Piece(0.1, body),)),
        "complete",
    )
    return Replay((page,))


@pytest.mark.parametrize(
    "shown",
    [
        [one["blob_path"] for one in SENT],
        [f"https://cdn.example/{one['blob_path']}?sig=1" for one in SENT],
        [f"https://cdn.example/{one['blob_path'].replace('/', '%2F')}" for one in SENT],
        [f"https://cdn.example/thumbs/{one['blob_path'][7:15]}_small.webp" for one in SENT],
        [{"alt": one.get("alt"), "name": one.get("filename")} for one in SENT],
        [{"mimeType": one["mime"]} for one in SENT],
    ],
)
def test_every_form_counts(shown: list[Any]) -> None:
    assert not_surfaced(SENT, replay_of({"content": shown})) is None


def test_objects_in_a_field_for_attachments_count_by_number() -> None:
    assert not_surfaced(SENT, replay_of({"attachments": [{"id": n} for n in range(4)]})) is None
    assert not_surfaced(SENT, replay_of({"attachments": [{"id": n} for n in range(3)]})) is not None


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"message": "see the picture", "attachments": []}],
        [{"message": "see the picture", "attachments": None, "attachment_count": 4}],
        [{"attachments": [one["blob_path"] for one in SENT[:3]]}],
        [{"attachments": [{"filename": one["filename"]} for one in SENT[:2]]}],
        [{"content": [{"mime": "image/png"}] * 3}],
    ],
)
def test_what_is_missing_is_missed(messages: list[Any]) -> None:
    assert not_surfaced(SENT, replay_of(*messages)) is not None
