"""What the builders of s-ops and of selectors share: limits, weights, and the making of operands and functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from math import prod
from types import MappingProxyType

from raspc import rasp
from raspc.algebra.values import Value
from raspc.errors import ProgramError
from raspc.testing import functions
from raspc.testing.choices import Choices
from raspc.testing.extremes import EXTREME_MAPS, Theme, extreme_constants, theme_of
from raspc.testing.functions import Kind, Template
from raspc.testing.nodes import Node, SelectorNode, kind_of

MAX_CELLS = 4096
"""The most combinations of operand values of a map or of a select."""

MAX_MEANS = 3003
"""The most means of an aggregate."""

DENSE_LIMITS = (((256, 330), 0.6), ((1024, 1001), 0.25), ((MAX_CELLS, MAX_MEANS), 0.15))
"""The most combinations and means of a dense program, and how often; most are quick to compile."""

MAX_COMPARED = 65536
"""The most of a select by a comparison, of which nothing has to be tabulated."""

REUSED = 0.25
"""How often an operand is an s-op or a selector that there is already."""

SMALL = 4
"""The most new operations that a part of a dense program forgoes."""

OP_MIX: Mapping[str, float] = MappingProxyType(
    {
        "map": 3.0,
        "sequence_map": 3.0,
        "aggregate": 6.0,
        "selector_width": 3.0,
        "linear_sequence_map": 0.5,
        "constant_sop": 0.0,
        "library": 0.0,
        "joint_means": 0.0,
        "hard_numbers": 0.0,
        "select": 8.0,
        "selector_and": 1.0,
        "selector_or": 1.0,
        "selector_not": 1.0,
        "selector_nest": 0.0,
        "constant_selector": 0.0,
    }
)
"""How often each operation is chosen, by the default name of its expressions.

Four are made of several expressions: `library` is a program of `raspc.rasp.library`, `joint_means` a function of a
mean and of another mean or a width of the same selector, `hard_numbers` a decision on numbers that are hard to tell
apart, or on their mean, and `selector_nest` and, or and not of a few selectors, up to six deep.
"""

MAP_PARAMETERS = ("x", "y", "z")


class Parts(ABC):
    """Chooses operands and functions.

    Args:
        choices: decides.
        vocab: the tokens.
        max_seq_len: the length of the longest input.
        op_mix: weights of operations, instead of those of `OP_MIX`; 0 leaves one out.
        risk: how often kinds are disregarded, so that there may be no meaning on some inputs.
        extremes: how often a function is one of `raspc.testing.extremes`.
        dense: use up the size, as `random_program` says.

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
        extremes: float,
        dense: bool,
    ):
        self.choices = choices
        self.vocab = tuple(vocab)
        self.max_seq_len = max_seq_len
        self.risk = risk
        self.extremes = extremes
        self.dense = dense
        self.theme = theme_of(choices) if extremes else None
        self.max_cells, self.max_means = choices.weighted(DENSE_LIMITS) if dense else (MAX_CELLS, MAX_MEANS)
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

    @abstractmethod
    def sop(self, wanted: Kind, size: int) -> Node:
        """An s-op of a kind, of at most `size` new operations."""

    def _has(self, kind: Kind) -> bool:
        """Whether there is an s-op of a kind that isn't a constant."""
        return any(node.kind.fits(kind) for node in (*self.leaves, *self.sops))

    def _operands(self, kinds: Sequence[Kind], size: int) -> list[Node]:
        """S-ops of these kinds, of at most `size` new operations together."""
        # A kind of which there is nothing yet needs an operation; what is left is divided.
        needed = [not self._has(kind) for kind in kinds]
        spare = self._split(max(size - sum(needed), 0), len(kinds))
        return [self.sop(kind, need + extra) for kind, need, extra in zip(kinds, needed, spare, strict=True)]

    def _may_reuse(self, size: int) -> bool:
        """Whether what there is already may take the place of so many new operations."""
        return not self.dense or size <= SMALL

    def _affordable(self, nodes: Sequence[Node], kinds: Sequence[Kind]) -> list[Node] | None:
        """The nodes, or functions of few values of those that have too many; `None` if there are none of the kind."""
        found = list(nodes)
        while prod(node.most for node in found) > self.max_cells:
            largest = max(range(len(found)), key=lambda index: found[index].most)
            coarse = self._coarse(found[largest], kinds[largest])
            if coarse is None or coarse.most >= found[largest].most:
                return None
            found[largest] = coarse
        return found

    def _coarse(self, node: Node, wanted: Kind, most: int = 8) -> Node | None:
        """A function of an s-op, of a kind, that has few values; `None` if there is none or none is asked for."""
        if not self.dense:
            return None
        templates = [
            template
            for template in self._any_of(functions.MAPS, (), EXTREME_MAPS)
            if len(template.operands) == 1
            and node.kind.fits(template.operands[0])
            and template.result.fits(wanted)
            and template.most is not None
            and template.most <= most
        ]
        if not templates:
            return None
        template = self.choices.pick(templates)
        function = self._function(template, MAP_PARAMETERS)
        return Node(rasp.Map(function, node.sop), template.result, template.most or most)

    def _any_of(
        self, safe: Sequence[Template], risky: Sequence[Template], extreme: Sequence[Template]
    ) -> Sequence[Template]:
        if self.extremes and self.choices.flag(self.extremes):
            return extreme
        return (*safe, *risky) if self.risk and self.choices.flag(self.risk) else safe

    def _function(
        self,
        template: Template,
        parameters: Sequence[str],
        theme: Theme | None = None,
        values: Sequence[Value] | None = None,
    ) -> rasp.Predicate:
        """A function with constants in its gaps: those of a theme, and some of these values."""
        body = self._filled(template.text, theme, values)
        return functions.lambda_of(parameters[: len(template.operands)], body)

    def _filled(self, text: str, theme: Theme | None = None, values: Sequence[Value] | None = None) -> str:
        """The body of a function with constants in its gaps; by default the theme is that of the program."""
        theme = theme or self.theme
        given = None if theme is None else extreme_constants(self.choices, theme, self.max_seq_len)
        return functions.fill_gaps(text, self.choices, values or self.constants, given)

    def _split(self, size: int, parts: int) -> list[int]:
        """`size` divided among parts at random."""
        sizes: list[int] = []
        for _ in range(parts - 1):
            sizes.append(self.choices.integer(0, size))
            size -= sizes[-1]
        return [*sizes, size]
