"""From what a user writes to the functions of maps and the predicates of selects.

A user may give any callable. Where it can be read as an expression (`raspc.rasp.tracing`) or is one of the functions of
Python that expressions have, the compiler gets an expression; otherwise it gets the callable itself.
"""

from __future__ import annotations

import ast
import inspect
import operator
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression, literal
from raspc.algebra.functions import Affine, Function, Opaque, Table, arity
from raspc.algebra.guarded import FUNCTIONS
from raspc.algebra.values import Value, shortened
from raspc.errors import ProgramError, SourceLocation
from raspc.rasp.tracing import trace

_OPERATORS: dict[object, str] = {
    getattr(operator, name): body
    for name, body in {
        "add": "x + y",
        "sub": "x - y",
        "mul": "x * y",
        "truediv": "x / y",
        "floordiv": "x // y",
        "mod": "x % y",
        "pow": "x ** y",
        "eq": "x == y",
        "ne": "x != y",
        "lt": "x < y",
        "le": "x <= y",
        "gt": "x > y",
        "ge": "x >= y",
        "neg": "-x",
        "not_": "not x",
    }.items()
}
"""Functions of the operator module, as expressions."""

_BUILTINS: dict[object, str] = {
    builtin: builtin.__name__ for builtin in (abs, min, max, int, float, bool, str, len, round, sum)
}
"""Builtins that expressions call by the same name."""

assert set(_BUILTINS.values()) == set(FUNCTIONS)


def map_function(f: Callable[..., Any], operands: int, where: SourceLocation | None) -> Function:
    """The function of a map over so many operands.

    Raises:
        ProgramError: `f` can't be called, or not with so many arguments.
    """
    return _as_function(f, _map_parameters(operands), where)


def select_predicate(predicate: Callable[..., Any], where: SourceLocation | None) -> Function:
    """The predicate of a select, as a `Comparison` if it is one.

    Raises:
        ProgramError: it can't be called, or not with a key and a query.
    """
    function = _as_function(predicate, ("k", "q"), where)
    comparison = function.as_comparison() if isinstance(function, Expression) else None
    return function if comparison is None else comparison


def _map_parameters(operands: int) -> tuple[str, ...]:
    return ("x", "y", "z")[:operands] if operands <= 3 else tuple(f"x{i}" for i in range(operands))


def _as_function(f: Callable[..., Any], parameters: Sequence[str], where: SourceLocation | None) -> Function:
    if isinstance(f, Comparison | Affine | Expression | Table | Opaque):
        taken = arity(f)
        if taken is not None and taken != len(parameters):
            raise ProgramError(f"{_at(where)}expected a function of {len(parameters)} arguments, found one of {taken}")
        return f
    if not callable(f):
        raise ProgramError(f"{_at(where)}expected a function, found {shortened(f, 200)} of type {type(f).__name__}")
    _check_arity(f, len(parameters), where)
    known = _known(f, parameters)
    if known is None:
        known = trace(f, parameters)
    return known if known is not None else Opaque(frozen(f), _name(f), where)


def operation(template: str, names: Sequence[str | None], constants: Sequence[Value | None]) -> Function:
    """The function of an operator: `template` with operands and constants in place of its braces.

    It is an expression. Where a constant is too large for that, it is a callable that has the constant.

    Args:
        template: such as `{} + {}`.
        names: the names of the operands, `None` where there is a constant.
        constants: the constants, and `None` where there is an operand.
    """
    parameters = tuple(dict.fromkeys(name for name in names if name is not None))
    trees = [None if constant is None else literal(constant) for constant in constants]
    if not any(name is None and tree is None for name, tree in zip(names, trees, strict=True)):
        texts = [
            name if name is not None else f"({ast.unparse(cast(ast.expr, tree))})"
            for name, tree in zip(names, trees, strict=True)
        ]
        try:
            return Expression(parameters, template.format(*texts), own=True)
        except ValueError:  # it is too long
            pass
    kept = {f"constant{place}": constant for place, constant in enumerate(constants) if constant is not None}
    places = [name if name is not None else f"constant{place}" for place, name in enumerate(names)]
    body = Expression((*parameters, *kept), template.format(*places), own=True)
    return Opaque(_WithConstants(body, tuple(kept.values())), f"'{body}'")


@dataclass(frozen=True)
class _WithConstants:
    """A function whose last arguments are given."""

    function: Callable[..., Any]
    constants: tuple[Value, ...]

    def __call__(self, *operands: Any) -> Any:
        return self.function(*operands, *self.constants)


def _check_arity(f: Callable[..., Any], arguments: int, where: SourceLocation | None) -> None:
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):  # some builtins don't tell
        return
    try:
        signature.bind(*range(arguments))
    except TypeError:
        raise ProgramError(
            f"{_at(where)}{_name(f)}{signature} can't be called with {arguments} arguments, one for each operand"
        ) from None


def _known(f: Callable[..., Any], parameters: Sequence[str]) -> Expression | None:
    """The expression for a function of Python itself."""
    if not isinstance(f, type | types.BuiltinFunctionType):
        return None
    if f in _BUILTINS:
        return Expression(tuple(parameters), f"{_BUILTINS[f]}({', '.join(parameters)})", own=True)
    if f in _OPERATORS and len(parameters) <= 2:
        return Expression(("x", "y")[: len(parameters)], _OPERATORS[f], own=True)
    return None


def frozen(f: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of a function for which the constants it captures stay what they are now.

    A loop that builds a map per turn from `lambda x: f(x, i)` then gets maps of different functions, as it does where
    the functions are traced, and an interpreter that runs now agrees with a compiler that runs later. Only plain
    constants are kept; other captured objects are shared with the original.
    """
    if type(f) is not types.FunctionType:
        return f
    cells = f.__closure__ or ()
    closure = tuple(types.CellType(cell.cell_contents) if _holds_constant(cell) else cell for cell in cells)
    names = set(_global_names(f.__code__))
    scope = f.__globals__
    keeps_globals = any(literal(scope[name]) is not None for name in names if name in scope)
    # Cells compare by what they hold, so look at the cells themselves.
    if not keeps_globals and all(kept is cell for kept, cell in zip(closure, cells, strict=True)):
        return f
    copy = types.FunctionType(
        f.__code__, dict(scope) if keeps_globals else scope, f.__name__, f.__defaults__, closure or None
    )
    copy.__kwdefaults__ = f.__kwdefaults__
    copy.__qualname__ = f.__qualname__
    copy.__dict__.update(f.__dict__)
    return copy


def _holds_constant(cell: types.CellType) -> bool:
    try:
        return literal(cell.cell_contents) is not None
    except ValueError:  # not assigned yet
        return False


def _global_names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def _name(f: object) -> str:
    return str(getattr(f, "__qualname__", None) or type(f).__qualname__)


def _at(where: SourceLocation | None) -> str:
    return "" if where is None else f"{where}: "
