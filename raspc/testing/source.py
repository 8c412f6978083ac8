"""Programs as Python text."""

from __future__ import annotations

from types import BuiltinFunctionType

from raspc import rasp
from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression
from raspc.rasp.base import Encoding, RASPExpr
from raspc.rasp.interpreter import in_order

_PRIMITIVES: dict[int, str] = {
    id(expression): name
    for name, expression in {"tokens": rasp.tokens, "indices": rasp.indices, "length": rasp.length}.items()
}


def assignments(program: rasp.SOp, name: str = "program") -> list[str]:
    """One line of Python for each expression of a program, the last of which binds `name`.

    The functions in it must be comparisons, functions that are read as expressions, builtins, or lambdas whose name is
    their text, as generated ones are.

    >>> assignments(rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.length, Comparison.LT)))
    ['s1 = rasp.Select(rasp.tokens, rasp.length, rasp.Comparison.LT)', 'program = rasp.SelectorWidth(s1)']
    """
    names: dict[int, str] = {}
    lines: list[str] = []
    expressions = in_order(program)
    children = {
        id(child) for expression in expressions for child in expression.children if expression is not rasp.length
    }
    for expression in expressions:
        if id(expression) in _PRIMITIVES:
            names[id(expression)] = f"rasp.{_PRIMITIVES[id(expression)]}"
        elif expression is program or id(expression) in children:  # not what the length alone is made of
            names[id(expression)] = f"s{len(lines) + 1}"
            lines.append(f"{names[id(expression)]} = {_call(expression, [names[id(c)] for c in expression.children])}")
    if id(program) in _PRIMITIVES:
        return [f"{name} = {names[id(program)]}"]
    return [*lines[:-1], f"{name} = {lines[-1].partition(' = ')[2]}"]


def _call(expression: RASPExpr, children: list[str]) -> str:
    arguments = [*children]
    match expression:
        case rasp.LinearSequenceMap():
            arguments += [repr(expression.fst_fac), repr(expression.snd_fac)]
        case rasp.Map():
            arguments.insert(0, _function(expression.f, expression.function))
        case rasp.Select():
            arguments.append(_function(expression.predicate, expression.function))
        case rasp.Aggregate():
            arguments += [] if expression.default is None else [repr(expression.default)]
        case rasp.Full():
            arguments.append(repr(expression.fill))
        case rasp.ConstantSOp():
            arguments += [repr(expression.value), f"check_length={expression.check_length}"]
        case rasp.ConstantSelector():
            arguments += [repr(expression.value), f"check_length={expression.check_length}"]
        case _:
            pass
    match expression:
        case rasp.TokensType():
            call = "rasp.tokens"
        case rasp.IndicesType():
            call = "rasp.indices"
        case _:
            call = f"rasp.{type(expression).__name__}({', '.join(arguments)})"
    if "name" in expression.annotations:
        call += f".named({expression.name!r})"
    match expression.annotations.get("encoding"):
        case Encoding.NUMERICAL:
            return f"rasp.numerical({call})"
        case Encoding.CATEGORICAL:
            return f"rasp.categorical({call})"
        case _:
            return call


def _function(function: object, read: object) -> str:
    """A function as Python text: that of a lambda which knows its own, or what was read from a function."""
    if isinstance(function, Comparison):
        return f"rasp.Comparison.{function.name}"
    text = str(getattr(function, "__qualname__", function))
    if isinstance(function, type | BuiltinFunctionType) or text.startswith("lambda "):
        return text
    if isinstance(read, Expression):
        return f"lambda {', '.join(read.parameters)}: {read.body}"
    if isinstance(read, Comparison):
        return f"rasp.Comparison.{read.name}"
    return text
