"""Where the specification documents are, and reading them.

They live once in the repository, in `spec/` beside the package, and travel inside an installed wheel as
`conformance/spec/`. Whoever reads one gets the same bytes in both cases.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable
else:
    from importlib.abc import Traversable


class SpecDamaged(Exception):  # noqa: N818  (a state of the installation, worded for whoever reads the one line)
    """A specification document is missing, unreadable, or not of its own form. `str()` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def spec_root() -> Traversable:
    """The directory of the documents: the checkout's, or else the one inside the installed package.

    The checkout comes first: an editable install must not read a stale copy. It is known by its pyproject.toml,
    for a `site-packages/spec` could belong to anyone.

    Raises SpecDamaged if an installed package has none; a checkout's missing document is noticed when it is read.
    """
    package = files("conformance")
    if isinstance(package, Path) and (package.parent / "pyproject.toml").is_file():
        return package.parent / "spec"
    installed = package / "spec"
    if installed.is_dir():
        return installed
    raise SpecDamaged(f"the specification documents are missing: not inside {package}")


def read_spec(name: str) -> str:
    """The text of one document, such as `openapi.yaml`. Raises SpecDamaged if it cannot be read as UTF-8."""
    try:
        return (spec_root() / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecDamaged(f"spec/{name} is missing") from None
    except (OSError, UnicodeDecodeError) as damage:
        raise SpecDamaged(f"spec/{name} cannot be read: {damage}") from damage


def read_spec_yaml(name: str) -> Any:
    """A YAML document, parsed into plain lists, dicts and scalars. Raises SpecDamaged."""
    try:
        return yaml.safe_load(read_spec(name))
    except yaml.YAMLError as damage:
        raise SpecDamaged(f"spec/{name} is not YAML: {damage}") from damage


def read_spec_json(name: str) -> Any:
    """A JSON document, parsed. Raises SpecDamaged."""
    try:
        return json.loads(read_spec(name))
    except ValueError as damage:
        raise SpecDamaged(f"spec/{name} is not JSON: {damage}") from damage


@cache
def openapi_document() -> dict[str, Any]:
    """`openapi.yaml`, parsed. Shared between callers: copy it before changing it. Raises SpecDamaged."""
    document = read_spec_yaml("openapi.yaml")
    if not isinstance(document, dict) or "openapi" not in document or not isinstance(document.get("paths"), dict):
        raise SpecDamaged("spec/openapi.yaml is not an OpenAPI document")
    return document


def check_form(document: object, *, schema_name: str, document_name: str) -> None:
    """Holds a parsed document against its JSON Schema in spec/.

    Raises SpecDamaged with the first difference and its place, or if the schema itself is damaged.
    """
    try:
        validator = jsonschema_rs.validator_for(read_spec_json(schema_name))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as damage:
        raise SpecDamaged(f"spec/{schema_name} is not a JSON Schema: {damage}") from damage
    for error in validator.iter_errors(document):
        place = "/".join(str(step) for step in error.instance_path) or "its top"
        raise SpecDamaged(f"spec/{document_name} is damaged at {place}: {error.message}")
