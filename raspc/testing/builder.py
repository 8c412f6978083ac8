"""The building blocks of generated programs: s-ops and selectors of what is defined so far and of new parts.

The builder knows the kind of each s-op's values and a bound on their number. So what it builds has a meaning on most
inputs, and the compiler seldom refuses it: nothing grows beyond what a lookup or a mean can hold. Within these bounds
it builds whatever the language has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import comb, prod

from raspc import rasp
from raspc.algebra.comparison import Comparison
from raspc.algebra.values import MaybeValue, Value
from raspc.testing import extremes, functions
from raspc.testing.choices import Choices
from raspc.testing.extremes import Theme
from raspc.testing.functions import Kind, Template
from raspc.testing.library_programs import LIBRARY, Given
from raspc.testing.nodes import Node, SelectorNode, kind_of
from raspc.testing.parts import MAP_PARAMETERS, REUSED
from raspc.testing.selectors import Selectors

CONSTANT = 0.05
"""How often an operand is a constant where it needn't be."""

ANNOTATED = 0.15
"""How often an s-op of numbers is given an encoding."""

PART = 10
"""So many operations a part of the output of a dense program has, or more."""

NAMES = ("t", "t_1", "t_2", "t_01", "t_1_1", "x", "map", "map_1", "tokens", "indices_1", "length", "größe", "a b", "_")
"""Names that the compiler could take for its own, or cut off."""


