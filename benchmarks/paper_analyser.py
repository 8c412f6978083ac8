"""How many layers and heads a program takes by the count of the RASP paper.

Weiss, Goldberg and Yahav (Thinking Like Transformers, ICML 2021) read an architecture off a program: a layer for each
aggregate on the longest way through it, and in each layer a head for each different selector. This is that count for
programs of the rasp dialect, so that the models that compilers make can be held against it.

- What is elementwise is free: it stands in the layer of the last aggregate that it needs.
- An aggregate stands one layer after all that its selector and its values need, and none stands later than it must.
- Aggregates of one layer that have the same selector share a head. Expressions that are written alike are the same.
- A width is computed as the paper does it. Its head attends to the selected positions and the first one, and averages
  an indicator of the first one, which gives 1 / (1 + width). Where the input begins with a BOS, which the selector
  doesn't select, this is all. Where it doesn't, a second head finds out whether the first position is selected. The
  width of what always selects everything, the length, takes one head either way.

What the count leaves out: an elementwise function of two aggregates is an MLP, which needs their layer to be over, and
a mean of tokens, a product or a table may need a wide one. It is a lower bound for a compiler that keeps to the
program's aggregates; one that rewrites them can be below.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.dialects.rasp import (
    AggregateOp,
    ConstantOp,
    IndicesOp,
    LengthOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SelectorAndOp,
    SelectorOrOp,
    SelectorWidthOp,
)
from raspc.dialects.rasp.attributes import FunctionAttr, ValueAttr


@dataclass(frozen=True)
class PaperCount:
    """What the paper counts.

    Attributes:
        heads: the number of heads of each layer, from the first on.
    """

    heads: tuple[int, ...]

    @property
    def n_layers(self) -> int:
        """How many layers there are."""
        return len(self.heads)

    @property
    def n_heads(self) -> int:
        """The most heads of a layer."""
        return max(self.heads, default=0)


def paper_count(program: ProgramOp, *, bos: bool) -> PaperCount:
    """The layers and heads of a program as it was written: before any pass.

    Args:
        program: a program of s-ops and selectors.
        bos: whether its input begins with a BOS token that no counted selector selects; see above.
    """
    counter = _Counter(bos)
    for op in _needed(program):
        counter.count(op)
    return PaperCount(tuple(len(counter.heads[layer]) for layer in sorted(counter.heads)))


def _needed(program: ProgramOp) -> list[Operation]:
    """The ops that the output depends on, in order, without the return."""
    found: list[Operation] = []
    used: set[SSAValue] = set()
    for op in reversed(list(program.body.block.ops)):
        if isinstance(op, ReturnOp) or used.intersection(op.results):
            used.update(op.operands)
            found.append(op)
    return found[:0:-1]


class _Counter:
    """Numbers the s-ops and selectors, those that are written alike the same, and notes the heads of each layer."""

    def __init__(self, bos: bool):
        self.bos = bos
        self.numbers: dict[Hashable, int] = {}
        self.number_of: dict[SSAValue, int] = {}
        self.layer_of: dict[SSAValue, int] = {}
        self.everything: set[int] = set()
        self.heads: dict[int, set[int]] = defaultdict(set)
        """For each layer, from 1 on, the numbers of the selectors of its heads."""

    def count(self, op: Operation) -> None:
        """Note an op, after those of its operands."""
        result = op.results[0]
        operands = [self.number_of[operand] for operand in op.operands]
        number = self.number_of[result] = self._number(op.name, *operands, *sorted(op.properties.items()))
        layer = max((self.layer_of[operand] for operand in op.operands), default=0)
        match op:
            case SelectOp() if op.predicate.data == Comparison.TRUE:
                self.everything.add(number)
            case AggregateOp() | SelectorWidthOp() | LengthOp():
                layer += 1
                self.heads[layer].update(self._selectors(op))
            case _:
                pass
        self.layer_of[result] = layer

    def _selectors(self, op: AggregateOp | SelectorWidthOp | LengthOp) -> list[int]:
        """The selectors of the heads that compute an s-op."""
        if isinstance(op, LengthOp):
            indices = self._number(IndicesOp.name)
            return [self._number(SelectOp.name, indices, indices, ("predicate", FunctionAttr(Comparison.TRUE)))]
        selector = self.number_of[op.selector]
        if isinstance(op, AggregateOp) or selector in self.everything:
            return [selector]
        first = self._first()
        heads = [self._number(SelectorOrOp.name, selector, first)]
        return heads if self.bos else [*heads, self._number(SelectorAndOp.name, selector, first)]

    def _first(self) -> int:
        """The selector of the first position."""
        indices = self._number(IndicesOp.name)
        zero = self._number(ConstantOp.name, ("value", ValueAttr(0)))
        return self._number(SelectOp.name, indices, zero, ("predicate", FunctionAttr(Comparison.EQ)))

    def _number(self, *form: Hashable) -> int:
        """The number of what is written in a form."""
        return self.numbers.setdefault(form, len(self.numbers))
