"""The expressions of RASP: s-ops, which are sequences of values, and selectors, which are boolean matrices.

An expression says what to compute and computes nothing; calling it with an input evaluates it.

>>> flipped = Select(indices, length - indices - 1, Comparison.EQ)
>>> Aggregate(flipped, tokens)("abc")
['c', 'b', 'a']
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

from raspc.algebra.comparison import Comparison
from raspc.algebra.functions import Affine, Function
from raspc.algebra.values import MaybeValue, Value, is_number, normalise, shortened
from raspc.errors import BoundError, ProgramError, SourceLocation
from raspc.rasp.base import Encoding, RASPExpr, annotate, argument_error
from raspc.rasp.functions import map_function, operation, select_predicate
from raspc.rasp.operators import ElementwiseOperators
from raspc.rasp.simplification import composed, conjunction, disjunction, negation

Predicate: TypeAlias = Callable[[Any, Any], object]
"""A predicate of a select: called with a key and a query, its result counts as Python counts it, true or false."""

SelectorValue: TypeAlias = list[list[bool]]
"""What a selector computes: for each query position whether it selects each key position."""

NumericValue: TypeAlias = int | float
"""A value that can be averaged."""

SOpT = TypeVar("SOpT", bound="SOp")


class SOp(ElementwiseOperators, RASPExpr):
    """A sequence operation: for each input a sequence of values as long as the input."""

    default_name = "sop"

    def __call__(self, xs: Sequence[Any], *, causal: bool = False) -> list[MaybeValue]:
        """The values for the input `xs`.

        An s-op isn't causal by itself: what a model computes that was compiled with `causal=True` is
        `program(xs, causal=True)`.

        Args:
            xs: the tokens; a string is the sequence of its characters.
            causal: whether every selector selects only keys at or before the query.
        """
        from raspc.rasp.interpreter import evaluate

        return evaluate(self, xs, causal=causal)

    def _combine(self, template: str, *operands: object) -> SOp:
        names: dict[SOp, str] = {}
        values: list[Value | None] = []
        for operand in operands:
            if isinstance(operand, SOp):
                names.setdefault(operand, "xy"[len(names)])
            values.append(None if isinstance(operand, SOp) else _constant(self, operand))
        given = [names[operand] if isinstance(operand, SOp) else None for operand in operands]
        function = operation(template, given, values)
        return Map(function, *names) if len(names) == 1 else SequenceMap(function, *names)


def _constant(sop: SOp, constant: object) -> Value:
    """A constant operand as a value."""
    if isinstance(constant, RASPExpr):
        raise ProgramError(f"an operator can't combine {sop!r} with {constant!r}: expected an s-op or a value")
    try:
        value = normalise(constant)
    except (TypeError, BoundError) as error:
        raise ProgramError(f"an operator can't combine {sop!r} with a constant: {error}") from None
    if value is None:
        raise ProgramError(
            f"an operator can't combine {sop!r} with None: whatever is combined with undefined is undefined"
        )
    return value


class Selector(RASPExpr):
    """A boolean matrix: for each query position the key positions that it selects."""

    default_name = "selector"

    def __call__(self, xs: Sequence[Any], *, causal: bool = False) -> list[list[bool]]:
        """The matrix for the input `xs`, query position by key position; see `SOp.__call__`."""
        from raspc.rasp.interpreter import evaluate

        return evaluate(self, xs, causal=causal)

    def __and__(self, other: Selector) -> SelectorAnd:
        return SelectorAnd(self, other)

    def __or__(self, other: Selector) -> SelectorOr:
        return SelectorOr(self, other)

    def __invert__(self) -> SelectorNot:
        return SelectorNot(self)


class TokensType(SOp):
    """The input itself."""

    default_name = "tokens"


class IndicesType(SOp):
    """The positions, counted from 0."""

    default_name = "indices"


class Map(SOp):
    """A function applied position by position.

    Attributes:
        f: the function as the user gave it.
        function: the function as the compiler and the interpreter take it: an expression if it is one.
        inners: the operands.

    With `simplify`, a map of a map is one map of what the inner one reads; the value is the same, and the inner map's
    own values aren't computed for it.

    >>> Map(lambda x: x + 1, tokens)([1, 2, 3])
    [2, 3, 4]
    >>> Map(max, tokens, indices, length)([7, 1])
    [7, 2]
    >>> Map(abs, tokens - 2, simplify=True).inner
    <TokensType 'tokens'>
    """

    default_name = "map"

    def __init__(self, f: Callable[..., Any], inner: SOp, *inners: SOp, simplify: bool = False):
        super().__init__()
        self.f = f
        self.inners = tuple(_require_sop(self, operand) for operand in (inner, *inners))
        if isinstance(f, RASPExpr):
            raise argument_error(self, f"expected a function, found {f!r}")
        self.function: Function = map_function(f, len(self.inners), self.where)
        if _require_bool(self, simplify) and len(self.inners) == 1 and isinstance(inner, Map):
            self.function = composed(self.function, inner.function, self.where)
            self.inners = inner.inners
        self.children = self.inners

    @property
    def inner(self) -> SOp:
        """The first operand."""
        return self.inners[0]


class SequenceMap(Map):
    """A function of two or more s-ops applied position by position.

    >>> SequenceMap(lambda x, y: x - y, length, tokens)([1, 2, 3])
    [2, 1, 0]
    """

    default_name = "sequence_map"

    def __init__(self, f: Callable[..., Any], fst: SOp, snd: SOp, *rest: SOp):
        super().__init__(f, fst, snd, *rest)

    @property
    def fst(self) -> SOp:
        """The first operand."""
        return self.inners[0]

    @property
    def snd(self) -> SOp:
        """The second operand."""
        return self.inners[1]


class LinearSequenceMap(SequenceMap):
    """The linear combination `fst_fac * fst + snd_fac * snd` of two s-ops of numbers.

    >>> LinearSequenceMap(length, indices, 2, -1)([7, 7, 7])
    [6, 5, 4]
    """

    default_name = "linear_sequence_map"

    def __init__(self, fst: SOp, snd: SOp, fst_fac: float, snd_fac: float):
        self.fst_fac, self.snd_fac = _factor(fst_fac), _factor(snd_fac)
        super().__init__(Affine((self.fst_fac, self.snd_fac)), fst, snd)


def _factor(factor: object) -> int | float:
    value = normalise(factor)
    if not is_number(value) or not math.isfinite(number := cast("int | float", value)):
        raise ProgramError(f"LinearSequenceMap: expected a finite number as a factor, found {shortened(factor)}")
    return number


class Full(SOp):
    """The same value at every position.

    >>> Full("x")([1, 2])
    ['x', 'x']
    """

    default_name = "full"

    def __init__(self, fill: MaybeValue):
        super().__init__()
        self.fill = _require_value(self, fill)


class ConstantSOp(SOp):
    """A given sequence of values, whatever the input.

    Attributes:
        value: the sequence.
        check_length: whether an input must be exactly as long; otherwise it may be shorter and the rest is left out.
    """

    default_name = "constant_sop"

    def __init__(self, value: Sequence[MaybeValue], check_length: bool = True):
        super().__init__()
        self.value: tuple[MaybeValue, ...] = tuple(_require_value(self, item) for item in value)
        self.check_length = check_length


class SelectorWidth(SOp):
    """The number of selected positions.

    >>> SelectorWidth(Select(tokens, tokens, Comparison.EQ))("abac")
    [2, 1, 2, 1]
    """

    default_name = "selector_width"

    def __init__(self, selector: Selector):
        super().__init__()
        self.selector = _require_selector(self, selector)
        self.children = (self.selector,)


class Aggregate(SOp):
    """What the defined values at the selected positions come to: the value they share, or their mean.

    Attributes:
        selector: which positions.
        sop: the values.
        default: the value where no defined value is selected; `None` is undefined.

    >>> before = Select(indices, indices, Comparison.LT)
    >>> Aggregate(before, tokens, default="nothing")([2, 2, 4])
    ['nothing', 2, 2]
    """

    default_name = "aggregate"

    def __init__(self, selector: Selector, sop: SOp, default: MaybeValue = None):
        super().__init__()
        self.selector = _require_selector(self, selector)
        self.sop = _require_sop(self, sop)
        self.default = _require_value(self, default)
        self.children = (self.selector, self.sop)


class Select(Selector):
    """The keys that stand in a relation to the query.

    Attributes:
        predicate: the relation as the user gave it, called with the key first.
        function: the relation as the compiler and the interpreter take it: a `Comparison` or an expression if it is
            one.

    >>> Select(tokens, indices, lambda key, query: key == query + 1)([1, 1, 2])
    [[True, True, False], [False, False, True], [False, False, False]]
    """

    default_name = "select"

    def __init__(self, keys: SOp, queries: SOp, predicate: Predicate):
        super().__init__()
        self.keys = _require_sop(self, keys)
        self.queries = _require_sop(self, queries)
        self.children = (self.keys, self.queries)
        self.predicate = predicate
        if isinstance(predicate, RASPExpr):
            raise argument_error(self, f"expected a predicate, found {predicate!r}")
        self.function: Function = select_predicate(predicate, self.where)


class ConstantSelector(Selector):
    """A given matrix, query position by key position, whatever the input.

    Attributes:
        value: the matrix.
        check_length: whether an input must be exactly as long; otherwise it may be shorter and the rest is left out.
    """

    default_name = "constant_selector"

    def __init__(self, value: Sequence[Sequence[bool]], check_length: bool = True):
        super().__init__()
        self.value: tuple[tuple[bool, ...], ...] = tuple(tuple(bool(cell) for cell in row) for row in value)
        if any(len(row) != len(self.value) for row in self.value):
            raise argument_error(
                self, "expected a square matrix: for each query position one truth value per key position"
            )
        self.check_length = check_length


class SelectorAnd(Selector):
    """The positions that both selectors select."""

    default_name = "selector_and"

    def __init__(self, fst: Selector, snd: Selector):
        super().__init__()
        self.fst = _require_selector(self, fst)
        self.snd = _require_selector(self, snd)
        self.children = (self.fst, self.snd)


class SelectorOr(Selector):
    """The positions that at least one of the selectors selects."""

    default_name = "selector_or"

    def __init__(self, fst: Selector, snd: Selector):
        super().__init__()
        self.fst = _require_selector(self, fst)
        self.snd = _require_selector(self, snd)
        self.children = (self.fst, self.snd)


class SelectorNot(Selector):
    """The positions that a selector doesn't select, except those that it can't tell because they are undefined."""

    default_name = "selector_not"

    def __init__(self, inner: Selector):
        super().__init__()
        self.inner = _require_selector(self, inner)
        self.children = (self.inner,)


def selector_and(fst: Selector, snd: Selector, simplify: bool = False) -> Selector:
    """The selector `fst & snd`; with `simplify` one select, where both are selects of the same keys and queries."""
    both = SelectorAnd(fst, snd)
    merged = _merged(fst, snd, conjunction) if _require_bool(both, simplify) else None
    return both if merged is None else merged


def selector_or(fst: Selector, snd: Selector, simplify: bool = False) -> Selector:
    """The selector `fst | snd`; with `simplify` one select, where both are selects of the same keys and queries."""
    either = SelectorOr(fst, snd)
    merged = _merged(fst, snd, disjunction) if _require_bool(either, simplify) else None
    return either if merged is None else merged


def selector_not(inner: Selector, simplify: bool = False) -> Selector:
    """The selector `~inner`; with `simplify` one select, where `inner` is one."""
    complement = SelectorNot(inner)
    if _require_bool(complement, simplify) and isinstance(inner, Select):
        return Select(inner.keys, inner.queries, negation(inner.function, complement.where))
    return complement


def _merged(
    fst: Selector, snd: Selector, combine: Callable[[Function, Function, SourceLocation | None], Function]
) -> Select | None:
    """The one select that two selects of the same keys and queries make; `None` if they are something else."""
    match fst, snd:
        case Select(), Select() if fst.keys is snd.keys and fst.queries is snd.queries:
            return Select(fst.keys, fst.queries, combine(fst.function, snd.function, snd.where))
        case _:
            return None


def sop_not(sop: SOp) -> SOp:
    """The s-op `~sop`."""
    return ~sop


def numerical(sop: SOpT) -> SOpT:
    """A copy of an s-op of numbers that the compiler is to represent by one scalar."""
    return annotate(sop, encoding=Encoding.NUMERICAL)


def categorical(sop: SOpT) -> SOpT:
    """A copy of an s-op that the compiler is to represent one-hot."""
    return annotate(sop, encoding=Encoding.CATEGORICAL)


def get_encoding(sop: SOp) -> Encoding | None:
    """The encoding that the user asked for; `None` leaves the choice to the compiler."""
    return sop.annotations.get("encoding")


def is_numerical(sop: SOp) -> bool:
    """Whether the user asked for the numerical encoding."""
    return get_encoding(sop) is Encoding.NUMERICAL


def is_categorical(sop: SOp) -> bool:
    """Whether the user asked for the categorical encoding."""
    return get_encoding(sop) is Encoding.CATEGORICAL


def _require_sop(owner: RASPExpr, found: object) -> SOp:
    if isinstance(found, SOp):
        return found
    is_value = isinstance(found, int | float | str | tuple)
    hint = "; use Full(value) for a constant" if is_value else ""
    if (found is True or found is False) and isinstance(owner, Map):
        hint += f", or simplify={found}, which is given by name"
    raise argument_error(owner, f"expected an s-op, found {_shown(found)}{hint}")


def _require_selector(owner: RASPExpr, found: object) -> Selector:
    if isinstance(found, Selector):
        return found
    raise argument_error(owner, f"expected a selector, found {_shown(found)}")


def _require_bool(owner: RASPExpr, found: object) -> bool:
    if isinstance(found, bool):
        return found
    raise argument_error(owner, f"simplify must be True or False, found {_shown(found)}")


def _require_value(owner: RASPExpr, found: object) -> MaybeValue:
    try:
        return normalise(found)
    except (TypeError, BoundError) as error:
        raise argument_error(owner, f"expected a value: {error}") from None


def _shown(found: object) -> str:
    return repr(found) if isinstance(found, RASPExpr) else f"{shortened(found, 200)} of type {type(found).__name__}"


tokens = TokensType()
"""The input itself."""

indices = IndicesType()
"""The positions, counted from 0."""

length = SelectorWidth(Select(indices, indices, Comparison.TRUE).named("all")).named("length")
"""The length of the input, at every position."""

for _primitive in (tokens, indices, length, length.selector):
    _primitive.where = None  # not the line of whoever happens to import this module first
