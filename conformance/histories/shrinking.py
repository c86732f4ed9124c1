"""Makes a history that failed shorter: it leaves out steps, and makes those that stay plainer, as long as it still fails.

hypothesis could shrink it, too. But it shrinks the draws, of which most change no request, and each attempt is a conversation
with a server: in the time that there is, it left eight steps where two suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from conformance.histories.playing import Played
from conformance.histories.steps import FIELDS, Step

Again = Callable[[Sequence[Step]], Played | None]
"""Plays these steps; gives the failure, where it is the one that is shrunk."""


def shrink(failed: Played, again: Again) -> Iterator[Played]:
    """Ever shorter histories of the same failure, until no single step can be left out or be plainer.

    :raises BudgetSpent: from ``again``: the last one given is the shortest so far.
    """
    shortest = failed
    for candidates in (_without_some, _plainer):
        tried: set[tuple[Step, ...]] = set()
        found = True
        while found:
            found = False
            for steps in candidates(shortest.steps):
                if steps in tried or not steps:
                    continue
                tried.add(steps)
                played = again(steps)
                if played is not None and played.size <= shortest.size:
                    shortest, found = played, True
                    yield played
                    break


def _without_some(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """First without large parts, at last without each step; what lies far behind the beginning goes first."""
    size = len(steps) // 2
    while size >= 1:
        for end in range(len(steps), size - 1, -size):
            yield steps[: end - size] + steps[end:]
        size //= 2


def _plainer(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Each step with its first values in all fields, or in one of them."""
    for place, step in enumerate(steps):
        plain = {name: values[0] for name, values in FIELDS[step.do].items()}
        forms = [plain, *({**step.given, name: plain[name]} for name in plain)]
        for given in forms:
            if given != step.given:
                yield (*steps[:place], Step(step.do, given), *steps[place + 1 :])
