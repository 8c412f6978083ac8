"""What the tree of an expression says about the function: is it affine, a comparison, blind to the types of numbers?"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from raspc.algebra.comparison import Comparison

_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: Comparison.EQ,
    ast.NotEq: Comparison.NEQ,
    ast.Lt: Comparison.LT,
    ast.LtE: Comparison.LEQ,
    ast.Gt: Comparison.GT,
    ast.GtE: Comparison.GEQ,
}


def comparison_form(tree: ast.expr, parameters: Sequence[str]) -> Comparison | None:
    """The comparison of the first with the second of two parameters that `tree` makes, if it makes one.

    `True` and `False` are comparisons too, and so is the `not` of one.
    """
    if len(parameters) != 2:
        return None
    match tree:
        case ast.Constant(value=bool() as value):
            return Comparison.TRUE if value else Comparison.FALSE
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = comparison_form(operand, parameters)
            return None if inner is None else inner.negated
        case ast.Compare(left=ast.Name(id=left), ops=[op], comparators=[ast.Name(id=right)]):
            comparison = _COMPARISONS.get(type(op))
            if comparison is None or left == right:
                return None
            return comparison if left == parameters[0] else comparison.swapped
        case _:
            return None


@dataclass(frozen=True)
class _Affine:
    """An exact affine combination: one coefficient per parameter, and a constant."""

    coefficients: tuple[Fraction, ...]
    constant: Fraction

    @property
    def is_constant(self) -> bool:
        return not any(self.coefficients)

    def scaled(self, factor: Fraction) -> _Affine:
        return _Affine(tuple(factor * c for c in self.coefficients), factor * self.constant)

    def plus(self, other: _Affine) -> _Affine:
        terms = zip(self.coefficients, other.coefficients, strict=True)
        return _Affine(tuple(a + b for a, b in terms), self.constant + other.constant)


def affine_form(tree: ast.expr, parameters: Sequence[str]) -> tuple[tuple[int | float, ...], int | float] | None:
    """The coefficients and the constant of `tree` as an affine combination of numbers, if it is one."""
    affine = _affine(tree, {name: position for position, name in enumerate(parameters)})
    if affine is None:
        return None
    try:
        return tuple(_number(c) for c in affine.coefficients), _number(affine.constant)
    except OverflowError:
        return None


def _affine(tree: ast.expr, positions: dict[str, int]) -> _Affine | None:
    nothing = (Fraction(0),) * len(positions)
    match tree:
        case ast.Constant(value=value) if type(value) is int or (type(value) is float and math.isfinite(value)):
            return _Affine(nothing, Fraction(value))
        case ast.Name(id=name):
            unit = tuple(Fraction(int(position == positions[name])) for position in positions.values())
            return _Affine(unit, Fraction(0))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
            inner = _affine(operand, positions)
            return inner if inner is None or isinstance(op, ast.UAdd) else inner.scaled(Fraction(-1))
        case ast.BinOp(left=left_tree, op=op, right=right_tree):
            left, right = _affine(left_tree, positions), _affine(right_tree, positions)
            return None if left is None or right is None else _combine(left, op, right)
        case _:
            return None


def _combine(left: _Affine, op: ast.operator, right: _Affine) -> _Affine | None:
    match op:
        case ast.Add():
            return left.plus(right)
        case ast.Sub():
            return left.plus(right.scaled(Fraction(-1)))
        case ast.Mult() if left.is_constant:
            return right.scaled(left.constant)
        case ast.Mult() if right.is_constant:
            return left.scaled(right.constant)
        case ast.Div() if right.is_constant and right.constant:
            return left.scaled(1 / right.constant)
        case _:
            return None


def _number(fraction: Fraction) -> int | float:
    """The int that a fraction is, or the nearest float (an OverflowError if it is beyond them)."""
    return fraction.numerator if fraction.denominator == 1 else float(fraction)


EXACT_INTS = 2**53
"""Up to here every int is a float too, so that sums and products of ints are the same numbers as those of floats."""

_LENGTHS = 2**32
"""More than the length of any string or tuple."""


def is_type_agnostic(tree: ast.expr, reach: float) -> bool:
    """Whether equal arguments of different types give equal results; `False` where there is any doubt.

    Comparing and choosing look at how numbers compare and no further. Adding, subtracting and multiplying do so as long
    as ints are exact as floats: `2**53 + 1` isn't `2.0**53 + 1`. Multiplication is more delicate: `"a" * 1` is a string
    but `"a" * 1.0` is an error, so it counts only where no string or tuple can be multiplied by a number whose type may
    vary. Division, powers, `%`, bits, `str` and the like aren't counted.

    Args:
        tree: the body of the function.
        reach: the largest absolute value of a number among the arguments, or within them.
    """
    return _looks_at_values(tree) and _magnitude(tree, reach) < math.inf


def _magnitude(tree: ast.expr, reach: float) -> float:
    """A bound on the numbers that a tree can give, or that its value contains.

    It is infinite where a sum or a product of ints may be beyond `EXACT_INTS`. The tree must look at values alone.
    """
    match tree:
        case ast.Constant(value=int() | float() as value):
            return abs(value) if abs(value) <= sys.float_info.max else math.inf
        case ast.Constant():
            return 0.0
        case ast.Name():
            return reach
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _exact(_magnitude(left, reach) * _magnitude(right, reach))
        case ast.BinOp(left=left, right=right):
            return _exact(_magnitude(left, reach) + _magnitude(right, reach))
        case ast.Call(func=ast.Name(), args=arguments):
            return max([_LENGTHS, *(_magnitude(each, reach) for each in arguments)])
        case ast.Call(func=ast.Attribute(value=receiver)):
            return max(_LENGTHS, _magnitude(receiver, reach))
        case ast.Subscript(value=value):
            return _magnitude(value, reach)
        case _:
            parts = [part for part in ast.iter_child_nodes(tree) if isinstance(part, ast.expr)]
            largest = max([1, *(_magnitude(part, reach) for part in parts)])
            is_truth = isinstance(tree, ast.Compare) or (isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not))
            return 1 if is_truth and largest < math.inf else largest


def _exact(magnitude: float) -> float:
    return magnitude if magnitude <= EXACT_INTS else math.inf


def _looks_at_values(tree: ast.expr) -> bool:
    """Whether the operations of a tree look at values and not at their types, but for how numbers round."""
    match tree:
        case ast.Constant(value=value):
            return not (type(value) is int and abs(value) > EXACT_INTS)
        case ast.Name():
            return True
        case ast.Tuple(elts=items):
            return _all_agnostic(items)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            return _looks_at_values(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _all_agnostic((left, right))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            safe = _has_fixed_type(left) or _has_fixed_type(right) or (_is_number(left) and _is_number(right))
            return safe and _all_agnostic((left, right))
        case ast.Compare(left=left, comparators=rest):
            return _all_agnostic((left, *rest))
        case ast.BoolOp(values=values):
            return _all_agnostic(values)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _all_agnostic((test, body, orelse))
        case ast.Subscript(value=value, slice=index):
            return _looks_at_values(value) and _is_constant_index(index)
        case ast.Call(func=ast.Name(id="abs" | "min" | "max" | "len" | "bool"), args=arguments):
            return _all_agnostic(arguments)
        case ast.Call(func=ast.Attribute(value=receiver), args=arguments):
            return _looks_at_values(receiver) and all(isinstance(argument, ast.Constant) for argument in arguments)
        case _:
            return False


def _all_agnostic(trees: Sequence[ast.expr]) -> bool:
    return all(_looks_at_values(tree) for tree in trees)


def _has_fixed_type(tree: ast.expr) -> bool:
    """Whether the tree is a number whose type is the same for all arguments (a literal, a comparison)."""
    match tree:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _has_fixed_type(operand)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case _:
            return False


def _is_number(tree: ast.expr) -> bool:
    """Whether the tree is a number wherever it doesn't raise."""
    match tree:
        case ast.UnaryOp() | ast.BinOp(op=ast.Sub()):
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_number(left) or _is_number(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _is_number(left) and _is_number(right)
        case _:
            return _has_fixed_type(tree)


def _is_constant_index(index: ast.expr) -> bool:
    if isinstance(index, ast.Slice):
        return all(bound is None or _is_constant_index(bound) for bound in (index.lower, index.upper, index.step))
    return _has_fixed_type(index) and not isinstance(index, ast.Compare)
