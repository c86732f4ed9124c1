"""A named change to a server: a fault breaks the contract, a variant answers an open point or takes a freedom."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.mock.behaviour import Behaviour

Attach = Callable[[Behaviour], Behaviour]
_Change = TypeVar("_Change", "Fault", "Variant")


@dataclass(frozen=True)
class Fault:
    """The smallest change that breaks one thing.

    ``breaks``: the ids of the requirements that it breaks, the one it was made for first. ``does``: one sentence, what
    the server does. ``mistake``: what in a real implementation would produce it. ``policy``: the open points as the
    fault needs them, where it shows only so. ``under_load``: it shows only while many sessions are at work at once, so the
    scenarios pass on it. ``workers``: so many server processes it takes, on one Redis.
    """

    name: str
    breaks: tuple[str, ...]
    does: str
    mistake: str
    attach: Attach
    policy: Mapping[str, Any] = field(default_factory=dict)
    under_load: bool = False
    workers: int = 1


@dataclass(frozen=True)
class Variant:
    """A lawful answer to one open point, or one freedom of SSE, HTTP or JSON.

    ``settles``: the point, such as ``M7`` or ``SSE line ends``; two variants of one point exclude each other. ``does``:
    one sentence. ``policy``: the fields that it sets. ``hides``: requirements that are unobservable on such a server.
    """

    name: str
    settles: str
    does: str
    attach: Attach
    policy: Mapping[str, Any] = field(default_factory=dict)
    hides: tuple[str, ...] = ()


def unchanged(server: Behaviour) -> Behaviour:
    """The server as it is: for a change that is all policy."""
    return server


def find(kind: str, changes: Mapping[str, _Change], name: str) -> _Change:
    """The change of that name.

    :param kind: "fault" or "variant", for the message.
    :raises ValueError: there is none; with the nearest names.
    """
    if name in changes:
        return changes[name]
    near = difflib.get_close_matches(name, changes, n=3, cutoff=0.4)
    hint = f"; near to it: {', '.join(near)}" if near else ""
    raise ValueError(f"no such {kind}: {name}{hint}")


def together(server: Behaviour, changes: Iterable[Fault | Variant]) -> Behaviour:
    """The server with all of the changes, the last one the outermost.

    :raises ValueError: two of them want the same point of the contract to be otherwise.
    """
    settled: dict[str, tuple[Any, str]] = {}
    attached = list(changes)
    for change in attached:
        wants = dict(change.policy)
        if isinstance(change, Variant):
            wants[f"the point {change.settles!r}"] = change.name
        for point, value in wants.items():
            other, by = settled.setdefault(point, (value, change.name))
            if other != value:
                raise ValueError(f"{change.name} contradicts {by}: both settle {point}")
    for change in attached:
        # The policy first: a change may look at it while it is attached.
        server = change.attach(server.with_policy(change.policy))
    return server
