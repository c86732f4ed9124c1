"""Loads all modules of a package, so that what they register is there."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable


def load_families(package: str, path: Iterable[str]) -> None:
    """Import every module of the package, by name."""
    for name in sorted(module.name for module in pkgutil.iter_modules(path)):
        importlib.import_module(f"{package}.{name}")
