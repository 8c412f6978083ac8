"""Programs as raspc's expressions: their attributes say what they are, and nothing of raspc evaluates them.

A function is the callable that the user gave. That of an operator (`tokens + 1`) is text, which Python reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from raspc import rasp
from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Affine, Opaque
from raspc.rasp.base import RASPExpr
from raspc.rasp.simplification import Composition, Conjunction, Disjunction, Negation
from tests.oracle import language
from tests.oracle.evaluation import Program, as_value
from tests.oracle.language import COMPARISONS, Node


def read_expression(program: rasp.SOp, *, causal: bool = False) -> Program:
    """The program that an s-op of raspc is."""
    nodes: dict[int, Node] = {}
    waiting: list[tuple[RASPExpr, bool]] = [(program, False)]
    while waiting:
        expression, ready = waiting.pop()
        if id(expression) in nodes:
            continue
        if ready:
            nodes[id(expression)] = _node(expression, [nodes[id(child)] for child in expression.children])
        else:
            waiting.append((expression, True))
            waiting += [(child, False) for child in expression.children]
    return Program(nodes[id(program)], causal=causal)


def _node(expression: RASPExpr, operands: list[Node]) -> Node:
    match expression:
        case rasp.TokensType():
            return language.Tokens()
        case rasp.IndicesType():
            return language.Indices()
        case rasp.Map():
            composed = isinstance(expression.function, Opaque) and isinstance(expression.function.callable, Composition)
            return language.Map(read_function(expression.function if composed else expression.f), tuple(operands))
        case rasp.Full():
            return language.Full(expression.fill)
        case rasp.ConstantSOp():
            return language.Given(expression.value, expression.check_length)
        case rasp.SelectorWidth():
            return language.Width(*operands)
        case rasp.Aggregate():
            return language.Aggregate(*operands, default=expression.default)
        case rasp.Select():
            return language.Select(*operands, predicate=read_function(expression.predicate))
        case rasp.ConstantSelector():
            return language.GivenSelector(expression.value, expression.check_length)
        case rasp.SelectorAnd():
            return language.And(*operands)
        case rasp.SelectorOr():
            return language.Or(*operands)
        case rasp.SelectorNot():
            return language.Not(*operands)
    raise TypeError(f"the oracle doesn't know {expression!r}")


def read_function(function: Any) -> Callable[..., Any]:
    """The Python function that a map or a select calls."""
    match function:
        case Comparison():
            return COMPARISONS[function.name]
        case Expression():
            return eval(f"lambda {', '.join(function.parameters)}: {function.body}", {})
        case Affine():
            return _linear_combination(function)
        case Opaque():
            return read_function(function.callable)
        case Composition():
            return _chain([read_function(step) for step in function.steps])
        case Conjunction():
            return _both(read_function(function.fst), read_function(function.snd), all)
        case Disjunction():
            return _both(read_function(function.fst), read_function(function.snd), any)
        case Negation():
            inner = read_function(function.inner)
            return lambda key, query: not inner(key, query)
        case _:
            return function


def _linear_combination(affine: Affine) -> Callable[..., Any]:
    p, q = affine.coefficients
    return lambda x, y: p * x + q * y


def _chain(steps: list[Callable[..., Any]]) -> Callable[..., Any]:
    def chained(*operands: Any) -> Any:
        value = as_value(steps[0](*operands))
        for step in steps[1:]:
            if value is None:
                return None
            value = as_value(step(value))
        return value

    return chained


def _both(fst: Callable[..., Any], snd: Callable[..., Any], join: Callable[[list[bool]], bool]) -> Callable[..., bool]:
    def joined(key: Any, query: Any) -> bool:
        return join([bool(fst(key, query)), bool(snd(key, query))])

    return joined