class Builder(Selectors):
    """Builds the s-ops of one program.

    Args:
        choices: decides.
        vocab: the tokens.
        max_seq_len: the length of the longest input.
        op_mix: weights of operations, instead of those of `OP_MIX`; 0 leaves one out.
        risk: how often kinds are disregarded, so that there may be no meaning on some inputs.
        extremes: how often a function is one of `raspc.testing.extremes`.
        dense: use up the size, as `random_program` says.
        names: how often an s-op has a name.

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
        extremes: float = 0.0,
        dense: bool = False,
        names: float = 0.0,
    ):
        super().__init__(choices, vocab, max_seq_len, op_mix=op_mix, risk=risk, extremes=extremes, dense=dense)
        self.names = names

    def sop(self, wanted: Kind, size: int) -> Node:
        """An s-op of a kind, of at most `size` new operations."""
        return self.choices.part(lambda: self._sop(wanted, size))

    def output(self, wanted: Kind, size: int) -> Node:
        """The s-op of a program; that of a large dense one is the tuple of several parts, which share what they can."""
        number = min(1 + size // PART, 3) if self.dense and wanted in (Kind.ANY, Kind.TUPLE) else 1
        if number == 1:
            return self.sop(wanted, size)
        parts = [self.sop(self.choices.pick(functions.KINDS), size // number) for _ in range(number)]
        names = MAP_PARAMETERS[:number]
        template = Template(f"({', '.join(names)})", (Kind.ANY,) * number, Kind.TUPLE)
        return self._mapped(template, parts) or parts[0]

    def _sop(self, wanted: Kind, size: int) -> Node:
        if self.risk and self.choices.flag(self.risk):
            wanted = Kind.ANY
        usable = [node for node in self.sops if node.kind.fits(wanted)]
        if usable and self._may_reuse(size) and self.choices.flag(REUSED):
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
            "library": size >= 2,
            "joint_means": size >= 6,
            "hard_numbers": size >= 4 and bool(self.theme),
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
            case "library":
                node = self._library(wanted, size)
            case "joint_means":
                node = self._joint_means(wanted, size)
            case "hard_numbers":
                node = self._hard_numbers(wanted, size)
            case _:
                node = self._constant_sop(wanted)
        node = self._named(self._encoded(node))
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
            for template in self._any_of(functions.MAPS, functions.RISKY_MAPS, extremes.EXTREME_MAPS)
            if len(template.operands) == arity
            and template.result.fits(wanted)
            and sum(not self._has(kind) for kind in template.operands) < size
        ]
        if not templates:
            return self._leaf(wanted)
        # The kinds first, as some have many more functions than others.
        kinds = self.choices.pick(list(dict.fromkeys(template.operands for template in templates)))
        template = self.choices.pick([template for template in templates if template.operands == kinds])
        return self._mapped(template, self._operands(kinds, size - 1)) or self._leaf(wanted)

    def _mapped(
        self,
        template: Template,
        nodes: Sequence[Node],
        theme: Theme | None = None,
        values: Sequence[Value] | None = None,
    ) -> Node | None:
        """A map over s-ops, or over functions of them if a lookup can't hold all combinations of their values."""
        operands = self._affordable(nodes, template.operands)
        if operands is None:
            return None
        most = prod(node.most for node in operands)
        return Node(
            rasp.Map(self._function(template, MAP_PARAMETERS, theme, values), *(node.sop for node in operands)),
            template.result,
            most if template.most is None else min(most, template.most),
        )

    def _library(self, wanted: Kind, size: int) -> Node:
        """A program of the library."""
        programs = [
            program
            for program in LIBRARY
            if self.max_seq_len <= program.longest
            and (program.result or wanted).fits(wanted)
            and (program.operands or program.result or self.leaves[0].kind.fits(wanted))
        ]
        if not programs:
            return self._leaf(wanted)
        program = self.choices.pick(programs)
        kinds = [wanted, *program.operands[1:]] if program.operands and not program.result else program.operands
        nodes = self._operands(kinds, size - 1) if kinds else []
        if len(nodes) > 1 and nodes[1].most * self.max_seq_len > self.max_cells:
            nodes[1] = self._coarse(nodes[1], kinds[1]) or self.leaves[1]
        constants = self.choices.pick(self.vocab), self.choices.pick(self.vocab)
        given = Given(nodes, self.leaves[0], constants, self.choices.integer(1, 3), self.max_seq_len)
        return program.applied(given)

    def _joint_means(self, wanted: Kind, size: int) -> Node:
        """A function of a mean and of another mean, or the width, of one selector."""
        templates = [
            template
            for template in (*functions.MAPS, *extremes.EXTREME_MAPS)
            if len(template.operands) == 2
            and template.operands[0] is Kind.NUMBER
            and Kind.NUMBER.fits(template.operands[1]) | Kind.INT.fits(template.operands[1])
            and template.result.fits(wanted)
        ]
        selector_size, *sizes = self._split(size - 5, 3)
        means = [self._few(self.sop(Kind.NUMBER, part)) for part in sizes]
        if not templates or None in means:
            return self._leaf(wanted)
        selector = self.selector(selector_size + 1).selector
        template = self.choices.pick(templates)
        fst, snd = (self._mean_of(selector, node) for node in means if node is not None)
        if template.operands[1] is Kind.INT or self.choices.flag(0.3):
            snd = Node(rasp.SelectorWidth(selector), Kind.INT, self.max_seq_len + 1)
        return self._mapped(template, [fst, snd]) or fst if fst.kind.fits(wanted) else self._leaf(wanted)

    def _hard_numbers(self, wanted: Kind, size: int) -> Node:
        """A decision on numbers that are hard to tell apart, on their mean, or on that and what else is selected."""
        assert self.theme is not None, "only programs with a theme have such numbers"
        theme = replace(self.theme, groups=(self.choices.pick(self.theme.groups),))
        averaged = self.choices.flag(0.8)
        templates = [
            template
            for template in self.choices.weighted([(extremes.DECISIONS, 0.7), (extremes.ROUNDING, 0.3)])
            if template.result.fits(wanted) and (averaged or len(template.operands) == 1)
        ]
        values = self._hard_values(theme, size - 4)
        if not templates or values is None or self._means(values) > self.max_means:
            return self._leaf(wanted)
        template = self.choices.pick(templates)
        if not averaged:
            return self._mapped(template, [values], theme) or self._leaf(wanted)
        selector = self._often_all(size - 4)
        operands = [self._mean_of(selector, values)]
        if template.operands[1:] == (Kind.INT,):
            width = Node(rasp.SelectorWidth(selector), Kind.INT, self.max_seq_len + 1)
            operands.append(self.choices.pick((self.leaves[2], width)))
        elif template.operands[1:]:
            others = self._hard_values(theme, 0) if self.choices.flag(0.5) else self._few(self.sop(Kind.NUMBER, 0))
            operands.append(self._mean_of(selector, others or values))
        return self._mapped(template, operands, theme) or self._leaf(wanted)

    def _hard_values(self, theme: Theme, size: int) -> Node | None:
        """Numbers that are hard to tell apart: the tokens, if they are, or a function of something."""
        tokens, _, _ = self.leaves
        if tokens.kind is Kind.NUMBER and self.choices.flag(0.3):
            return self._few(tokens)
        operand, values = (tokens, self.vocab) if self.choices.flag(0.7) else (self.sop(Kind.ANY, size), None)
        fitting = [template for template in extremes.HARD_NUMBERS if operand.kind.fits(template.operands[0])]
        return self._mapped(self.choices.pick(fitting), [operand], theme, values)

    def _often_all(self, size: int) -> rasp.Selector:
        """A selector of all positions, of those up to here, or any other one."""
        match self.choices.integer(0, 2):
            case 0:
                return rasp.Select(rasp.indices, rasp.indices, Comparison.TRUE)
            case 1:
                return rasp.Select(rasp.indices, rasp.indices, Comparison.LEQ)
            case _:
                return self.selector(max(size, 1)).selector

    def _few(self, node: Node) -> Node | None:
        """An s-op of numbers of which there are few means."""
        return node if self._means(node) <= self.max_means else self._coarse(node, Kind.NUMBER, most=2)

    def _means(self, node: Node) -> int:
        return comb(node.most + self.max_seq_len, self.max_seq_len)

    def _mean_of(self, selector: rasp.Selector, values: Node) -> Node:
        default = self.choices.pick((None, 0, 1, -3, 0.5))
        return Node(rasp.Aggregate(selector, values.sop, default), Kind.NUMBER, self._means(values) + 1)

    def _linear(self, size: int) -> Node:
        fst, snd = self._operands([Kind.NUMBER, Kind.NUMBER], size - 1)
        if fst.most * snd.most > self.max_cells:
            return fst
        factors = [self.choices.pick((1, -1, 2, 0.5)) for _ in range(2)]
        return Node(rasp.LinearSequenceMap(fst.sop, snd.sop, *factors), Kind.NUMBER, fst.most * snd.most)

    def _encoded(self, node: Node) -> Node:
        if not node.kind.fits(Kind.NUMBER) or not self.choices.flag(ANNOTATED):
            return node
        annotate = self.choices.pick((rasp.numerical, rasp.categorical))
        return replace(node, sop=annotate(node.sop))

    def _named(self, node: Node) -> Node:
        if not self.names or not self.choices.flag(self.names):
            return node
        return replace(node, sop=node.sop.named(self.choices.pick(NAMES)))

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
        few = self._few(values)
        if few is None:
            return self._aggregated(self.single_selector(selector_size + 1), values, self._default(Kind.NUMBER))
        return self._mean_of(self.selector(selector_size + 1).selector, few)

    def _aggregate_of_equals(self, wanted: Kind, size: int) -> Node:
        """An aggregate that selects equal values only: its keys are the values."""
        values_size, queries_size = self._split(size - 2, 2)
        values = self.sop(wanted, values_size)
        queries = self.sop(values.kind, queries_size)
        if values.most * queries.most > self.max_cells:
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
