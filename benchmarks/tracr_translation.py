"""A program of raspc rebuilt with Tracr's classes, as a user of Tracr would write it.

Tracr needs more of its users than raspc does, and rules that need no thought can give it:

- **encodings**: an aggregate that averages zeros and ones is made numerical, and so are its values; a copy of the other
  encoding stands wherever a reader needs it.
- **pairs**: a selector that combines several is one select, whose keys and queries are tuples.

Three more rules change no meaning and always apply. A constant is a part of the function or predicate that reads it. A
function of three or more s-ops is one of tuples, as in Tracr's `make_nary_sequencemap`. A function that raises is
undefined there, whatever it raises: Tracr calls it on combinations that never occur.
"""

# Tracr isn't among the dependencies, and has no types.
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracr.rasp import rasp as tracr

from raspc import rasp
from raspc.algebra.values import is_number, normalise


class NotExpressibleError(Exception):
    """Tracr has no counterpart for a part of the program."""


@dataclass(frozen=True)
class Rules:
    """Which rules help Tracr."""

    encodings: bool = False
    pairs: bool = False

    @property
    def names(self) -> list[str]:
        """The names of those that are on."""
        return [name for name in ("encodings", "pairs") if getattr(self, name)]


ATTEMPTS = (Rules(), Rules(encodings=True), Rules(pairs=True), Rules(encodings=True, pairs=True))
"""What is tried, in this order."""


def averaging(program: rasp.SOp, inputs: Sequence[Sequence[Any]], causal: bool) -> set[int]:
    """The ids of the aggregates that give, on one of the inputs, a number that is none of their values."""
    found: set[int] = set()
    for expression in _expressions(program):
        if not isinstance(expression, rasp.Aggregate):
            continue
        for xs in inputs:
            values = rasp.evaluate(expression.sop, xs, causal=causal)
            results = rasp.evaluate(expression, xs, causal=causal)
            if any(result not in values and result != expression.default for result in results):
                found.add(id(expression))
                break
    return found


def _expressions(program: rasp.SOp) -> list[Any]:
    found: dict[int, Any] = {}
    waiting: list[Any] = [program]
    while waiting:
        expression = waiting.pop()
        if id(expression) not in found:
            found[id(expression)] = expression
            waiting.extend(expression.children)
    return list(found.values())


