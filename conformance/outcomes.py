"""Errors that are not the target's: what the user gave, and what we got wrong. Each is one line and an exit code."""

from __future__ import annotations

EXIT_KEPT = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_OUR_MISTAKE = 3


class BadInput(Exception):  # noqa: N818 - the user's input is what is bad
    """Something that the user gave cannot be used, or the target cannot be reached: exit code 2, one line."""

    exit_code = EXIT_BAD_INPUT


class OurMistake(Exception):  # noqa: N818 - it is named for whose it is
    """The suite itself is at fault: exit code 3; nothing is said about the target."""

    exit_code = EXIT_OUR_MISTAKE
