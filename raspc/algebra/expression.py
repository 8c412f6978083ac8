"""Functions of RASP values that can be written down: `l, i -> l - i - 1`.

An expression is a small part of Python's expression language over named parameters. It is what the compiler knows of
a map's function or a select's predicate if it knows anything: it can be printed, parsed again, compared and looked
into, and it is evaluated by a walk over its tree, never by `eval`. So a file with expressions can be read safely.
"""

from __future__ import annotations

import ast
import keyword
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, cast

from raspc.algebra.analysis import affine_form, comparison_form, is_type_agnostic
from raspc.algebra.comparison import Comparison
from raspc.algebra.effort import spend
from raspc.algebra.evaluation import Evaluate, evaluator
from raspc.algebra.guarded import OWN, OWN_AS_TEXT, TEXT, Bounds, size
from raspc.algebra.values import MAX_NESTING, shortened
from raspc.errors import BoundError

MAX_LENGTH = 10_000
"""How many characters the text of an expression may have, as it is given and as it is printed."""

MAX_DEPTH = 64
"""How deeply the operations of an expression may nest."""

UNITS_PER_CALL = 16
"""What calling an expression costs beside its nodes; see `algebra.effort`."""

UNITS_PER_ITEM = 12
"""What each item of a tuple costs that an expression gives: it is checked, compared and measured."""


@dataclass(frozen=True)
class Expression:
    """A function of named parameters whose body is a Python expression.

    The body may have constants, parameters, tuples, arithmetic, comparisons, `and`, `or`, `not`, `… if … else …`
    (whose results alone may be `None`, for undefined), subscripts, and calls of the functions and string methods
    that `raspc.algebra.guarded` lists. It is kept in the form in which `ast.unparse` writes it. Two expressions are
    equal if their parameters and bodies are written alike.

    Calling it evaluates the body as Python would, exceptions included. Where a value on the way is larger than the
    bounds of `raspc.algebra.guarded` allow, it raises a `BoundError`: a text must not make values of any size. What a
    program in Python computes itself, its `own` expressions, has bounds that are far beyond what is reasonable.

    >>> opposite = Expression(("l", "i"), "(l-i) - 1")
    >>> print(opposite)
    l, i -> l - i - 1
    >>> opposite(5, 0)
    4

    Raises:
        ValueError: the parameters aren't distinct plain names, or the body isn't an expression of this kind.
    """

    parameters: tuple[str, ...]
    body: str
    own: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_parameters(self.parameters)
        object.__setattr__(self, "body", ast.unparse(_parse_body(self.body)))
        _check_length(str(self))
        _tree(self.parameters, self.body)  # it is a body that can be evaluated

    @staticmethod
    def parse(text: str) -> Expression:
        """The expression that `str` prints as `text`.

        Raises:
            ValueError: `text` is not an expression, or is too long or too deeply nested.
        """
        _check_length(text)
        parameters, arrow, body = text.partition("->")
        if not arrow:
            raise ValueError(f"{_excerpt(text)} is not an expression: expected parameters -> body, as in 'x -> x + 1'")
        return Expression(tuple(name.strip() for name in parameters.split(",")), body)

    def __str__(self) -> str:
        return f"{', '.join(self.parameters)} -> {self.body}"

    def __call__(self, *arguments: Any) -> Any:
        """The value of the body for these arguments.

        Raises:
            BoundError: it, or a value on the way to it, would be too large.
            EffortError: the `effort` that is open is spent.
        """
        if len(arguments) != len(self.parameters):
            raise TypeError(f"'{self}' takes {len(self.parameters)} arguments, not {len(arguments)}")
        if not self.own:
            spend(UNITS_PER_CALL + self._nodes + self._units_for(arguments))
        try:
            result = self._evaluate(arguments)
        except BoundError as error:
            problem = error
        else:
            if not self.own:
                spend(_units_of(result))
            return result
        try:
            if self.own:
                return _evaluator(self.parameters, self.body, OWN)(arguments)
        except BoundError as error:
            problem = error
        shown = ", ".join(shortened(argument) for argument in arguments)
        raise BoundError(f"{_excerpt(str(self))} can't be evaluated on {shown}: {problem}")

    def call_as_text(self, arguments: Sequence[Any]) -> Any:
        """The value of the body, where it can be computed within the bounds for texts.

        Raises:
            BoundError: it can't.
        """
        return self._evaluate(arguments)

    def _units_for(self, arguments: Sequence[Any]) -> int:
        """What looking at large arguments costs, each as often as there are nodes."""
        whole = sum(size(argument) >> 3 for argument in arguments if isinstance(argument, str | tuple))
        return whole * self._nodes

    @property
    def tree(self) -> ast.expr:
        """The syntax tree of the body, which must not be changed."""
        return _tree(self.parameters, self.body)[0]

    @cached_property
    def _nodes(self) -> int:
        return _tree(self.parameters, self.body)[1]

    @cached_property
    def _evaluate(self) -> Evaluate:
        return _evaluator(self.parameters, self.body, OWN_AS_TEXT if self.own else TEXT)

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.parameters, "body": self.body, "own": self.own}

    def as_affine(self) -> tuple[tuple[int | float, ...], int | float] | None:
        """The coefficient of each parameter and the constant, if the body is an affine combination of numbers.

        This says what the body computes if all its parameters are numbers; `2 * x` repeats an `x` that is a string.
        The coefficients are computed exactly and rounded once.

        >>> Expression.parse("l, i -> 2 * (l - i) - 1").as_affine()
        ((2, -2), -1)
        """
        return affine_form(self.tree, self.parameters)

    def as_comparison(self) -> Comparison | None:
        """The comparison of the two parameters, in their order, that the body makes, if it makes one.

        >>> Expression.parse("k, q -> q > k").as_comparison()
        Comparison.LT
        """
        return comparison_form(self.tree, self.parameters)

    def is_type_agnostic(self, reach: float) -> bool:
        """Whether equal arguments of different types (`True`, `1`, `1.0`) always give equal results, or all raise.

        Arithmetic on floats rounds where that on ints doesn't: beyond 2**53. So the answer holds for arguments of which
        no number has an absolute value of more than `reach`. It is `False` where there is any doubt.

        >>> successor = Expression.parse("x -> x + 1 == 2")
        >>> successor.is_type_agnostic(1000), successor.is_type_agnostic(2**53)
        (True, False)
        """
        return is_type_agnostic(self.tree, reach)


