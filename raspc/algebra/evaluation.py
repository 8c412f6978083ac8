"""Evaluating a small part of Python's expressions, without `eval`.

`evaluator` turns the syntax tree of an expression into a function by walking it once; it knows a fixed list of nodes
and refuses every other. The function it returns does what Python would do, in the same order and with the same
exceptions, within the bounds of `raspc.algebra.guarded` that it is given.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from raspc.algebra import guarded
from raspc.algebra.guarded import Bounds

Evaluate: TypeAlias = Callable[[Sequence[Any]], Any]
"""A node as a function of the values of all parameters, in order."""


def evaluator(body: ast.expr, parameters: Sequence[str], bounds: Bounds) -> Evaluate:
    """The function that evaluates `body` given the values of its parameters, within some bounds.

    Raises:
        ValueError: the tree contains something that expressions don't have; the message says what.
    """
    return _Builder({name: position for position, name in enumerate(parameters)}, bounds).build(body)


class _Builder:
    """Builds the evaluating function of each kind of node; unknown kinds have no method and are refused."""

    def __init__(self, positions: dict[str, int], bounds: Bounds):
        self._positions = positions
        self._bounds = bounds

    def build(self, node: ast.expr) -> Evaluate:
        """The function for any node that is an expression of its own."""
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return lambda arguments: value
            case ast.Constant(value=None):
                raise ValueError("None is only allowed as a result of `… if … else …`")
            case ast.Constant():
                raise ValueError(f"{ast.unparse(node)} is not a constant of a RASP type")
            case ast.Name():
                return self._name(node)
            case ast.Tuple():
                return self._tuple(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp():
                return self._bool(node)
            case ast.IfExp():
                return self._if(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self._call(node)
            case _:
                raise ValueError(f"expressions don't have {type(node).__name__}")

    def _name(self, node: ast.Name) -> Evaluate:
        position = self._positions.get(node.id)
        if position is None:
            raise ValueError(f"{node.id!r} is not a parameter")
        return lambda arguments: arguments[position]

    def _tuple(self, node: ast.Tuple) -> Evaluate:
        items = [self.build(item) for item in node.elts]
        bounded = self._bounds.bounded
        return lambda arguments: bounded(tuple([item(arguments) for item in items]))

    def _unary(self, node: ast.UnaryOp) -> Evaluate:
        operate = guarded.UNARY_OPERATORS[type(node.op).__name__]
        operand = self.build(node.operand)
        return lambda arguments: operate(operand(arguments))

    def _binary(self, node: ast.BinOp) -> Evaluate:
        name = type(node.op).__name__
        if name not in self._bounds.binary_operators:
            raise ValueError(f"expressions don't have the operator {name}")
        operate = self._bounds.binary_operators[name]
        left, right = self.build(node.left), self.build(node.right)
        return lambda arguments: operate(left(arguments), right(arguments))

    def _compare(self, node: ast.Compare) -> Evaluate:
        for op in node.ops:
            if type(op).__name__ not in guarded.COMPARISONS:
                raise ValueError("expressions don't have `is`, compare with `==`")
        comparisons = [guarded.COMPARISONS[type(op).__name__] for op in node.ops]
        first, *rest = [self.build(operand) for operand in (node.left, *node.comparators)]
        if len(rest) == 1:
            compare, second = comparisons[0], rest[0]
            return lambda arguments: compare(first(arguments), second(arguments))

        def chain(arguments: Sequence[Any]) -> Any:
            left = first(arguments)
            result: Any = True
            for compare, operand in zip(comparisons, rest, strict=True):
                right = operand(arguments)
                result = compare(left, right)
                if not result:
                    break
                left = right
            return result

        return chain

    def _bool(self, node: ast.BoolOp) -> Evaluate:
        operands = [self.build(operand) for operand in node.values]
        stops_at = isinstance(node.op, ast.Or)

        def choose(arguments: Sequence[Any]) -> Any:
            value: Any = None
            for operand in operands:
                value = operand(arguments)
                if bool(value) is stops_at:
                    break
            return value

        return choose

    def _if(self, node: ast.IfExp) -> Evaluate:
        test, body, orelse = self.build(node.test), self._result(node.body), self._result(node.orelse)
        return lambda arguments: body(arguments) if test(arguments) else orelse(arguments)

    def _result(self, node: ast.expr) -> Evaluate:
        if isinstance(node, ast.Constant) and node.value is None:
            return lambda arguments: None
        return self.build(node)

    def _subscript(self, node: ast.Subscript) -> Evaluate:
        value = self.build(node.value)
        if not isinstance(node.slice, ast.Slice):
            index = self.build(node.slice)
            return lambda arguments: value(arguments)[index(arguments)]
        start, stop, step = (
            None if bound is None else self.build(bound)
            for bound in (node.slice.lower, node.slice.upper, node.slice.step)
        )

        def cut(arguments: Sequence[Any]) -> Any:
            whole = value(arguments)
            bounds = [None if bound is None else bound(arguments) for bound in (start, stop, step)]
            return whole[slice(*bounds)]

        return cut

    def _call(self, node: ast.Call) -> Evaluate:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise ValueError("calls take plain positional arguments only")
        arguments_of = [self.build(argument) for argument in node.args]
        bounds = self._bounds
        match node.func:
            case ast.Name(id=name) if name in guarded.FUNCTIONS and name not in self._positions:
                function = self._bounds.functions[name]
                return lambda arguments: bounds.bounded(function(*[build(arguments) for build in arguments_of]))
            case ast.Attribute(value=owner, attr=name) if name in guarded.METHODS:
                receiver = self.build(owner)

                def call_method(arguments: Sequence[Any]) -> Any:
                    text = receiver(arguments)
                    method = bounds.find_method(name, text)
                    return bounds.bounded(method(text, *[build(arguments) for build in arguments_of]))

                return call_method
            case _:
                known = ", ".join([*guarded.FUNCTIONS, *(f".{name}" for name in guarded.METHODS)])
                raise ValueError(f"{ast.unparse(node.func)} can't be called here, only {known}")