@dataclass
class Translator:
    """Rebuilds expressions, each once.

    Attributes:
        rules: which rules help.
        averages: the ids of the aggregates that average.
        used: the names of the rules that changed something.
    """

    rules: Rules
    averages: set[int]
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._sops: dict[int, tuple[Any, Any]] = {}  # the expression too, so that its id stays its own
        self._selectors: dict[int, tuple[Any, Any]] = {}

    def sop(self, expression: rasp.SOp) -> Any:
        """The s-op in Tracr."""
        if id(expression) not in self._sops:
            self._sops[id(expression)] = (expression, self._with_encoding(expression, self._sop(expression)))
        return self._sops[id(expression)][1]

    def selector(self, expression: rasp.Selector) -> Any:
        """The selector in Tracr."""
        if id(expression) not in self._selectors:
            self._selectors[id(expression)] = (expression, self._selector(expression))
        return self._selectors[id(expression)][1]

    # S-ops

    def _sop(self, expression: rasp.SOp) -> Any:
        match expression:
            case rasp.TokensType():
                return tracr.tokens
            case rasp.IndicesType():
                return tracr.indices
            case rasp.Full(fill=fill):
                return tracr.Full(_value(fill))
            case rasp.ConstantSOp(value=values, check_length=check_length):
                return tracr.ConstantSOp([_value(value) for value in values], check_length)
            case rasp.SelectorWidth(selector=selector):
                return tracr.SelectorWidth(self.selector(selector))
            case rasp.Aggregate():
                return self._aggregate(expression)
            case rasp.LinearSequenceMap(fst=fst, snd=snd, fst_fac=fst_fac, snd_fac=snd_fac):
                return self._linear(expression, self.sop(fst), self.sop(snd), fst_fac, snd_fac)
            case rasp.Map():
                return self._map(expression)
            case _:
                raise NotExpressibleError(f"Tracr has nothing like {type(expression).__name__}")

    def _with_encoding(self, expression: rasp.SOp, found: Any) -> Any:
        """As the user asked for; by the rule, tokens and indices are copied where they are to be numerical."""
        if not rasp.is_numerical(expression) or tracr.is_numerical(found):
            return found
        if self.rules.encodings and found in (tracr.tokens, tracr.indices):
            return self._numerical(found)
        return tracr.numerical(found)

    def _aggregate(self, expression: rasp.Aggregate) -> Any:
        values, default = self.sop(expression.sop), _value(expression.default)
        selector = self.selector(expression.selector)
        if not self.rules.encodings:
            return tracr.Aggregate(selector, values, default)
        if id(expression) in self.averages or rasp.is_numerical(expression):
            if default is None:
                default = 0
            self._uses_encodings(not (rasp.is_numerical(expression) and default == expression.default))
            return tracr.numerical(tracr.Aggregate(selector, self._numerical(values), default))
        return tracr.Aggregate(selector, self._categorical(values), default)

    def _linear(self, expression: rasp.SOp, fst: Any, snd: Any, fst_fac: float, snd_fac: float) -> Any:
        numerical = [rasp.is_numerical(expression), tracr.is_numerical(fst), tracr.is_numerical(snd)]
        if not self.rules.encodings:
            return tracr.LinearSequenceMap(fst, snd, fst_fac, snd_fac)
        if any(numerical):
            linear = tracr.LinearSequenceMap(self._numerical(fst), self._numerical(snd), fst_fac, snd_fac)
            return tracr.numerical(linear)
        self._uses_encodings(True)
        return tracr.SequenceMap(_guarded(lambda x, y: fst_fac * x + snd_fac * y), fst, snd)

    def _map(self, expression: rasp.Map) -> Any:
        """A map of one s-op, of two, or of tuples; constants become a part of the function."""
        constants: dict[int, Any] = {}
        operands: list[Any] = []
        places: list[int] = []
        for place, inner in enumerate(expression.inners):
            if isinstance(inner, rasp.Full):
                constants[place] = inner.fill
                continue
            operand = self.sop(inner)
            known = next((i for i, other in enumerate(operands) if other is operand), None)
            places.append(len(operands) if known is None else known)
            if known is None:
                operands.append(operand)
        function, width = expression.function, len(expression.inners)

        def combined(*values: Any) -> Any:
            rest = iter(places)
            return function(*(constants[p] if p in constants else values[next(rest)] for p in range(width)))

        if not operands:
            raise NotExpressibleError("a map of constants alone")
        if len(operands) == 1:
            return tracr.Map(_guarded(combined), operands[0])
        operands = [self._categorical(operand) for operand in operands]
        if len(operands) == 2:
            return tracr.SequenceMap(_guarded(combined), *operands)
        return tracr.Map(_guarded(lambda values: combined(*values)), _tuples(operands))

    # Encodings

    def _uses_encodings(self, changed: bool) -> None:
        if changed:
            self.used.add("encodings")

    def _numerical(self, sop: Any) -> Any:
        if not self.rules.encodings or tracr.is_numerical(sop):
            return sop
        self._uses_encodings(True)
        return tracr.numerical(tracr.Map(lambda x: x, sop))

    def _categorical(self, sop: Any) -> Any:
        if not self.rules.encodings or tracr.is_categorical(sop):
            return sop
        self._uses_encodings(True)
        return tracr.categorical(tracr.Map(lambda x: x, sop, simplify=False))

    # Selectors

    def _selector(self, expression: rasp.Selector) -> Any:
        match expression:
            case rasp.ConstantSelector(value=value, check_length=check_length):
                return tracr.ConstantSelector([list(row) for row in value], check_length)
            case rasp.Select(keys=keys, queries=queries):
                return tracr.Select(*self._operands(keys, queries), _predicate(expression))
            case rasp.SelectorNot(inner=inner):
                found = tracr.selector_not(self.selector(inner))
            case rasp.SelectorAnd(fst=fst, snd=snd):
                found = tracr.selector_and(self.selector(fst), self.selector(snd))
            case rasp.SelectorOr(fst=fst, snd=snd):
                found = tracr.selector_or(self.selector(fst), self.selector(snd))
            case _:
                raise NotExpressibleError(f"Tracr has nothing like {type(expression).__name__}")
        if self.rules.pairs and not isinstance(found, tracr.Select):
            return self._paired(expression)
        return found

    def _operands(self, keys: rasp.SOp, queries: rasp.SOp) -> tuple[Any, Any]:
        """The keys and queries of a select; the predicate knows constants, and any s-op can stand for them."""
        key, query = (
            tracr.tokens if isinstance(each, rasp.Full) else self._categorical(self.sop(each))
            for each in (keys, queries)
        )
        return key, query

    def _paired(self, expression: rasp.Selector) -> Any:
        """One select whose keys are tuples of all the keys, and whose queries of all the queries."""
        self.used.add("pairs")
        keys: list[Any] = []
        queries: list[Any] = []
        holds = self._condition(expression, keys, queries)
        key, query = (_tuples(each) if len(each) > 1 else each[0] for each in (keys, queries))

        def predicate(key_value: Any, query_value: Any) -> bool:
            ks = key_value if len(keys) > 1 else (key_value,)
            qs = query_value if len(queries) > 1 else (query_value,)
            return bool(holds(ks, qs))

        return tracr.Select(key, query, predicate)

    def _condition(self, expression: Any, keys: list[Any], queries: list[Any]) -> Callable[[Any, Any], bool]:
        """The truth of a selector as a function of the tuples; keys and queries that are new are added to the lists."""
        match expression:
            case rasp.Select():
                key, query = self._operands(expression.keys, expression.queries)
                k, q = _index(keys, key), _index(queries, query)
                predicate = _predicate(expression)
                return lambda ks, qs: predicate(ks[k], qs[q])
            case rasp.SelectorNot(inner=inner):
                negated = self._condition(inner, keys, queries)
                return lambda ks, qs: not negated(ks, qs)
            case rasp.SelectorAnd(fst=fst, snd=snd):
                left, right = self._condition(fst, keys, queries), self._condition(snd, keys, queries)
                return lambda ks, qs: left(ks, qs) and right(ks, qs)
            case rasp.SelectorOr(fst=fst, snd=snd):
                left, right = self._condition(fst, keys, queries), self._condition(snd, keys, queries)
                return lambda ks, qs: left(ks, qs) or right(ks, qs)
            case _:
                raise NotExpressibleError(f"{type(expression).__name__} among other selectors")


