"""A digest of the suite's own files: two suites of one version number need not be the same."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from conformance.spec_files import spec_root

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable
else:
    from importlib.abc import Traversable

_CODE: Final = (".py", ".j2", ".css", ".js")
_SPEC: Final = (".yaml", ".json")
_NOT_OURS: Final = frozenset({"__pycache__", "node_modules"})


@cache
def suite_digest() -> str:
    """SHA-256 (64 hex digits) over names and contents of the files of the package and of spec/.

    The same for a checkout and for a wheel of it: spec/ counts as it stands beside the package, wherever it lies, and
    line ends as LF. What no suite has (compiled files, an editor's copies) does not count.
    """
    found = {f"conformance/{name}": content for name, content in _walked(files("conformance"), _CODE)}
    # In a wheel spec/ lies within the package.
    found = {name: content for name, content in found.items() if not name.startswith("conformance/spec/")}
    found.update((f"spec/{name}", content) for name, content in _walked(spec_root(), _SPEC))
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(f"{name}\0{len(found[name])}\0".encode())
        digest.update(found[name])
    return digest.hexdigest()


def _walked(folder: Traversable, kinds: tuple[str, ...], path: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.name in _NOT_OURS:
            continue
        if entry.is_dir():
            yield from _walked(entry, kinds, f"{path}{entry.name}/")
        elif entry.name.endswith(kinds):
            yield f"{path}{entry.name}", entry.read_bytes().replace(b"\r\n", b"\n")
