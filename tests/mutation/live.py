"""A changed module brought to life in a process that has everything imported.

The changed source is run in the module's own namespace, but for the functions and classes that are as they were.
Those that changed keep their identity and get the new code, so that whoever imported them by name, put them in a table or
made instances of them sees the change; any other value is put in the place of the old one wherever it goes by that name.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from enum import Enum
from types import CellType, FunctionType, ModuleType
from typing import Any, TypeGuard

from conformance.findings import SCENARIOS

_OF_THE_CLASS_ITSELF = {"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__"}


def bring_to_life(module: ModuleType, source: str, unchanged: str) -> None:
    """Let ``module`` be as ``source`` says; ``unchanged`` is the source from which it was imported.

    :raises Exception: whatever the source raises on import.
    """
    _replace(module, source, {ast.dump(one) for one in _definitions(ast.parse(unchanged))})


def bring_to_life_again(module: ModuleType, source: str) -> None:
    """The unchanged module taken for one that changed everywhere. A member of an enumeration is compared by identity, so
    those stay."""
    kept = {ast.dump(one) for one in _definitions(ast.parse(source)) if _is_enumeration(module, one)}
    _replace(module, source, kept)


def _definitions(tree: ast.Module) -> list[ast.ClassDef | ast.FunctionDef]:
    return [one for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef)]


def _is_enumeration(module: ModuleType, one: ast.ClassDef | ast.FunctionDef) -> bool:
    value = vars(module)[one.name]
    return isinstance(value, type) and issubclass(value, Enum)


def _replace(module: ModuleType, source: str, kept: set[str]) -> None:
    tree = ast.parse(source)
    changed = [one for one in _definitions(tree) if ast.dump(one) not in kept]
    tree.body = [one for one in tree.body if one in changed or not isinstance(one, ast.ClassDef | ast.FunctionDef)]
    prefix = module.__name__.rpartition(".")[2]
    for one in changed:
        SCENARIOS.pop(f"{prefix}::{one.name}", None)
    scenarios = dict(SCENARIOS)
    namespace = vars(module)
    old = dict(namespace)
    exec(compile(tree, str(module.__file__), "exec", dont_inherit=True), namespace)
    if namespace.get("SCENARIOS", SCENARIOS) is not SCENARIOS:  # it is findings itself
        namespace["SCENARIOS"] = SCENARIOS
        SCENARIOS.update(scenarios)
    for name, before in old.items():
        after = namespace.get(name)
        if after is before or name.startswith("__"):
            continue
        if isinstance(before, FunctionType) and isinstance(after, FunctionType) and _take_code(before, after):
            namespace[name] = before
        elif _is_own_class(before, module) and isinstance(after, type) and not issubclass(after, Enum):
            _take_members(before, after)
            namespace[name] = before
        else:
            _put_elsewhere(name, before, after)


def _is_own_class(value: object, module: ModuleType) -> TypeGuard[type]:
    return isinstance(value, type) and value.__module__ == module.__name__


def _take_code(before: FunctionType, after: FunctionType) -> bool:
    if before.__code__.co_freevars or after.__code__.co_freevars:
        return False
    before.__code__ = after.__code__
    before.__defaults__ = after.__defaults__
    before.__kwdefaults__ = after.__kwdefaults__
    return True


def _take_members(before: type, after: type) -> None:
    """The members of a class put into the one that it takes the place of; ``super()`` in them means the old one too."""
    for name in set(vars(before)) - set(vars(after)) - _OF_THE_CLASS_ITSELF:
        delattr(before, name)
    for name, member in list(vars(after).items()):
        if name not in _OF_THE_CLASS_ITSELF:
            for cell in _cells(member):
                if cell.cell_contents is after:
                    cell.cell_contents = before
            setattr(before, name, member)


def _cells(member: Any) -> Iterator[CellType]:
    functions = (member, *(getattr(member, part, None) for part in ("fget", "func", "__func__")))
    for function in functions:
        yield from getattr(function, "__closure__", None) or ()


def _put_elsewhere(name: str, before: object, after: object) -> None:
    for other in list(sys.modules.values()):
        if other.__name__.partition(".")[0] in ("conformance", "tests") and vars(other).get(name) is before:
            setattr(other, name, after)
