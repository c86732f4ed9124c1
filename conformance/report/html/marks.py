"""Where a violation happened: the exchanges that its evidence names, and the envelopes that its words name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_MARKS = 400
"""Of one run; a server on which more is broken needs no further mark to be found broken."""
LEAST_ODD_ID = 4
"""Characters of an id with blanks or brackets in it that is looked for in a sentence; a shorter one may stand there by chance."""
_WORD = re.compile(r"[^\s,;()'\"{}\[\]]+")
_ANSWER = re.compile(r"([0-9]{3}) [^\n]*(?:\n|$)")
"""What came, where a judge let the answer speak for itself: status and content type, then the body."""
_QUOTED = re.compile(r"'([^'\n]{4,200})'|\"([^\"\n]{4,200})\"")


@dataclass(frozen=True)
class Mark:
    """One violation on one exchange. ``number`` counts the violations of the run, from 1; ``first``: whether the evidence
    names this exchange first (the one that a vendor should repeat)."""

    number: int
    requirement: str
    level: str
    exchange: str
    came: str
    expected: str
    first: bool

    def names(self, ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that the words of what came have; none where what came is the answer itself."""
        if _ANSWER.match(self.came):
            return frozenset()
        # An id is whatever a server likes: one that is no single word is looked for as it stands.
        odd = {one for one in ids if len(one) >= LEAST_ODD_ID and not _WORD.fullmatch(one) and one in self.came}
        return frozenset(words(self.came) & set(ids)) | odd


def words(text: str) -> set[str]:
    """The words of a sentence, also without the mark that ends it: an id may be any of them."""
    found = set(_WORD.findall(text[:4000]))
    return found | {word.rstrip(".:") for word in found}


def literals(text: str) -> tuple[str, ...]:
    """What a sentence quotes, and its ids: to be marked wherever the answer has it. Of an answer, its status."""
    answer = _ANSWER.match(text)
    if answer is not None:
        return (answer[1],)
    quoted = [one or other for one, other in _QUOTED.findall(text[:4000])]
    ids = [word.rstrip(".:") for word in _WORD.findall(text[:400]) if any(c.isdigit() for c in word) and len(word) > 7]
    return tuple(dict.fromkeys([*quoted, *ids]))[:12]


def marks(requirements: Iterable[Mapping[str, Any]]) -> tuple[Mark, ...]:
    """The violations of a report, in its order; those without an exchange of the recording (fuzzing) are not among them."""
    found: list[Mark] = []
    number = 0
    for requirement in requirements:
        if requirement["outcome"] != "failed":
            continue
        for group in violations(requirement["evidence"]):
            number += 1
            for index, one in enumerate(group):
                if one["exchange"] != "fuzzing":
                    said = (group[0]["came"], group[0]["expected"])
                    found.append(
                        Mark(number, requirement["id"], requirement["level"], one["exchange"], *said, index == 0)
                    )
    return tuple(found[:MOST_MARKS])


def violations(evidence: Sequence[Mapping[str, str]]) -> list[list[Mapping[str, str]]]:
    """The evidence of a requirement, parted by violation: each test's pieces share what was expected."""
    groups: list[list[Mapping[str, str]]] = []
    for one in evidence:
        known = {other["exchange"] for other in groups[-1]} if groups else set()
        again = one["exchange"] in known and one["exchange"] != "fuzzing"
        if not groups or again or groups[-1][0]["expected"] != one["expected"]:
            groups.append([])
        groups[-1].append(one)
    return groups
