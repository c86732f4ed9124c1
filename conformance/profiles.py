"""Bundles of options for the three ways in which the suite is used (``neo-conformance run --profile NAME``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from conformance.outcomes import BadInput

PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    # Money depends on it: what was not tested counts, and only what the pages state.
    "vendor": ("--gate", "--level", "must"),
    # Nobody waits: everything that follows from a page, and fuzzing for ten minutes.
    "nightly": ("--level", "should", "--fuzz-seconds", "600"),
    # Somebody waits: the scenarios, and a short look by fuzzing.
    "desk": ("--level", "should", "--fuzz-seconds", "8"),
}
OPTION: Final = "--profile"


def expanded(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments with the profile's options in its place, before all others, so that any of them can be given anew; and
    a line that says what they are (empty: no profile was asked for).

    :raises BadInput: an unknown profile, none behind the option, or two of them.
    """
    rest: list[str] = []
    names: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == OPTION:
            names.append(next(waiting, ""))
        elif argument.startswith(f"{OPTION}="):
            names.append(argument.partition("=")[2])
        else:
            rest.append(argument)
    if not names:
        return rest, ""
    if len(names) > 1 or names[0] not in PROFILES:
        asked = " and ".join(repr(name) for name in names)
        raise BadInput(f"{OPTION} {asked}: one of {', '.join(PROFILES)}")
    options = PROFILES[names[0]]
    return [*options, *rest], f"profile {names[0]}: {' '.join(options)}"
