"""Evidence of the tier where SMART turns differ among themselves, and where turns with attachments may be judged.

``tier_evidence.find`` takes a path for evidence only where all SMART turns agree. Two kinds of path need less, because
they say what they are:

*In words*: the field is called a tier, and in every turn its value is just FAST or SMART (a field that turns without a
tier lack repeats the request, and says nothing of what was served). With one turn of FAST that shows FAST, and one of
SMART that shows SMART, it is no constant, and each turn is judged by what it says of itself.

*By name*: a model or a tier that is one value in all turns but some of SMART, and one other in at least two of those. It
has to take both values in one session, so that a model which was dealt to a session is not taken for the tier's, and
neither time nor the place in the session may explain it. A model that is dealt to each turn by chance looks like this
three times in a thousand.

An agent may use another model for pictures. So turns with attachments are judged by a path only where a turn of FAST with
attachments, before any of SMART in its session, shows on it what FAST shows elsewhere, and one of SMART what SMART shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from conformance.judging.tier_evidence import (
    ABSENT,
    LEAST_SAMPLES,
    TEXT_SAYS,
    Context,
    Evidence,
    Sample,
    Value,
    clean_fast,
    contexts,
    explained,
    says_what_it_is,
    served,
)

_CALLED_TIER = re.compile(r"tier", re.IGNORECASE)
_WORDS = ("fast", "smart")


def in_words(samples: Sequence[Sample]) -> list[Evidence]:
    """The paths that name the tier of each turn."""
    return _paths(samples, _named)


def departing(samples: Sequence[Sample]) -> list[Evidence]:
    """The paths by which some of the SMART turns were served as FAST ones."""
    return _paths(samples, _departing)


def judges_attachments(evidence: Evidence, turns: Sequence[Context]) -> bool:
    """Whether that path shows the tier of turns with attachments just as it shows that of others."""
    bearing = [one for one in turns if not one.sample.plain and one.sample.knows(evidence.path)]
    fast = [one for one in bearing if clean_fast(one)]
    smart = [one for one in bearing if one.asked == "SMART"]
    return (
        bool(fast)
        and bool(smart)
        and all(served(evidence, one.sample) == "FAST" for one in fast)
        and all(served(evidence, one.sample) == "SMART" for one in smart)
    )


def _paths(samples: Sequence[Sample], judge: Callable[[str, Sequence[Context]], Evidence | None]) -> list[Evidence]:
    plain = [one for one in contexts(samples) if one.sample.plain]
    found = (
        judge(path, [one for one in plain if one.sample.knows(path)])
        for path in sorted({path for one in samples for path in one.shown})
    )
    return [one for one in found if one is not None]


def _named(path: str, plain: Sequence[Context]) -> Evidence | None:
    if _CALLED_TIER.search(path.rpartition(".")[2]) is None or path == TEXT_SAYS:
        return None
    values: dict[str, Value] = {}
    for one in plain:
        value = _value(path, one)
        if len(value) != 1 or value[0].lower() not in _WORDS:
            return None
        if values.setdefault(value[0].lower(), value) != value:
            return None
    kept = {one.asked for one in plain if one.asked and _value(path, one) == values.get(one.asked.lower())}
    return Evidence(path, values["fast"], values["smart"]) if kept == {"FAST", "SMART"} else None


def _departing(path: str, plain: Sequence[Context]) -> Evidence | None:
    fast = [_value(path, one) for one in plain if clean_fast(one)]
    if len(fast) < LEAST_SAMPLES or len(set(fast)) != 1:
        return None
    others = {_value(path, one) for one in plain} - set(fast)
    if len(others) != 1:
        return None
    evidence = Evidence(path, fast[0], others.pop())
    smart = [one for one in plain if one.asked == "SMART" and _value(path, one) == evidence.smart]
    here = {(one.sample.session, _value(path, one)) for one in plain}
    both = any((one, evidence.fast) in here and (one, evidence.smart) in here for one, _ in here)
    spread = any(one.asked != "SMART" and _value(path, one) == evidence.smart for one in plain)
    if len(smart) < LEAST_SAMPLES or spread or not both or not says_what_it_is(evidence):
        return None
    return None if explained(plain, lambda one: _value(path, one) == evidence.smart) else evidence


def _value(path: str, one: Context) -> Value:
    return one.sample.shown.get(path, ABSENT)
