"""The catalogue has its form, its ids and levels, and cites facts that README.md knows."""

from __future__ import annotations

import re

import pytest

from conformance.requirements import Requirement, catalogue
from conformance.spec_files import SpecDamaged, check_form, openapi_document, read_spec, read_spec_yaml

# The catalogue as agreed, area by area: the level of 01, of 02, and so on (M: MUST, S: SHOULD).
LEVELS = {
    "ACC": "MMMMMSSS",
    "ENV": "MSM",
    "ATT": "MMMSMSSSM",
    "UPL": "MMSSM",
    "TIER": "MMMMM",
    "CUR": "MSMMMSMSSSS",
    "EVT": "MSMMMSM",
    "IDEM": "MMMSS",
    "AUTH": "MMM",
    "ERR": "MMMMS",
    "RATE": "MM",
    "SES": "MMS",
    "FUZZ": "MM",
}
OPERATION_IDS = {
    "create-session": "createSession",
    "append-message": "appendMessage",
    "tail-events": "tailEvents",
    "request-upload-url": "requestUploadUrl",
    "list-messages": "listMessages",
}


def test_ids_and_levels_are_those_agreed() -> None:
    agreed = {
        f"{area}-{number:02d}": {"M": "MUST", "S": "SHOULD"}[letter]
        for area, letters in LEVELS.items()
        for number, letter in enumerate(letters, start=1)
    }
    assert {requirement.id: requirement.level for requirement in catalogue().values()} == agreed
    assert list(catalogue()) == list(agreed), "the order is the catalogue's own"


def test_the_catalogue_is_read_only_and_read_once() -> None:
    assert catalogue() is catalogue()
    with pytest.raises(TypeError):
        catalogue()["ACC-01"] = next(iter(catalogue().values()))  # type: ignore[index]


@pytest.mark.parametrize("requirement", catalogue().values(), ids=lambda requirement: requirement.id)
def test_a_requirement_cites_known_facts(requirement: Requirement) -> None:
    known = set(re.findall(r"\b([GCMEKUL]\d{1,2})\b", read_spec("README.md")))
    assert set(requirement.facts) <= known, f"{requirement.id} cites a fact that README.md does not have"


def test_the_pages_of_the_operations_are_the_catalogue_s() -> None:
    pages = {requirement.page for requirement in catalogue().values()}
    paths = openapi_document()["paths"]
    documented = [operation for item in paths.values() for name, operation in item.items() if name != "parameters"]
    assert {operation["operationId"] for operation in documented} == set(OPERATION_IDS.values())
    for operation in documented:
        if operation["operationId"] != "listMessages":  # Its own page is known to nobody.
            assert operation["externalDocs"]["url"] in pages


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ({"level": "MAY"}, "level"),
        ({"id": "acc-1"}, "id"),
        ({"operations": ["reset"]}, "operations"),
        ({"operations": []}, "operations"),
        ({"page": "https://example.org/"}, "page"),
        ({"facts": ["X1"]}, "facts"),
        ({"note": "a field of no use"}, "note"),
        ({"rule": ""}, "rule"),
    ],
)
def test_a_damaged_entry_is_named(damage: dict[str, object], named: str) -> None:
    document = read_spec_yaml("requirements.yaml")
    document["requirements"][3] |= damage
    with pytest.raises(
        SpecDamaged, match=f"requirements.yaml is damaged at requirements/3.*{named}|{named}.*"
    ) as caught:
        check_form(document, schema_name="requirements.schema.json", document_name="requirements.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["id", "level", "title", "rule", "facts", "page", "operations", "judged"])
def test_every_field_is_required(field: str) -> None:
    document = read_spec_yaml("requirements.yaml")
    del document["requirements"][0][field]
    with pytest.raises(SpecDamaged, match=field):
        check_form(document, schema_name="requirements.schema.json", document_name="requirements.yaml")
