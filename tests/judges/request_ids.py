"""Request ids for edited answers: one body that stands for several answers would share its id among them."""

from __future__ import annotations

import uuid
from typing import Any

from conformance.recording import Recording
from tests.judges import edits


def own_request_ids(recording: Recording, pick: edits.Pick) -> Recording:
    """Every picked answer with a request id that no other has."""

    def change(body: Any) -> None:
        body["meta"]["request_id"] = str(uuid.uuid4())

    return edits.json_body(recording, pick, change)


def answer_each(recording: Recording, pick: edits.Pick, code: int, value: Any) -> Recording:
    """``edits.answer`` for several exchanges, each with a request id of its own."""
    return own_request_ids(edits.answer(recording, pick, code, value), pick)
