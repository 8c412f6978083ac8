"""The functions that maps apply and the predicates that selects apply.

A function is one of five kinds, from the most to the least that the compiler knows of it: a `Comparison`, an `Affine`
combination, an `Expression`, a finite `Table`, or an `Opaque` Python callable. All of them are called with values and
return a value, `None` for undefined, or raise what the Python function would raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, reduce
from typing import Any, Final, TypeAlias

import numpy as np

from raspc.algebra.analysis import EXACT_INTS
from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression
from raspc.algebra.values import MaybeValue, Value, exact_form, is_number
from raspc.errors import SourceLocation


@dataclass(frozen=True)
class Affine:
    """The affine combination `sum(c * x) + constant` of its operands.

    >>> Affine((1, -1), 2)(5, 3)
    4
    """

    coefficients: tuple[int | float, ...]
    constant: int | float = 0

    def __call__(self, *operands: Any) -> Any:
        if len(operands) != len(self.coefficients):
            raise TypeError(f"expected {len(self.coefficients)} operands, got {len(operands)}")
        for operand in operands:
            if not is_number(operand):
                raise TypeError(f"an affine combination needs numbers, got {operand!r}")
        # The first term starts the sum, so that the value is exactly that of the Python expression a * x + b * y.
        total: Any = None
        for coefficient, operand in zip(self.coefficients, operands, strict=True):
            term = coefficient * operand
            total = term if total is None else total + term
        return total + self.constant if self.constant else total


class Unreachable(Enum):
    """The result of a table where its function has no meaning, so that the program can't reach it."""

    UNREACHABLE = "_"


UNREACHABLE: Final = Unreachable.UNREACHABLE


@dataclass(frozen=True)
class Table:
    """A function that is given by its results on a grid of arguments.

    Attributes:
        arguments: for each operand the values that it may have.
        results: the results in row-major order of the grid: the last operand varies fastest. `None` is undefined;
            `UNREACHABLE` has no meaning, and calling the table there raises a TypeError.
        raising: operands on which calling the table raises a TypeError too, though there is a result for equal ones of
            other types: `"ab"[1.0]` has no meaning, and `"ab"[1]` has.
        forms: operands with the result that they have where it is of another type than that of equal operands, which it
            equals: `max(1.0, True)` is 1.0, and `max(1, True)` is 1.

    >>> Table(((1, 2), ("a", "b")), (10, 20, 30, None))(2, "a")
    30
    """

    arguments: tuple[tuple[Value, ...], ...]
    results: tuple[MaybeValue | Unreachable, ...]
    raising: tuple[tuple[Value, ...], ...] = ()
    forms: tuple[tuple[tuple[Value, ...], Value], ...] = ()

    @cached_property
    def _forms(self) -> dict[object, Value]:
        return {exact_form(operands): result for operands, result in self.forms}

    @cached_property
    def _raising(self) -> frozenset[object]:
        return frozenset(exact_form(operands) for operands in self.raising)

    @cached_property
    def _codes(self) -> tuple[dict[Value, int], ...]:
        return tuple({value: code for code, value in enumerate(values)} for values in self.arguments)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values of each operand."""
        return tuple(len(values) for values in self.arguments)

    def __call__(self, *operands: Value) -> MaybeValue:
        index = 0
        for codes, operand in zip(self._codes, operands, strict=True):
            if operand not in codes:
                raise TypeError(f"{operand!r} is outside the table")
            index = index * len(codes) + codes[operand]
        result = self.results[index]
        if isinstance(result, Unreachable) or (self.raising and exact_form(operands) in self._raising):
            raise TypeError(f"the function has no meaning on {operands!r}")
        return self._forms.get(exact_form(operands), result) if self.forms else result

    def __post_init__(self) -> None:
        cells = int(np.prod([len(values) for values in self.arguments], dtype=np.int64))
        if cells != len(self.results):
            raise ValueError(f"a table over a grid of {cells} cells has {len(self.results)} results")
        if any(len(codes) != len(values) for codes, values in zip(self._codes, self.arguments, strict=True)):
            raise ValueError("the arguments of a table must be distinct")
        if any(len(operands) != len(self.arguments) for operands in self.raising):
            raise ValueError(f"the table takes {len(self.arguments)} operands, and raises on another number of them")
        for operands, result in self.forms:
            if len(operands) != len(self.arguments):
                raise ValueError(f"the table takes {len(self.arguments)} operands, and has forms for {len(operands)}")
            if any(operand not in codes for operand, codes in zip(operands, self._codes, strict=True)):
                raise ValueError(f"the table has a form for {operands!r}, which it has no result for")
            cell = [codes[operand] for operand, codes in zip(operands, self._codes, strict=True)]
            known = self.results[int(np.ravel_multi_index(cell, self.shape))]
            if known != result:
                raise ValueError(f"the form {result!r} for {operands!r} doesn't equal the result {known!r}")

    def over(self, arguments: Sequence[tuple[Value, ...]]) -> Table:
        """The same table on another grid, which has no result where this one hasn't.

        >>> Table(((1, 2),), (10, 20)).over([(3, 1, 2)]).results[1:]
        (10, 20)
        """
        if tuple(arguments) == self.arguments:
            return self
        codes = [
            np.array([known.get(value, -1) for value in values], dtype=np.int64)
            for known, values in zip(self._codes, arguments, strict=True)
        ]
        grids = np.ix_(*codes)
        missing = reduce(np.logical_or, [grid < 0 for grid in grids], np.zeros((1,) * len(codes), dtype=np.bool_))
        numbers = np.arange(len(self.results), dtype=np.int64).reshape(self.shape)
        cells = np.where(missing, -1, numbers[grids]).ravel().tolist() if self.results else [-1] * missing.size
        results = tuple(UNREACHABLE if cell < 0 else self.results[cell] for cell in cells)
        return Table(tuple(arguments), results, self.raising, self.forms)


@dataclass(frozen=True)
class Opaque:
    """A Python callable of which nothing is known. It can be called but not printed; two are equal if they are one.

    Attributes:
        callable: the function.
        name: how messages call it.
    """

    callable: Callable[..., Any]
    name: str = field(compare=False)
    where: SourceLocation | None = field(default=None, compare=False)

    def __call__(self, *operands: Any) -> Any:
        return self.callable(*operands)


Function: TypeAlias = Comparison | Affine | Expression | Table | Opaque


def arity(function: Function) -> int | None:
    """How many operands the function takes; `None` if that can't be told without calling it."""
    match function:
        case Comparison():
            return 2
        case Affine():
            return len(function.coefficients)
        case Expression():
            return len(function.parameters)
        case Table():
            return len(function.arguments)
        case Opaque():
            return None


