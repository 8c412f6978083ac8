"""The building blocks of generated programs: s-ops and selectors of what is defined so far and of new parts.

The builder knows the kind of each s-op's values and a bound on their number. So what it builds has a meaning on most
inputs, and the compiler seldom refuses it: nothing grows beyond what a lookup or a mean can hold. Within these bounds
it builds whatever the language has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb, prod
from types import MappingProxyType

from raspc import rasp
from raspc.algebra.comparison import Comparison
from raspc.algebra.values import MaybeValue, Value
from raspc.errors import ProgramError
from raspc.testing import functions
from raspc.testing.choices import Choices
from raspc.testing.functions import Kind, Template

MAX_CELLS = 4096
"""The most combinations of operand values of a map or of a select."""

MAX_MEANS = 3003
"""The most means of an aggregate."""

REUSED = 0.25
"""How often an operand is an s-op or a selector that there is already."""

CONSTANT = 0.05
"""How often an operand is a constant where it needn't be."""

ANNOTATED = 0.15
"""How often an s-op of numbers is given an encoding."""

OP_MIX: Mapping[str, float] = MappingProxyType(
    {
        "map": 3.0,
        "sequence_map": 3.0,
        "aggregate": 6.0,
        "selector_width": 3.0,
        "linear_sequence_map": 0.5,
        "constant_sop": 0.0,
        "select": 8.0,
        "selector_and": 1.0,
        "selector_or": 1.0,
        "selector_not": 1.0,
        "constant_selector": 0.0,
    }
)
"""How often each operation is chosen, by the default name of its expressions."""

MAP_PARAMETERS = ("x", "y", "z")
PREDICATE_PARAMETERS = ("k", "q")

_COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "True": Comparison.TRUE,
        "False": Comparison.FALSE,
        "k == q": Comparison.EQ,
        "k != q": Comparison.NEQ,
        "k < q": Comparison.LT,
        "k <= q": Comparison.LEQ,
        "k > q": Comparison.GT,
        "k >= q": Comparison.GEQ,
    }
)
"""The predicates that can be given as comparisons too."""


@dataclass(frozen=True)
class Node:
    """An s-op.

    Attributes:
        sop: the s-op.
        kind: what its defined values are.
        most: a bound on their number.
    """

    sop: rasp.SOp
    kind: Kind
    most: int


@dataclass(frozen=True)
class SelectorNode:
    """A selector.

    Attributes:
        selector: the selector.
        cells: a bound on the combinations of the values of all its keys and queries.
        single: whether a query selects at most one key.
    """

    selector: rasp.Selector
    cells: int
    single: bool = False


def kind_of(values: Sequence[Value]) -> Kind:
    """The kind of an s-op with these values.

    >>> kind_of([1, 2]), kind_of([1, 2.5]), kind_of([1, "a"])
    (<Kind.INT: 'int'>, <Kind.NUMBER: 'number'>, <Kind.ANY: 'any'>)
    """
    kinds = {_kind_of_value(value) for value in values}
    for kind in functions.KINDS:
        if all(found.fits(kind) for found in kinds):
            return kind
    raise AssertionError("every kind fits any")


def _kind_of_value(value: Value) -> Kind:
    match value:
        case bool():
            return Kind.BOOL
        case int():
            return Kind.INT
        case float():
            return Kind.NUMBER
        case str():
            return Kind.STRING
        case tuple():
            return Kind.TUPLE