class Watched:
    """A function that is called, and of which it is noted whether it did what it mustn't as a text.

    Attributes:
        function: the function.
        exceeded: whether it is an own expression that has computed values beyond the bounds for texts.
    """

    def __init__(self, function: Callable[..., Any]):
        self.function = function
        self.exceeded = False
        self._own = function if isinstance(function, Expression) and function.own else None

    def __call__(self, *arguments: Any) -> Any:
        if self._own is None:
            return self.function(*arguments)
        try:
            return self._own.call_as_text(arguments)
        except BoundError:
            self.exceeded = True
            return self._own(*arguments)


def literal(value: object, depth: int = 0) -> ast.expr | None:
    """The tree that stands for a constant in the body of an expression, or `None` if there is none.

    There is one for the values of exactly the types int, float, bool, str and tuple, except NaN and what is too long or
    nested too deeply to write down.

    >>> ast.unparse(literal((-1, "a", float("inf"))))
    "(-1, 'a', 1e309)"
    """
    if type(value) is bool:
        return ast.Constant(value)
    if type(value) is str:
        return ast.Constant(value) if len(value) < MAX_LENGTH else None
    if type(value) is int:
        return _signed(value, value < 0) if value.bit_length() < MAX_LENGTH else None
    if type(value) is float:
        return None if math.isnan(value) else _signed(value, math.copysign(1, value) < 0)
    if type(value) is tuple:
        if depth == MAX_NESTING or len(cast("tuple[object, ...]", value)) > MAX_LENGTH:
            return None
        items = [literal(item, depth + 1) for item in cast("tuple[object, ...]", value)]
        present = [item for item in items if item is not None]
        return ast.Tuple(present, ast.Load()) if len(present) == len(items) else None
    return None


def _signed(number: int | float, negative: bool) -> ast.expr:
    """A number as Python writes it: one with a sign is an operation on one without."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-number)) if negative else ast.Constant(number)


def from_tree(parameters: Sequence[str], tree: ast.expr) -> Expression | None:
    """The own expression with this body, or `None` if expressions can't say it (it is too large, for one)."""
    if _depth(tree) > MAX_DEPTH:
        return None
    try:
        return Expression(tuple(parameters), ast.unparse(tree), own=True)
    except ValueError:
        return None


def _check_parameters(parameters: tuple[str, ...]) -> None:
    for name in parameters:
        if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            raise ValueError(f"{_excerpt(name)} can't name a parameter of an expression")
    if len(set(parameters)) < len(parameters):
        raise ValueError(f"the parameters of an expression must be distinct, not {', '.join(parameters)}")
    if not parameters:
        raise ValueError("an expression needs at least one parameter")


def _units_of(result: Any) -> int:
    return UNITS_PER_ITEM * size(result) if isinstance(result, tuple) else 0


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an expression of {len(text)} characters is too long: the limit is {MAX_LENGTH}")


@lru_cache(maxsize=4096)
def _tree(parameters: tuple[str, ...], body: str) -> tuple[ast.expr, int]:
    """The tree of a body, which is checked, and the number of its nodes."""
    tree = _parse_body(body)
    evaluator(tree, parameters, TEXT)
    return tree, _count(tree)


@lru_cache(maxsize=4096)
def _evaluator(parameters: tuple[str, ...], body: str, bounds: Bounds) -> Evaluate:
    return evaluator(_tree(parameters, body)[0], parameters, bounds)


def _parse_body(body: str) -> ast.expr:
    _check_length(body)
    try:
        with warnings.catch_warnings():
            # Python warns of doubtful spellings (an unknown escape, `1if x`): here they are errors.
            for category in (SyntaxWarning, DeprecationWarning):
                warnings.simplefilter("error", category)
            tree = ast.parse(body.strip(), mode="eval").body
    except (SyntaxError, ValueError, OverflowError) as error:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ValueError(f"{_excerpt(body)} is not an expression: {message}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"{_excerpt(body)} is too deeply nested") from None
    if _depth(tree) > MAX_DEPTH:
        raise ValueError(f"{_excerpt(body)} is too deeply nested: the limit is {MAX_DEPTH} operations")
    return tree


def _depth(tree: ast.AST) -> int:
    """How deeply the nodes of a tree nest, found level by level so that no tree is too deep to ask."""
    depth = 0
    level: list[ast.AST] = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in _parts(node)]
        if depth > MAX_DEPTH:
            break
    return depth


def _count(tree: ast.AST) -> int:
    return 1 + sum(_count(part) for part in _parts(tree))


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    leaves = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    return (child for child in ast.iter_child_nodes(node) if not isinstance(child, leaves))


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
