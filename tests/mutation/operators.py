"""What a mutant changes: mutmut's operators for conditions, comparisons, arithmetic and constants, and guards dropped.

mutmut's own runner has no seed and selects tests by function; its operators read all of the grammar, `match` included.
Those for strings, arguments and assignments aren't used: what they make fails with a TypeError nearly everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import libcst as cst
from mutmut.mutation import mutators

Operator: TypeAlias = Callable[[Any], Iterable[cst.CSTNode]]

OPPOSITES = {
    "all": "any",
    "any": "all",
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "floor": "ceil",
    "ceil": "floor",
}
"""Functions and methods of which the other one fits as well."""


def one_less(node: cst.Integer) -> Iterator[cst.BaseExpression]:
    """An integer less by one, as mutmut makes it more by one; not -1 for 0, which often is the same place of a list."""
    if node.evaluated_value:
        yield cst.Integer(repr(node.evaluated_value - 1))


def dropped_operand(node: cst.BooleanOperation) -> Iterator[cst.BaseExpression]:
    """One side of `and` or `or` alone: a condition is gone."""
    for side in (node.left, node.right):
        yield side.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def guard_never(node: cst.If) -> Iterator[cst.If]:
    """A guard that never fires: `if ...: return` (or raise, continue, break), without `else`."""
    if node.orelse is None and isinstance(node.body, cst.IndentedBlock) and len(node.body.body) == 1:
        (line,) = node.body.body
        if isinstance(line, cst.SimpleStatementLine) and isinstance(
            line.body[0], cst.Return | cst.Raise | cst.Continue | cst.Break
        ):
            yield node.with_changes(test=cst.Name("False"), whitespace_before_test=cst.SimpleWhitespace(" "))


def case_without_guard(node: cst.MatchCase) -> Iterator[cst.MatchCase]:
    """A case of a match without its `if`."""
    if node.guard is not None:
        yield node.with_changes(guard=cst.Name("True"))


def opposite_call(node: cst.Call) -> Iterator[cst.Call]:
    """`all` for `any`, `min` for `max`, and so on."""
    match node.func:
        case cst.Name(value=name) if name in OPPOSITES:
            yield node.with_changes(func=cst.Name(OPPOSITES[name]))
        case cst.Attribute(attr=cst.Name(value=name)) if name in OPPOSITES:
            yield node.with_changes(func=node.func.with_changes(attr=cst.Name(OPPOSITES[name])))
        case _:
            pass


WITH_OPERATOR = (cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation, cst.ComparisonTarget, cst.AugAssign)

OPERATORS: tuple[tuple[type[cst.CSTNode], Operator], ...] = (
    (cst.Integer, mutators.operator_number),
    (cst.Float, mutators.operator_number),
    (cst.Integer, one_less),
    (cst.Name, mutators.operator_name),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    *((kind, mutators.operator_keywords) for kind in (cst.Is, cst.IsNot, cst.In, cst.NotIn, cst.Break, cst.Continue)),
    *((kind, mutators.operator_swap_op) for kind in WITH_OPERATOR),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.BooleanOperation, dropped_operand),
    (cst.If, guard_never),
    (cst.MatchCase, case_without_guard),
    (cst.Call, opposite_call),
)

_OF_KIND: dict[type[cst.CSTNode], list[Operator]] = {
    kind: [operator for of, operator in OPERATORS if of is kind] for kind, _ in OPERATORS
}

SKIPPED = (cst.Annotation, cst.Assert, cst.Raise, cst.Decorator, cst.Import, cst.ImportFrom)
"""Where nothing is changed: types, our own invariants (`strict=True` is one, too), what errors say."""


def mutations(node: cst.CSTNode) -> list[cst.CSTNode]:
    """What a node may become."""
    return [changed for operator in _OF_KIND.get(type(node), ()) for changed in operator(node)]
