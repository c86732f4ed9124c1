"""Profiles: what they stand for, and that what is given beside them counts more."""

from __future__ import annotations

import pytest

from conformance.outcomes import BadInput
from conformance.profiles import PROFILES, expanded


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("separate", [True, False])
def test_a_profile_stands_for_its_options(name: str, separate: bool) -> None:
    asked = ["--profile", name] if separate else [f"--profile={name}"]
    given, said = expanded(["-k", "x", *asked, "--level", "must"])
    assert given == [*PROFILES[name], "-k", "x", "--level", "must"]
    assert said == f"profile {name}: {' '.join(PROFILES[name])}"


def test_without_one_nothing_changes() -> None:
    assert expanded(["-q", "--level", "should"]) == (["-q", "--level", "should"], "")


@pytest.mark.parametrize("asked", [["--profile"], ["--profile", "none"], ["--profile="], ["--profile", "desk"] * 2])
def test_another_one_is_refused(asked: list[str]) -> None:
    with pytest.raises(BadInput, match="one of vendor, nightly, desk"):
        expanded(asked)