class Builder:
    """Builds the s-ops of one program.

    Args:
        choices: decides.
        vocab: the tokens.
        max_seq_len: the length of the longest input.
        op_mix: weights of operations, instead of those of `OP_MIX`; 0 leaves one out.
        risk: how often kinds are disregarded, so that there may be no meaning on some inputs.

    Raises:
        ProgramError: `op_mix` names an operation that there isn't, or has a negative weight.
    """

    def __init__(
        self,
        choices: Choices,
        vocab: Sequence[Value],
        max_seq_len: int,
        *,
        op_mix: Mapping[str, float],
        risk: float,
    ):
        self.choices = choices
        self.vocab = tuple(vocab)
        self.max_seq_len = max_seq_len
        self.risk = risk
        self.mix = {**OP_MIX, **op_mix}
        for name, weight in self.mix.items():
            if name not in OP_MIX:
                raise ProgramError(f"there is no operation {name!r}: expected one of {', '.join(OP_MIX)}")
            if weight < 0:
                raise ProgramError(f"the weight of {name!r} is negative")
        self.constants: tuple[Value, ...] = (*self.vocab, 0, 1, "a")
        self.leaves = [
            Node(rasp.tokens, kind_of(self.vocab), len(self.vocab)),
            Node(rasp.indices, Kind.INT, max_seq_len),
            Node(rasp.length, Kind.INT, max_seq_len),
        ]
        self.sops: list[Node] = []
        self.selectors: list[SelectorNode] = []

    # S-ops

    def sop(self, wanted: Kind, size: int) -> Node:
        """An s-op of a kind, of at most `size` new operations."""
        return self.choices.part(lambda: self._sop(wanted, size))

    def _sop(self, wanted: Kind, size: int) -> Node:
        if self.risk and self.choices.flag(self.risk):
            wanted = Kind.ANY
        usable = [node for node in self.sops if node.kind.fits(wanted)]
        if usable and self.choices.flag(REUSED):
            return self.choices.pick(usable)
        if size <= 0:
            return self._leaf(wanted)
        weights = {
            "map": 1,
            "sequence_map": 1,
            "aggregate": size >= 2,
            "selector_width": size >= 2 and Kind.INT.fits(wanted),
            "linear_sequence_map": Kind.NUMBER.fits(wanted),
            "constant_sop": 1,
        }
        options = [(name, self.mix[name] * possible) for name, possible in weights.items()]
        if not any(weight for _, weight in options):
            return self._leaf(wanted)
        match self.choices.weighted(options):
            case "map":
                node = self._map(wanted, size, 1)
            case "sequence_map":
                node = self._map(wanted, size, self.choices.weighted([(2, 3.0), (3, 1.0)]))
            case "aggregate":
                node = self._aggregate(wanted, size)
            case "selector_width":
                node = Node(rasp.SelectorWidth(self.selector(size - 1).selector), Kind.INT, self.max_seq_len + 1)
            case "linear_sequence_map":
                node = self._linear(size)
            case _:
                node = self._constant_sop(wanted)
        node = self._encoded(node)
        self.sops.append(node)
        return node

    def _leaf(self, wanted: Kind) -> Node:
        usable = [leaf for leaf in self.leaves if leaf.kind.fits(wanted)]
        if usable and not self.choices.flag(CONSTANT):
            return self.choices.pick(usable)
        constant = self._constant(wanted)
        return Node(rasp.Full(constant), kind_of([constant]), 1)

    def _constant(self, wanted: Kind) -> Value:
        options: list[Value] = [value for value in self.constants if kind_of([value]).fits(wanted)]
        options += {Kind.BOOL: [True, False], Kind.TUPLE: [(1, "a")], Kind.NUMBER: [-0.5]}.get(wanted, [])
        return self.choices.pick(options)

    def _constant_sop(self, wanted: Kind) -> Node:
        values = [self._constant(wanted) for _ in range(self.max_seq_len)]
        return Node(rasp.ConstantSOp(values, check_length=False), kind_of(values), self.max_seq_len)

    def _map(self, wanted: Kind, size: int, arity: int) -> Node:
        templates = [
            template
            for template in self._any_of(functions.MAPS, functions.RISKY_MAPS)
            if len(template.operands) == arity
            and template.result.fits(wanted)
            and sum(not self._has(kind) for kind in template.operands) < size
        ]
        if not templates:
            return self._leaf(wanted)
        # The kinds first, as some have many more functions than others.
        kinds = self.choices.pick(list(dict.fromkeys(template.operands for template in templates)))
        template = self.choices.pick([template for template in templates if template.operands == kinds])
        nodes = self._operands(kinds, size - 1)
        most = prod(node.most for node in nodes)
        if most > MAX_CELLS:  # more combinations than a lookup can hold
            return self._leaf(wanted)
        return Node(
            rasp.Map(self._function(template, MAP_PARAMETERS), *(node.sop for node in nodes)),
            template.result,
            most if template.most is None else min(most, template.most),
        )

    def _any_of(self, safe: Sequence[Template], risky: Sequence[Template]) -> Sequence[Template]:
        return (*safe, *risky) if self.risk and self.choices.flag(self.risk) else safe

    def _has(self, kind: Kind) -> bool:
        """Whether there is an s-op of a kind that isn't a constant."""
        return any(node.kind.fits(kind) for node in (*self.leaves, *self.sops))

    def _operands(self, kinds: Sequence[Kind], size: int) -> list[Node]:
        """S-ops of these kinds, of at most `size` new operations together."""
        # A kind of which there is nothing yet needs an operation; what is left is divided.
        needed = [not self._has(kind) for kind in kinds]
        spare = self._split(max(size - sum(needed), 0), len(kinds))
        return [self.sop(kind, need + extra) for kind, need, extra in zip(kinds, needed, spare, strict=True)]

    def _function(self, template: Template, parameters: Sequence[str]) -> rasp.Predicate:
        body = functions.fill_gaps(template.text, self.choices, self.constants)
        return functions.lambda_of(parameters[: len(template.operands)], body)

    def _linear(self, size: int) -> Node:
        fst, snd = self._operands([Kind.NUMBER, Kind.NUMBER], size - 1)
        if fst.most * snd.most > MAX_CELLS:
            return fst
        factors = [self.choices.pick((1, -1, 2, 0.5)) for _ in range(2)]
        return Node(rasp.LinearSequenceMap(fst.sop, snd.sop, *factors), Kind.NUMBER, fst.most * snd.most)

    def _encoded(self, node: Node) -> Node:
        if not node.kind.fits(Kind.NUMBER) or not self.choices.flag(ANNOTATED):
            return node
        annotate = self.choices.pick((rasp.numerical, rasp.categorical))
        return replace(node, sop=annotate(node.sop))

    # Aggregates

    def _aggregate(self, wanted: Kind, size: int) -> Node:
        if Kind.NUMBER.fits(wanted) and not self.choices.flag(0.4):
            return self._mean(size)
        if self.risk and self.choices.flag(self.risk):
            values_size, selector_size = self._split(size - 2, 2)
            values = self.sop(wanted, values_size)
            return self._aggregated(self.selector(selector_size + 1), values, self._default(wanted))
        if self.choices.flag(0.2):
            return self._aggregate_of_equals(wanted, size)
        values_size, selector_size = self._split(size - 2, 2)
        values = self.sop(wanted, values_size)
        return self._aggregated(self.single_selector(selector_size + 1), values, self._default(wanted))

    def _mean(self, size: int) -> Node:
        """An aggregate that may average several numbers."""
        values_size, selector_size = self._split(size - 2, 2)
        values = self.sop(Kind.NUMBER, values_size)
        means = comb(values.most + self.max_seq_len, self.max_seq_len)
        if means > MAX_MEANS:
            return self._aggregated(self.single_selector(selector_size + 1), values, self._default(Kind.NUMBER))
        selector = self.selector(selector_size + 1)
        default = self.choices.pick((None, 0, 1, -3, 0.5))
        return Node(rasp.Aggregate(selector.selector, values.sop, default), Kind.NUMBER, means + 1)

    def _aggregate_of_equals(self, wanted: Kind, size: int) -> Node:
        """An aggregate that selects equal values only: its keys are the values."""
        values_size, queries_size = self._split(size - 2, 2)
        values = self.sop(wanted, values_size)
        queries = self.sop(values.kind, queries_size)
        if values.most * queries.most > MAX_CELLS:
            return values
        select = SelectorNode(rasp.Select(values.sop, queries.sop, Comparison.EQ), values.most * queries.most)
        self.selectors.append(select)
        return self._aggregated(select, values, self._default(wanted))

    def _aggregated(self, selector: SelectorNode, values: Node, default: MaybeValue) -> Node:
        kinds = [values.kind] if default is None else [values.kind, kind_of([default])]
        kind = next(kind for kind in functions.KINDS if all(found.fits(kind) for found in kinds))
        return Node(rasp.Aggregate(selector.selector, values.sop, default), kind, values.most + 1)

    def _default(self, wanted: Kind) -> MaybeValue:
        return self._constant(wanted) if self.choices.flag(0.4) else None

    # Selectors

    def selector(self, size: int) -> SelectorNode:
        """A selector of at most `size` new operations, at least one."""
        return self.choices.part(lambda: self._selector(size))

    def _selector(self, size: int) -> SelectorNode:
        if self.selectors and self.choices.flag(REUSED):
            return self.choices.pick(self.selectors)
        weights = {
            "select": 1,
            "selector_not": size >= 2,
            "selector_and": size >= 3,
            "selector_or": size >= 3,
            "constant_selector": 1,
        }
        options = [(name, self.mix[name] * possible) for name, possible in weights.items()]
        if not any(weight for _, weight in options):
            options = [("select", 1.0)]
        match self.choices.weighted(options):
            case "select":
                node = self._select(size)
            case "selector_not":
                inner = self.selector(size - 1)
                node = SelectorNode(~inner.selector, inner.cells)
            case "constant_selector":
                node = self._constant_selector()
            case name:
                node = self._joined(name, size)
        self.selectors.append(node)
        return node

    def _joined(self, name: str, size: int) -> SelectorNode:
        fst, snd = (self.selector(part + 1) for part in self._split(size - 3, 2))
        cells = fst.cells * snd.cells
        if cells > MAX_CELLS:  # a disjunction is tabulated over all its operands
            return fst
        if name == "selector_or":
            return SelectorNode(fst.selector | snd.selector, cells)
        return SelectorNode(fst.selector & snd.selector, cells, fst.single or snd.single)

    def _select(self, size: int) -> SelectorNode:
        template = self.choices.pick(
            [
                template
                for template in self._any_of(functions.PREDICATES, functions.RISKY_PREDICATES)
                if sum(not self._has(kind) for kind in template.operands) < size
            ]
        )
        keys, queries = self._operands(template.operands, size - 1)
        if keys.most * queries.most > MAX_CELLS:
            keys = queries = self.leaves[1]
        predicate = self._predicate(template)
        return SelectorNode(rasp.Select(keys.sop, queries.sop, predicate), keys.most * queries.most)

    def single_selector(self, size: int) -> SelectorNode:
        """A selector of at most one position for each query, of at most `size` new operations, at least one."""
        return self.choices.part(lambda: self._single_selector(size))

    def _single_selector(self, size: int) -> SelectorNode:
        usable = [node for node in self.selectors if node.single]
        if usable and self.choices.flag(REUSED):
            return self.choices.pick(usable)
        narrowed = size >= 3 and self.mix["selector_and"] > 0 and self.choices.flag(0.2)
        queries = self.sop(Kind.NUMBER, 0 if narrowed else size - 1)
        body = functions.fill_gaps(self.choices.pick(functions.SINGLE_PREDICATES), self.choices, self.constants)
        predicate = Comparison.EQ if body == "k == q" else functions.lambda_of(PREDICATE_PARAMETERS, body)
        cells = queries.most * self.max_seq_len
        node = SelectorNode(rasp.Select(rasp.indices, queries.sop, predicate), cells, single=True)
        if narrowed:
            other = self.selector(size - 2)
            node = SelectorNode(node.selector & other.selector, cells * other.cells, single=True)
        self.selectors.append(node)
        return node

    def _predicate(self, template: Template) -> rasp.Predicate:
        if template.text in _COMPARISONS and self.choices.flag(0.5):
            return _COMPARISONS[template.text]
        return self._function(template, PREDICATE_PARAMETERS)

    def _constant_selector(self) -> SelectorNode:
        positions = range(self.max_seq_len)
        matrix = [[self.choices.flag(0.5) for _ in positions] for _ in positions]
        return SelectorNode(rasp.ConstantSelector(matrix, check_length=False), self.max_seq_len**2)

    def _split(self, size: int, parts: int) -> list[int]:
        """`size` divided among parts at random."""
        sizes: list[int] = []
        for _ in range(parts - 1):
            sizes.append(self.choices.integer(0, size))
            size -= sizes[-1]
        return [*sizes, size]
