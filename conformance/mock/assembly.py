"""From settings to the server they name: the reference, with variants and perhaps a fault attached."""

from __future__ import annotations

from conformance.mock.behaviour import Behaviour
from conformance.mock.changes import Fault, Variant, find, together
from conformance.mock.settings import Settings


def behaviour_of(settings: Settings) -> Behaviour:
    """The behaviour of a server process.

    :raises ValueError: an unknown name, or changes that contradict each other.
    """
    changes: list[Fault | Variant] = []
    if settings.variants:
        from conformance.mock.variants import all_variants

        changes += [find("variant", all_variants(), name) for name in settings.variants]
    if settings.fault is not None:
        from conformance.mock.faults import all_faults

        changes.append(find("fault", all_faults(), settings.fault))
    return together(Behaviour(settings.policy), changes)
