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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from raspc.algebra.analysis import affine_form, comparison_form, is_type_agnostic
from raspc.algebra.comparison import Comparison
from raspc.algebra.evaluation import Evaluate, evaluator

MAX_LENGTH = 10_000
"""How many characters the text of an expression may have."""

MAX_DEPTH = 64
"""How deeply the operations of an expression may nest."""


@dataclass(frozen=True)
class Expression:
    """A function of named parameters whose body is a Python expression.

    The body may have constants, parameters, tuples, arithmetic, comparisons, `and`, `or`, `not`, `… if … else …`
    (whose results alone may be `None`, for undefined), subscripts, and calls of the functions and string methods
    that `raspc.algebra.guarded` lists. It is kept in the form in which `ast.unparse` writes it. Two expressions are
    equal if their parameters and bodies are written alike.

    Calling it evaluates the body as Python would, exceptions included.

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

    def __post_init__(self) -> None:
        _check_parameters(self.parameters)
        tree, _ = _compiled(self.parameters, self.body)
        object.__setattr__(self, "body", ast.unparse(tree))

    @staticmethod
    def parse(text: str) -> Expression:
        """The expression that `str` prints as `text`.

        Raises:
            ValueError: `text` is not an expression, or is too long or too deeply nested.
        """
        if len(text) > MAX_LENGTH:
            raise ValueError(f"an expression of {len(text)} characters is too long: the limit is {MAX_LENGTH}")
        parameters, arrow, body = text.partition("->")
        if not arrow:
            raise ValueError(f"{_excerpt(text)} is not an expression: expected parameters -> body, as in 'x -> x + 1'")
        return Expression(tuple(name.strip() for name in parameters.split(",")), body)

    def __str__(self) -> str:
        return f"{', '.join(self.parameters)} -> {self.body}"

    def __call__(self, *arguments: Any) -> Any:
        """The value of the body for these arguments."""
        if len(arguments) != len(self.parameters):
            raise TypeError(f"'{self}' takes {len(self.parameters)} arguments, not {len(arguments)}")
        return self._evaluate(arguments)

    @property
    def tree(self) -> ast.expr:
        """The syntax tree of the body, which must not be changed."""
        return _compiled(self.parameters, self.body)[0]

    @cached_property
    def _evaluate(self) -> Evaluate:
        return _compiled(self.parameters, self.body)[1]

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.parameters, "body": self.body}

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


def literal(value: object) -> ast.expr | None:
    """The tree that stands for a constant in the body of an expression, or `None` if there is none.

    There is one for the values of exactly the types int, float, bool, str and tuple, except NaN and what is too long to
    write down.

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
        items = [literal(item) for item in cast("tuple[object, ...]", value)]
        present = [item for item in items if item is not None]
        return ast.Tuple(present, ast.Load()) if len(present) == len(items) else None
    return None


def _signed(number: int | float, negative: bool) -> ast.expr:
    """A number as Python writes it: one with a sign is an operation on one without."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-number)) if negative else ast.Constant(number)


def from_tree(parameters: Sequence[str], tree: ast.expr) -> Expression | None:
    """The expression with this body, or `None` if expressions can't say it (it is too large, for one)."""
    if _depth(tree) > MAX_DEPTH:
        return None
    try:
        return Expression(tuple(parameters), ast.unparse(tree))
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


@lru_cache(maxsize=4096)
def _compiled(parameters: tuple[str, ...], body: str) -> tuple[ast.expr, Evaluate]:
    tree = _parse_body(body)
    return tree, evaluator(tree, parameters)


def _parse_body(body: str) -> ast.expr:
    if len(body) > MAX_LENGTH:
        raise ValueError(f"an expression of {len(body)} characters is too long: the limit is {MAX_LENGTH}")
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


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    leaves = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
    return (child for child in ast.iter_child_nodes(node) if not isinstance(child, leaves))


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