def _index(sops: list[Any], sop: Any) -> int:
    """Where an s-op stands in a list; it is added if it doesn't. Tracr's `==` builds s-ops."""
    for index, other in enumerate(sops):
        if other is sop:
            return index
    sops.append(sop)
    return len(sops) - 1


def _tuples(sops: Sequence[Any]) -> Any:
    """An s-op of tuples, one element of each of two or more s-ops."""
    first, second, *rest = sops
    found = tracr.SequenceMap(lambda x, y: (x, y), first, second)
    for sop in rest:
        found = tracr.SequenceMap(lambda xs, x: (*xs, x), found, sop)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        raise NotExpressibleError("Tracr's values are numbers, bools and strings, not tuples")
    return value


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, undefined where an operand is or where it raises an exception."""

    def guarded(*operands: Any) -> Any:
        if any(operand is None for operand in operands):
            return None
        try:
            return normalise(function(*operands))
        except Exception:
            return None

    return guarded


def _predicate(select: rasp.Select) -> Callable[[Any, Any], bool]:
    """The predicate with the constants among its operands; it doesn't select what is undefined."""
    function: Callable[[Any, Any], Any] = select.function
    key_fill = select.keys.fill if isinstance(select.keys, rasp.Full) else None
    query_fill = select.queries.fill if isinstance(select.queries, rasp.Full) else None

    def predicate(key: Any, query: Any) -> bool:
        key = key if key_fill is None else key_fill
        query = query if query_fill is None else query_fill
        if key is None or query is None:
            return False
        try:
            return bool(function(key, query))
        except Exception:
            return False

    return predicate


def agree(expected: Any, found: Any, numerical: bool) -> bool:
    """Whether Tracr's answer at a position counts as right; a number may be off a little, as it isn't decoded."""
    if is_number(expected) and is_number(found):
        return abs(expected - found) <= (1e-3 if numerical else 1e-6) * max(1.0, abs(expected))
    return bool(expected == found)
