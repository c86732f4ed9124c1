"""An id that is made up is of the form of a real one, and is another."""

from __future__ import annotations

import re

import pytest

from conformance.journeys.unknown_ids import unknown_id

TIMES = 200
CROCKFORD = "[0-9A-HJKMNP-TV-Z]"


@pytest.mark.parametrize(
    ("real", "form"),
    [
        ("01932f6a-7d0e-7b7c-9a51-2b8f0c6d1e94", r"01932f6a-7d0e-7b7c-9a51-[0-9a-f]{12}"),
        ("3F1C7A52-6D0E-4B7C-9A51-2B8F0C6D1E94", r"3F1C7A52-6D0E-4B7C-9A51-[0-9A-F]{12}"),
        ("01JD8Z3V6Q4M2W9T7KXH5NBRCE", rf"01JD8Z3V6Q4M2W9T{CROCKFORD}{{10}}"),
        ("7265391048273920001", r"7265391048273\d{6}"),
        ("4711", r"\d{8}"),
        ("chs_9f8K2x7Q4vB3", r"chs_[0-9A-Za-z]{12}"),
        ("aaaaaaaa", r"[a-f]{8}"),
    ],
)
def test_its_form_stays(real: str, form: str) -> None:
    for _ in range(50):
        made = unknown_id(real)
        assert made != real
        assert re.fullmatch(form, made), made


@pytest.mark.parametrize(
    "known",
    [
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
