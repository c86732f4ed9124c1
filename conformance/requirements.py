"""The catalogue of requirements, as `spec/requirements.yaml` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from conformance.spec_files import SpecDamaged, check_form, read_spec_yaml

Level = Literal["MUST", "SHOULD"]


@dataclass(frozen=True)
class Requirement:
    """One demand on a target.

    `page` is the URL of the page that states it (MUST) or from which it follows (SHOULD), `operations` are the
    catalogue's names of the operations that it is about, and `facts` the ids of the facts in `spec/README.md`.
    """

    id: str
    level: Level
    title: str
    rule: str
    page: str
    operations: tuple[str, ...]
    judged: str
    facts: tuple[str, ...]


@cache
def catalogue() -> Mapping[str, Requirement]:
    """All requirements by id, in the order of the document; read once and not to be changed.

    Raises SpecDamaged if the document is missing, not of its form, or gives one id twice.
    """
    document = read_spec_yaml("requirements.yaml")
    check_form(document, schema_name="requirements.schema.json", document_name="requirements.yaml")
    found: dict[str, Requirement] = {}
    for entry in document["requirements"]:
        if entry["id"] in found:
            raise SpecDamaged(f"spec/requirements.yaml has {entry['id']} twice")
        found[entry["id"]] = Requirement(
            **{**entry, "operations": tuple(entry["operations"]), "facts": tuple(entry["facts"])}
        )
    return MappingProxyType(found)
