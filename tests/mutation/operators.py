"""The operators: a choice of cosmic-ray's, and seven of ours of the same form.

Of the comparisons only the negation and the neighbour (``<`` to ``<=``) are used. Not used are variables put in at random
and operators of another kind in place of ``+`` or ``|``: nearly all of them raise a TypeError, which proves nothing.
Nor is a scenario's ``judged += 1`` made two: it only counts whether anything was seen, and one or two are both something.
(That it counts at all is tried: the one is made a nought, and the statement is left out.)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import parso
from cosmic_ray.operators import provider

parse: Callable[[str], Any] = parso.parse
"""Source to a tree."""

Position = tuple[tuple[int, int], tuple[int, int]]


class Operator(Protocol):
    """What cosmic-ray's visitor asks of an operator."""

    def mutation_positions(self, node: Any) -> Iterator[Position]: ...

    def mutate(self, node: Any, index: int) -> Any: ...


_CHOSEN = (
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Div_Mul", "Mod_Mul")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("BitOr_BitAnd", "BitAnd_BitOr", "FloorDiv_Mul")),
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "RemoveDecorator",
    "ZeroIterationForLoop",
)


def _before(node: Any) -> str:
    """The blanks before a node, which take its place with it."""
    return str(node.get_first_leaf().prefix)


class NumberReplacer:
    """A number one greater, and one smaller; the one of ``x += 1`` one smaller only. (cosmic-ray's own, but for that.)"""

    OFFSETS = (+1, -1)
    TALLIES = ("judged", "tried", "compared", "ended", "later", "ahead", "read_at_all")
    """What scenarios count only to see whether it stayed nought."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "number":
            for _ in self._offsets(node):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        value = ast.literal_eval(node.value) + self._offsets(node)[index]
        return type(node)(f" {value}", node.start_pos)

    def _offsets(self, node: Any) -> tuple[int, ...]:
        statement = node.parent
        if statement is not None and statement.type == "expr_stmt" and statement.get_code().split() in self._sums():
            return self.OFFSETS[1:]
        return self.OFFSETS

    @classmethod
    def _sums(cls) -> list[list[str]]:
        return [[name, "+=", "1"] for name in cls.TALLIES]


class SwapMembership:
    """``in`` to ``not in``, and back."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "comparison":
            for place in self._places(node):
                yield node.children[place].start_pos, node.children[place].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        place = self._places(node)[index]
        word = " not in" if node.children[place].get_code().strip() == "in" else " in"
        node.children[place] = parse(word)
        return node

    @staticmethod
    def _places(node: Any) -> list[int]:
        words = [" ".join(child.get_code().split()) for child in node.children]
        return [i for i, word in enumerate(words) if i % 2 == 1 and word in ("in", "not in")]


class NegateFilter:
    """The condition of a comprehension negated."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "comp_if":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.children[1] = parse(f" not ({node.children[1].get_code().strip()})")
        return node


class CatchNothing:
    """``except X`` that catches nothing. (cosmic-ray's own cannot do ``except module.X``.)"""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "except_clause":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.children[1] = parse(" ()")
        return node


class RemoveStatement:
    """A call whose value is not used, an ``x += …`` or a ``raise`` left out."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "simple_stmt" and self._removable(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.children[0] = parse(f"{_before(node.children[0])}pass")
        return node

    @staticmethod
    def _removable(statement: Any) -> bool:
        if statement.type == "atom_expr":
            last = statement.children[-1]
            return bool(last.type == "trailer" and last.children[0].value == "(")
        if statement.type == "expr_stmt":
            sign = statement.children[1]
            return bool(sign.type == "operator" and sign.value.endswith("=") and sign.value != "=")
        return bool(statement.type == "raise_stmt")


class ReturnNone:
    """``return x`` to ``return None``; of what returns a bare word that other operators do not change."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "return_stmt" and node.children[1].get_code().strip() not in ("None", "True", "False"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.children[1] = parse(" None")
        return node


class SwapQuantifier:
    """``any`` to ``all``, ``min`` to ``max``, and back."""

    OTHER = {"any": "all", "all": "any", "min": "max", "max": "min"}  # noqa: RUF012 - never changed

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "atom_expr" and node.children[0].type == "name" and node.children[0].value in self.OTHER:
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        del index
        node.children[0].value = self.OTHER[node.children[0].value]
        return node


def operators() -> dict[str, Operator]:
    """Every operator by name."""
    kept = provider.OperatorProvider()
    found: dict[str, Operator] = {name: kept[name]() for name in _CHOSEN}
    for own in (
        NumberReplacer,
        SwapMembership,
        NegateFilter,
        CatchNothing,
        RemoveStatement,
        ReturnNone,
        SwapQuantifier,
    ):
        found[own.__name__] = own()
    return found
