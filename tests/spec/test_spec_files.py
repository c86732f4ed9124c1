"""The documents are found in a checkout and in an installed package, and damage is told in one line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import conformance
from conformance import requirements, spec_files
from conformance.spec_files import SpecDamaged

CHECKOUT = Path(conformance.__file__).parent.parent


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of spec/ that may be damaged, read instead of the real one."""
    copy = tmp_path / "spec"
    shutil.copytree(CHECKOUT / "spec", copy)
    monkeypatch.setattr(spec_files, "spec_root", lambda: copy)
    for cached in (requirements.catalogue, spec_files.openapi_document):
        cached.cache_clear()
        monkeypatch.setattr(sys.modules[cached.__module__], cached.__name__, cached.__wrapped__)
    return copy


def test_a_checkout_is_read_from_beside_the_package() -> None:
    assert spec_files.spec_root() == CHECKOUT / "spec"


def test_an_installed_package_is_read_from_inside(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    shutil.copytree(CHECKOUT / "conformance", site / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "spec", site / "conformance" / "spec")
    # Somebody else's directory of that name.
    (site / "spec").mkdir()
    (site / "spec" / "requirements.yaml").write_text("not ours")
    program = "from conformance.requirements import catalogue; print(len(catalogue()))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == str(len(requirements.catalogue())), done.stderr


def test_an_installed_package_without_documents_says_so(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    shutil.copytree(CHECKOUT / "conformance", site / "conformance", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "from conformance.spec_files import SpecDamaged, read_spec\n"
        "try: read_spec('openapi.yaml')\n"
        "except SpecDamaged as damage: print(damage)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "specification documents are missing" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe\x00", "cannot be read"),
        (b"requirements: [", "is not YAML"),
        (b"version: 2\nrequirements: []", "is damaged at"),
        (b"just text", "is damaged at its top"),
        (b"", "is damaged at its top"),
    ],
)
def test_a_damaged_catalogue_is_told_in_one_line(documents: Path, content: bytes, told: str) -> None:
    (documents / "requirements.yaml").write_bytes(content)
    with pytest.raises(SpecDamaged, match=told) as caught:
        requirements.catalogue()
    assert "\n" not in str(caught.value)
    assert "requirements.yaml" in str(caught.value)


def test_one_id_twice_is_damage(documents: Path) -> None:
    file = documents / "requirements.yaml"
    file.write_text(file.read_text().replace("id: ACC-02", "id: ACC-01"))
    with pytest.raises(SpecDamaged, match="ACC-01 twice"):
        requirements.catalogue()


@pytest.mark.parametrize("name", ["requirements.yaml", "requirements.schema.json"])
def test_a_missing_document_is_named(documents: Path, name: str) -> None:
    (documents / name).unlink()
    with pytest.raises(SpecDamaged, match=f"spec/{name} is missing"):
        requirements.catalogue()


@pytest.mark.parametrize("content", ["{", '{"type": "no such type"}', '{"$ref": "#/nowhere"}'])
def test_a_damaged_schema_is_named(documents: Path, content: str) -> None:
    (documents / "requirements.schema.json").write_text(content)
    with pytest.raises(SpecDamaged, match=r"requirements\.schema\.json is not"):
        requirements.catalogue()


@pytest.mark.parametrize("content", ["[]", "openapi: 3.1.0", "openapi: 3.1.0\npaths: []"])
def test_a_damaged_openapi_document_is_told(documents: Path, content: str) -> None:
    (documents / "openapi.yaml").write_text(content)
    with pytest.raises(SpecDamaged, match=r"openapi\.yaml is not an OpenAPI document"):
        spec_files.openapi_document()
