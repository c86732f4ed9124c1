"""A request that never left, because of a bound or a guard of ours. It says nothing about the target."""

from __future__ import annotations


class NotSent(Exception):  # noqa: N818 - it is no error: it says what was done
    """``str()`` of it is the reason, one line, fit for a report: the step is untested because of it."""
