"""A live line on a terminal while the journeys play: what is going on, what it cost so far, how long it took."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from conformance.findings import escape_controls
from conformance.journeys.player import Player


@contextmanager
def live_line() -> Generator[Callable[[Player], None]]:
    """Gives the function to be called with the player; the line is gone when the context ends."""
    console = Console(stderr=True)
    with Status("playing", console=console) as status:

        def show(player: Player) -> None:
            status.update(
                f"{escape(escape_controls(player.activity))}  [dim]{player.turns} turns, {player.requests} requests, "
                f"{player.clock():.0f} s[/dim]"
            )

        yield show
