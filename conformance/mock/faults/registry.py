"""How a fault is registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from conformance.mock.changes import Attach, Fault

FAULTS: Final[dict[str, Fault]] = {}


def fault(
    *breaks: str, mistake: str, under_load: bool = False, workers: int = 1, **policy: Any
) -> Callable[[Attach], Attach]:
    """Register the function as a fault; its name is the function's, its sentence the docstring's first line.

    :param breaks: ids of the requirements that it breaks, the one that it was made for first.
    :param mistake: what in a real implementation would produce it.
    :param under_load: it shows only while many sessions are at work at once.
    :param workers: so many server processes it takes.
    :param policy: the open points as the fault needs them.
    """

    def register(attach: Attach) -> Attach:
        name = attach.__name__.replace("_", "-")
        assert name not in FAULTS, f"two faults are called {name}"
        does = (attach.__doc__ or "").strip().partition("\n")[0]
        assert does, f"{name} has no sentence"
        FAULTS[name] = Fault(name, breaks, does, mistake, attach, policy, under_load, workers)
        return attach

    return register
