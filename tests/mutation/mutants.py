"""Every mutant of a module, in the order of its lines; the same ones each time."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cosmic_ray.mutating import MutationVisitor

from tests.mutation.operators import Operator, operators, parse

ROOT = Path(__file__).resolve().parents[2]
Place = tuple[int, int]

WORDING = ("came", "expected")
"""Names of what a finding says to the vendor. Sentences are not mutated: the cases hold outcomes."""
_FOR_MESSAGES = "shown listed in_words describe curl message_of escape_controls"
_OF_A_MODULE = "_one_line _body_word _what _what_came _how_it_stopped __str__"
SENTENCES = frozenset(f"{_FOR_MESSAGES} {_OF_A_MODULE}".split())
"""Functions that make such sentences."""
ASSERTIONS = ("frozen", "strict")
"""Keywords by which the code keeps its own promises: of a dataclass, and of two sequences that were made equally long."""


def judging_modules() -> list[Path]:
    """The modules that decide: scenarios, what they reason with, the readers of the wire, and the verdict."""
    package = ROOT / "conformance"
    folders = ("scenarios/test_*.py", "judging/*.py", "envelopes/*.py")
    files = [path for pattern in folders for path in sorted(package.glob(pattern))]
    return [*files, *(package / f"{name}.py" for name in ("sse", "verdict", "evidence", "findings"))]


@dataclass(frozen=True)
class Mutant:
    """One change of one module. Its ``key`` names it without a line number, so that it outlives edits nearby."""

    module: str
    function: str
    operator: str
    text: str
    occurrence: int
    line: int
    lines: range
    at_import: bool
    chunk: int
    index: int

    @property
    def key(self) -> str:
        return f"{self.module} {self.function or '(module)'} {self.operator} #{self.occurrence}: {self.text}"


@dataclass(frozen=True)
class Source:
    """A module's source, cut into its top-level statements: a mutant changes one of them, and only that is parsed again."""

    path: Path

    @property
    def module(self) -> str:
        """The path under ``conformance/``, which is how the lists name a module."""
        return self.path.relative_to(ROOT / "conformance").as_posix()

    @property
    def import_name(self) -> str:
        return ".".join(self.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def chunks(self) -> tuple[str, ...]:
        return tuple(child.get_code() for child in parse(self.text).children)

    def mutated(self, mutant: Mutant) -> str:
        new = self.mutated_chunk(mutant)
        return "".join((*self.chunks[: mutant.chunk], new, *self.chunks[mutant.chunk + 1 :]))

    def mutated_chunk(self, mutant: Mutant) -> str:
        new = MutationVisitor.mutate_code(self.chunks[mutant.chunk], operators()[mutant.operator], mutant.index)
        if new is None:
            raise LookupError(f"no such mutant: {mutant.key}")
        return str(new)

    def change(self, mutant: Mutant) -> str:
        """The changed lines as they would stand."""
        old = self.chunks[mutant.chunk].splitlines()
        return "\n".join(line.strip() for line in self.mutated_chunk(mutant).splitlines() if line not in old)

    def mutants(self) -> list[Mutant]:
        layout = _Layout(self.text)
        found: list[tuple[Place, str, int, int]] = []
        first_line = 1
        for number, chunk in enumerate(self.chunks):
            tree = parse(chunk)
            for name, operator in operators().items():
                for index, (line, column) in enumerate(_positions(tree, operator)):
                    place = (first_line + line - 1, column)
                    if not layout.left_out(place):
                        found.append((place, name, number, index))
            first_line += chunk.count("\n")
        return list(self._named(sorted(found), layout))

    def _named(self, found: list[tuple[Place, str, int, int]], layout: _Layout) -> Iterator[Mutant]:
        seen: Counter[tuple[str, str, str]] = Counter()
        lines = self.text.splitlines()
        for place, operator, chunk, index in found:
            function, at_import = layout.function(place)
            text = lines[place[0] - 1].strip()
            occurrence = seen[function, operator, text]
            seen[function, operator, text] += 1
            yield Mutant(
                module=self.module,
                function=function,
                operator=operator,
                text=text,
                occurrence=occurrence,
                line=place[0],
                lines=layout.statement(place),
                at_import=at_import,
                chunk=chunk,
                index=index,
            )


def _positions(tree: Any, operator: Operator) -> Iterator[Place]:
    """Where an operator applies, in the order in which cosmic-ray's visitor counts."""
    for start, _ in operator.mutation_positions(tree):
        yield start
    for child in getattr(tree, "children", ()):
        yield from _positions(child, operator)


class _Layout:
    """Which function and which statement a place of the source belongs to."""

    def __init__(self, text: str) -> None:
        tree = ast.parse(text)
        self._functions: list[tuple[Place, Place, Place, str]] = []
        self._statements: list[tuple[Place, Place, range]] = []
        self._left_out: list[tuple[Place, Place]] = []
        self._walk(tree, "")

    def _walk(self, node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = inside
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                name = f"{inside}.{child.name}" if inside else child.name
            if isinstance(child, ast.FunctionDef):
                start, end = _span(child)
                body = _span(child.body[0])[0]
                self._functions.append((start, body, end, name))
            if isinstance(child, ast.stmt):
                self._statements.append((*_span(child), range(child.lineno, _header_end(child) + 1)))
            if self._is_left_out(child):
                self._left_out.append(_span(child))
            for part in _annotations(child):
                self._left_out.append(_span(part))
            self._walk(child, name)

    @staticmethod
    def _is_left_out(node: ast.AST) -> bool:
        if isinstance(node, ast.Assign):
            return all(isinstance(t, ast.Name) and t.id in WORDING for t in node.targets)
        if isinstance(node, ast.keyword):
            return node.arg in (*WORDING, *ASSERTIONS)
        if isinstance(node, ast.FunctionDef):
            return node.name in SENTENCES
        return isinstance(node, ast.JoinedStr | ast.ImportFrom | ast.Import)

    def left_out(self, place: Place) -> bool:
        return any(start <= place < end for start, end in self._left_out)

    def function(self, place: Place) -> tuple[str, bool]:
        """The innermost function, and whether that place runs when the module is imported."""
        around = [f for f in self._functions if f[0] <= place < f[2]]
        if not around:
            return "", True
        return around[-1][3], not any(body <= place for _, body, _, _ in around)

    def statement(self, place: Place) -> range:
        """The lines of the innermost statement; of a compound one, of its head."""
        around = [lines for start, end, lines in self._statements if start <= place < end]
        return around[-1] if around else range(place[0], place[0] + 1)


def _span(node: Any) -> tuple[Place, Place]:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    start = (first, 0) if first != node.lineno else (node.lineno, node.col_offset)
    return start, (node.end_lineno, node.end_col_offset)


def _header_end(statement: Any) -> int:
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return max(int(statement.lineno), int(body[0].lineno) - 1)
    return int(statement.end_lineno)


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield node.returns
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield node.annotation
