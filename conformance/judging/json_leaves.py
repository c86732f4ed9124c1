"""The scalars of a JSON value and where they stand, without recursion: a target chooses how deep its answers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def leaves(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every scalar with its path, in the order of the document; empty lists and objects have none."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, dict):
            pending.extend(((*path, key), node[key]) for key in reversed(list(node)))
        elif isinstance(node, list):
            pending.extend(((*path, index), node[index]) for index in range(len(node) - 1, -1, -1))
        else:
            yield path, node


def objects(value: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every object with its path, outer ones first."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, dict):
            yield path, node
            pending.extend(((*path, key), node[key]) for key in reversed(list(node)))
        elif isinstance(node, list):
            pending.extend(((*path, index), node[index]) for index in range(len(node) - 1, -1, -1))


def texts(value: Any) -> Iterator[str]:
    """Every string, and every number as text, keys of objects included."""
    for _, node in objects(value):
        yield from node
    for _, leaf in leaves(value):
        if isinstance(leaf, str):
            yield leaf
        elif isinstance(leaf, int | float) and not isinstance(leaf, bool):
            yield _number(leaf)


def scalars(value: Any) -> frozenset[str]:
    """All strings, and whole numbers of at most 40 digits as text: what may be an id, for a server may number its resources."""
    found = [leaf for _, leaf in leaves(value)]
    numbers = (one for one in found if isinstance(one, int) and not isinstance(one, bool) and abs(one) < 10**40)
    return frozenset([*(one for one in found if isinstance(one, str)), *map(str, numbers)])


def names(value: Any, wanted: str) -> bool:
    """Whether ``wanted`` stands anywhere in it: as a scalar or a key, or as a whole word within a longer text."""
    word = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])")
    return any(text == wanted or word.search(text) is not None for text in texts(value))


def shape(path: Path) -> Path:
    """The path with every index of a list made equal: where a field stands in each element of a list."""
    return tuple("*" if isinstance(step, int) else step for step in path)


def _number(number: float) -> str:
    try:
        return str(number)
    except ValueError:  # more digits than Python is ready to print
        return ""
