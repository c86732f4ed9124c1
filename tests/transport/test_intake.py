"""What a run may receive is bounded by the memory that it costs, not by its length on the wire."""

from __future__ import annotations

from conformance.transport.intake import Intake


def test_ordinary_answers_cost_little_more_than_they_are_long() -> None:
    answer = b'{"data":{"id":"5f0c7a52-6d0e-4d7e-9a55-0f6f7e0b2c11","title":null},"meta":{"request_id":"r"}}'
    intake = Intake(1 << 20)
    assert intake.take(answer) == answer
    assert intake.taken < 8 * len(answer)


def test_nodes_and_control_characters_cost_what_they_make_of_memory_and_file() -> None:
    plain, nodes, controls = Intake(1 << 30), Intake(1 << 30), Intake(1 << 30)
    plain.take(b"x" * 10_000)
    nodes.take(b"[]," * 3_333)
    controls.take(bytes(10_000))
    assert nodes.taken > 20 * plain.taken
    assert controls.taken > 5 * plain.taken


def test_what_there_is_no_room_for_is_cut() -> None:
    intake = Intake(1_000)
    kept = intake.take(b"x" * 10_000)
    assert 0 < len(kept) <= 1_000
    assert intake.full
    assert intake.take(b"more") == b""
