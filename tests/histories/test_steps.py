"""What a history file may say, and what becomes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.histories.history_file import read_history
from conformance.histories.steps import FIELDS, Step, steps_from_json
from conformance.outcomes import BadInput
from tests.histories.server import step


@pytest.mark.parametrize("do", FIELDS)
def test_every_step_survives_json(do: str) -> None:
    one = step(do)
    assert steps_from_json(json.loads(json.dumps([one.to_json()]))) == (one,)


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        [1],
        [{"do": "sing"}],
        [{"do": "post"}],
        [{"do": "quiet", "session": 2}],
        [{"do": "quiet", "session": False}],
        [{"do": "quiet", "session": 0, "more": 1}],
        [{"do": "finish", "session": 0, "again": 0}],
    ],
)
def test_what_is_no_step_is_refused(listed: Any) -> None:
    with pytest.raises(BadInput):
        steps_from_json(listed)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "steps": [{"do": 7}]}'])
def test_what_is_no_history_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "history-1.json"
    path.write_text(text)
    with pytest.raises(BadInput, match="history"):
        read_history(path)
    with pytest.raises(BadInput):
        read_history(tmp_path / "none.json")


def test_equal_steps_are_one() -> None:
    assert len({step("post"), step("post"), step("post", tier="FAST")}) == 2
    assert str(Step("open")) == "open"
