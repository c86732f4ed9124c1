"""``recording.har``: an archive that others can read, with everything that the recording has."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.recording import Recording
from conformance.report import har
from tests.judges.by_hand import EPOCH, exchange, post, recording, stream, tail, turn_of
from tests.reports.html.tools import npm_packages
from tests.reports.made import NASTY

VALIDATION_SECONDS = 60


def wrong_with(path: Path) -> list[Any]:
    """What the npm package har-validator finds wrong with an archive."""
    cache = npm_packages()
    command = ["node", str(cache / "validate-har.mjs"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=VALIDATION_SECONDS, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


def entries(played: Recording) -> list[dict[str, Any]]:
    return list(har.archive(played)["log"]["entries"])


def test_a_whole_run_is_a_valid_archive_without_loss(baseline: Recording, tmp_path: Path) -> None:
    path = har.write(baseline, tmp_path)
    assert wrong_with(path) == []
    found = json.loads(path.read_text())["log"]["entries"]
    assert [one["_exchange"] for one in found] == [e.name for e in baseline.exchanges]
    for entry, played in zip(found, baseline.exchanges, strict=True):
        assert played.received is not None
        content = entry["response"]["content"]
        raw = content["text"].encode() if "encoding" not in content else base64.b64decode(content["text"])
        assert raw == played.received.body
        if played.operation == "tail-events":
            events = [(one["id"], one["data"]) for one in entry["response"]["_eventStream"]]
            assert events == [(frame.event.id, frame.data) for frame in played.received.frames]


def test_hostile_text_makes_a_valid_archive(tmp_path: Path) -> None:
    played = recording(
        *(
            exchange(
                f"hostile/{number}",
                "create-session",
                200 + number,
                text.encode("utf-8", "surrogatepass"),
                at=float(number),
                url=f"http://by.hand/{text[:3000]}?{text[:3000]}",
                headers=((text[:3000], text[:3000]), ("content-type", text[:3000])),
                problem=text[:3000],
            )
            for number, text in enumerate(NASTY)
        )
    )
    path = har.write(played, tmp_path)
    assert path.read_bytes().isascii()
    assert wrong_with(path) == []


def test_the_validator_sees_what_is_wrong(tmp_path: Path) -> None:
    value = har.archive(recording(post(1)))
    del value["log"]["entries"][0]["timings"]
    path = tmp_path / "broken.har"
    path.write_text(json.dumps(value))
    assert wrong_with(path)


def test_times_are_those_of_the_recording() -> None:
    played = recording(tail(stream(turn_of("1"), at=10.5, every=0.1), 1, opened=10.25, took=0.125))
    (entry,) = entries(played)
    assert datetime.fromisoformat(entry["startedDateTime"].replace("Z", "+00:00")).timestamp() == EPOCH + 10.25
    assert entry["timings"]["wait"] == pytest.approx(125)
    assert entry["timings"]["receive"] == pytest.approx(725)
    assert entry["time"] == pytest.approx(850)
    assert entry["response"]["_eventStream"][0]["time"] == pytest.approx(EPOCH + 10.5)


def test_an_exchange_without_an_answer_has_status_0(tmp_path: Path) -> None:
    unanswered = exchange("dialogue/session", "create-session", 0, problem="refused")
    played = recording(replace(unanswered, sent=replace(unanswered.sent, body=b'{"title": "x"}')))
    (entry,) = entries(played)
    assert entry["response"]["status"] == 0
    assert entry["comment"] == "refused"
    assert json.loads(entry["request"]["postData"]["text"]) == {"title": "x"}
    assert wrong_with(har.write(played, tmp_path)) == []


def test_bodies_beyond_the_bound_are_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har, "MOST_BODIES", 1000)
    played = recording(
        exchange("a/1", "list-messages", 200, b"x" * 900, at=1.0),
        exchange("a/2", "list-messages", 200, b"y" * 200, at=2.0),
    )
    kept, left = (entry["response"]["content"] for entry in entries(played))
    assert kept["text"] == "x" * 900
    assert "text" not in left
    assert "the recording has it" in left["comment"]
    assert left["size"] == 200