def is_type_agnostic(function: Function, reach: float) -> bool:
    """Whether equal arguments of different types (`True`, `1`, `1.0`) always give equal results.

    Args:
        function: the function.
        reach: the largest absolute value of a number among the arguments, or within them.
    """
    match function:
        case Comparison():
            return True
        case Affine(coefficients=coefficients, constant=constant):
            return sum(abs(each) for each in coefficients) * reach + abs(constant) <= EXACT_INTS
        case Table():
            return not function.raising
        case Expression():
            return function.is_type_agnostic(reach)
        case Opaque():
            return False


def exact_function(function: Function) -> object:
    """A key that is equal for functions that are equal and have values of the same types, and for no others.

    >>> exact_function(Affine((1,))) == exact_function(Affine((True,))), Affine((1,)) == Affine((True,))
    (False, True)
    """
    match function:
        case Affine(coefficients=coefficients, constant=constant):
            return (Affine, exact_form(coefficients), exact_form(constant))
        case Table(arguments=arguments, results=results, raising=raising, forms=forms):
            return (
                Table,
                exact_form(arguments),
                tuple(result if isinstance(result, Unreachable) else exact_form(result) for result in results),
                exact_form(raising),
                exact_form(forms),
            )
        case Comparison() | Expression() | Opaque():
            return function


def as_affine(function: Function) -> Affine | None:
    """The function as an affine combination, if it is one."""
    match function:
        case Affine():
            return function
        case Expression():
            found = function.as_affine()
            return None if found is None else Affine(*found)
        case _:
            return None


def describe(function: Function) -> str:
    """The function in an error message."""
    match function:
        case Comparison():
            return function.mnemonic
        case Affine():
            return f"an affine combination {list(function.coefficients)} + {function.constant}"
        case Expression():
            return f"'{function}'"
        case Table():
            return "a table"
        case Opaque():
            return function.name


def grid_size(sizes: Sequence[int]) -> int:
    """The number of cells of a grid, as an exact int."""
    cells = 1
    for size in sizes:
        cells *= size
    return cells
