"""A recording is saved and loaded without loss, and what is no recording is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.outcomes import BadInput
from conformance.recording import Break, Exchange, Piece, Received, Recording, Sent
from conformance.recording_file import from_json, load, save, to_json, write_whole

texts = st.text(max_size=20)
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
times = st.floats(0, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda v: st.lists(v) | st.dictionaries(texts, v)
)
received = st.builds(
    Received,
    st.integers(100, 599),
    headers,
    st.lists(st.builds(Piece, times, st.binary(max_size=40)), max_size=4).map(tuple),
    st.sampled_from(["HTTP/1.1", "HTTP/2"]),
)
exchanges = st.builds(
    Exchange,
    journey=texts,
    step=texts,
    operation=st.sampled_from(["create-session", "tail-events", "put-blob"]),
    credential=st.sampled_from(["own", "none"]),
    sent=st.builds(Sent, st.sampled_from(["GET", "POST"]), texts, headers, st.binary(max_size=40)),
    sent_at=times,
    answered_at=times,
    ended_at=times,
    received=st.none() | received,
    ending=st.sampled_from(["complete", "terminal", "no-answer"]),
    problem=st.none() | texts,
    facts=st.dictionaries(texts, json_values, max_size=3),
)
recordings = st.builds(
    Recording,
    target=texts,
    suite=texts,
    spec=texts,
    started=texts,
    epoch=times,
    seconds=times,
    turn_timeout=st.floats(0.1, 1e4),
    credentials=st.sampled_from([("own",), ("own", "other")]),
    exchanges=st.lists(exchanges, max_size=3).map(tuple),
    breaks=st.lists(st.builds(Break, texts, texts, texts), max_size=2).map(tuple),
)


@given(recordings)
def test_nothing_is_lost_on_the_way_through_a_file(recording: Recording) -> None:
    assert from_json(json.loads(json.dumps(to_json(recording)))) == recording


@given(recordings)
def test_what_is_written_can_be_read_from_disk(tmp_path_factory: pytest.TempPathFactory, recording: Recording) -> None:
    path = tmp_path_factory.mktemp("recording") / "recording.json"
    save(recording, path)
    assert load(path) == recording


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not a recording"),
        ("[]", "format None"),
        ('{"format": 99}', "recording format 99; this suite reads 1"),
        ('{"format": 1}', "not a recording"),
        ("[" * 100_000, "not a recording"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        load(path)


def test_a_hand_edited_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    save(Recording("t", "s", "x", "now", 0.0, 1.0, 1.0, ("own",), ()), path)
    value = json.loads(path.read_text(encoding="utf-8"))
    value["verdict"] = "conformant"
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(BadInput, match="not a recording"):
        load(path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")

    def fail(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="full"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]
