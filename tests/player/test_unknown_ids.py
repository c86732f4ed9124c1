"""Ids of sessions that do not exist, made from one that does."""

from __future__ import annotations

import re
import uuid

import pytest

from conformance.journeys.unknown_ids import unknown_id

TIMES = 200


@pytest.mark.parametrize(
    "known",
    [
        str(uuid.UUID(int=0x1234567812344321ABCDABCDEF012345)),
        "184467440737095516",
        "7",
        "chs_01JDB3Z5V7Q8M9N0P1R2S3T4V5",
        "chs_ab12",
        "s_1",
        "qV9x-3_",
        "Zk3-Tq8_w",
        "_",
        "aaaaaaaaaaaaaaaa",
        "f" * 64 + "_",
    ],
)
def test_it_never_is_the_one_that_exists(known: str) -> None:
    assert known not in {unknown_id(known) for _ in range(TIMES)}


@pytest.mark.parametrize("known", ["qV9x-3_", "Zk3-Tq8aLm0_w", "AbCdEfGh12345678_"])
def test_in_base64_an_underscore_ends_no_prefix(known: str) -> None:
    """Only the last character or none would change behind it, and a neighbour of the id may exist."""
    for _ in range(TIMES):
        made = unknown_id(known)
        assert sum(a != b for a, b in zip(made, known, strict=True)) >= 4
        assert re.sub(r"[A-Za-z0-9]", "x", made) == re.sub(r"[A-Za-z0-9]", "x", known)


def test_a_prefix_stays_and_so_does_the_alphabet() -> None:
    for _ in range(TIMES):
        assert re.fullmatch(r"chs_[0-9A-Z]{26}", unknown_id("chs_01JDB3Z5V7Q8M9N0P1R2S3T4V5"))
