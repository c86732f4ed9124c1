"""What is told of each requirement: the catalogue's entry, and `spec/explanations.yaml` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

from conformance.requirements import Requirement, catalogue
from conformance.spec_files import SpecDamaged, check_form, read_spec_yaml

NEAREST = 3
"""So many ids are offered for one that is not known."""


@dataclass(frozen=True)
class Explanation:
    """A requirement, and what the catalogue does not say of it.

    ``why``: what breaks in a client. ``not_demanded``: what is open beside the rule. ``good`` and ``bad``: an exchange of a
    lawful server and of one that breaks this very rule, in lines that begin with ``> `` (sent), ``< `` (received) or
    ``# `` (a remark, or as ``# at N s`` a time).
    """

    requirement: Requirement
    why: str
    not_demanded: str
    good: str
    bad: str

    @property
    def id(self) -> str:
        return self.requirement.id


@cache
def explanations() -> Mapping[str, Explanation]:
    """All of them by id, in the order of the catalogue; read once.

    Raises SpecDamaged if a document is missing or not of its form, or if a requirement has no explanation or two.
    """
    document = read_spec_yaml("explanations.yaml")
    check_form(document, schema_name="explanations.schema.json", document_name="explanations.yaml")
    requirements = catalogue()
    found: dict[str, Explanation] = {}
    for entry in document["explanations"]:
        one = entry["id"]
        if one in found:
            raise SpecDamaged(f"spec/explanations.yaml has {one} twice")
        if one not in requirements:
            raise SpecDamaged(f"spec/explanations.yaml explains {one}, which is not in the catalogue")
        found[one] = Explanation(requirements[one], **{name: text for name, text in entry.items() if name != "id"})
    missing = [one for one in requirements if one not in found]
    if missing:
        raise SpecDamaged(f"spec/explanations.yaml lacks {', '.join(missing)}")
    return MappingProxyType({one: found[one] for one in requirements})


def nearest(wrong: str) -> list[str]:
    """The known ids that are most like an unknown one, the most like first; those of its area where none is."""
    known = list(catalogue())
    given = wrong.strip().upper()[:20]
    close = get_close_matches(given, known, n=NEAREST, cutoff=0.6)
    area = given.partition("-")[0]
    return close or [one for one in known if area and one.startswith(area)][:NEAREST]
