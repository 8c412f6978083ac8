"""What an op says of itself, so that passes, analyses and interpreters needn't know it.

An op of any dialect may stand in a `rasp.program` if it has one of these interfaces. Like those of xDSL they are mixins
of `Operation`. Where an op leaves out what a pass asks for, the pass refuses the program, and names the op and the
method: nothing is ever taken to be exact, or without effect, because nobody said otherwise.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from xdsl.ir import Operation, SSAValue

from raspc.algebra import semantics
from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import ErrorBound
from raspc.algebra.grid import JointValues
from raspc.algebra.semantics import Truth
from raspc.algebra.values import Value
from raspc.dialects.places import place_of
from raspc.errors import CompileError

if TYPE_CHECKING:
    from raspc.dialects.craft.attributes import SubspaceType
    from raspc.dialects.rasp.attributes import Encoding
    from raspc.dialects.rasp.ops import AggregateOp, CastOp, ConstantOp, CountingOp, MapOp, SelectorWidthOp
    from raspc.dialects.rasp.selectors import SelectOp

T = TypeVar("T")


class MissingMethodError(CompileError):
    """An op doesn't say of itself what a pass has to know."""

    def __init__(self, op: Operation, method: Callable[..., Any]):
        super().__init__(
            f"{op.name} is an op that doesn't say what this pass has to know of it",
            expected=f"a method `{method.__name__}` of {type(op).__name__}; see {method.__qualname__} in {__name__}",
            where=place_of(op),
        )


# Running


@dataclass(frozen=True)
class Run:
    """One input on which a program is run.

    Attributes:
        tokens: the input.
        causal: whether selectors select only keys at or before the query.
    """

    tokens: Sequence[Value]
    causal: bool

    @property
    def n(self) -> int:
        """How many positions there are."""
        return len(self.tokens)

    def seen(self, selector: Truth) -> Truth:
        """What a reader sees of a selector: [n_queries, n_keys]."""
        return semantics.causal(selector) if self.causal else selector


class Evaluated(Operation, abc.ABC):
    """An op of a program that computes one s-op or one selector."""

    def evaluate(self, operands: Sequence[Any], run: Run) -> Any:
        """What the op computes on one input, by the definition of the language.

        Args:
            operands: what its operands are: a list of values for an s-op, truth values [n_queries, n_keys] for a
                selector.
            run: the input.

        Raises:
            MeaningError: it has no meaning on this input, or what is stated of it is false.
        """
        raise MissingMethodError(self, Evaluated.evaluate)


# S-ops


class ValueFacts(Protocol):
    """What an s-op may ask of the analysis of values: what is known of its operands, and what that makes of others.

    The last methods are for the ops of the rasp dialect, and for those that are made like one of them.
    """

    @property
    def max_seq_len(self) -> int:
        """The length of the longest input."""
        ...

    def joint(self, value: SSAValue) -> JointValues:
        """The values of an operand, jointly over the sources of the program."""
        ...

    def new_source(self, value: SSAValue, domain: Domain) -> JointValues:
        """The values of a result of which no more is known than its domain.

        Raises:
            CompileError: the domain is too large.
        """
        ...

    def tokens(self) -> JointValues:
        """The values of the tokens."""
        ...

    def indices(self) -> JointValues:
        """The values of the positions."""
        ...

    def length(self) -> JointValues:
        """The values of the length; in a causal program, of the number of positions up to this one."""
        ...

    def constant(self, op: ConstantOp) -> JointValues:
        """The values of a constant."""
        ...

    def mapped(self, op: MapOp) -> JointValues:
        """The values of a function of s-ops."""
        ...

    def aggregated(self, op: AggregateOp) -> JointValues:
        """The values of what a selector picks or averages."""
        ...

    def width(self, op: SelectorWidthOp) -> JointValues:
        """The values of a width."""
        ...

    def counting(self, op: CountingOp) -> JointValues:
        """The values of a number that tells a width."""
        ...


class EncodingFacts(Protocol):
    """What an s-op may ask when its encoding is chosen; those of its operands are chosen already."""

    def encoding(self, value: SSAValue) -> Encoding:
        """The encoding of an operand, or the one that the user asked for of the result."""
        ...

    def of_map(self, op: MapOp) -> Encoding:
        """The encoding of a map: it may be an affine combination of numbers."""
        ...

    def of_aggregate(self, op: AggregateOp) -> Encoding:
        """The encoding of an aggregate: it may be a mean."""
        ...

    def of_cast(self, op: CastOp) -> Encoding:
        """The encoding that a cast casts to."""
        ...


class Estimates(Protocol):
    """What an s-op may ask of the estimates of errors, which serve choices; the certificate proves."""

    def __getitem__(self, value: SSAValue) -> ErrorBound:
        """The estimate of an operand."""
        ...

    def mapped(self, op: MapOp) -> ErrorBound:
        """The estimate of a map."""
        ...

    def cast(self, op: CastOp) -> ErrorBound:
        """The estimate of a cast."""
        ...

    def aggregated(self, op: AggregateOp) -> ErrorBound:
        """The estimate of what a head reads."""
        ...

    def counted(self, op: CountingOp) -> ErrorBound:
        """The estimate of a number that tells a width."""
        ...

    def width(self, op: SelectorWidthOp) -> ErrorBound:
        """The estimate of a width."""
        ...


class Vectors(Protocol):
    """What an s-op may ask when its component is made."""

    @property
    def max_seq_len(self) -> int:
        """The length of the longest input."""
        ...

    def vector(self, value: SSAValue) -> SSAValue:
        """The vector of an operand in the residual stream."""
        ...

    def subspace(self, value: SSAValue) -> SubspaceType:
        """The subspace in which the result is to lie."""
        ...


class SopInterface(Evaluated):
    """An op that computes one s-op."""

    def infer(self, facts: ValueFacts) -> JointValues:
        """The values that it can take, given those of its operands."""
        raise MissingMethodError(self, SopInterface.infer)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        """Whether it is one-hot or a number."""
        raise MissingMethodError(self, SopInterface.choose_encoding)

    def reads_one_hot(self, operand: SSAValue) -> bool:
        """Whether it needs an operand one-hot, which then is cast where it is a number."""
        raise MissingMethodError(self, SopInterface.reads_one_hot)

    def estimate(self, estimates: Estimates) -> ErrorBound:
        """How far its vector may be off, given how far its operands may be."""
        raise MissingMethodError(self, SopInterface.estimate)

    def stage(self, ready: int) -> int:
        """The half layer after which it is there, if its operands are after the half layer `ready`.

        Attention is in even half layers, counted from 0, and MLPs are in odd ones; what is embedded is there at -1. See
        `after_attention` and `after_mlp`.
        """
        raise MissingMethodError(self, SopInterface.stage)

    def materialize(self, vectors: Vectors) -> Sequence[Operation]:
        """Its components: ops of the craft dialect, in order, which aren't inserted yet.

        The last one has one result, the vector of the s-op in its subspace.
        """
        raise MissingMethodError(self, SopInterface.materialize)


EMBEDDED = -1
"""The half layer after which embeddings are there."""


def after_attention(ready: int) -> int:
    """The first half layer of attention after another half layer."""
    return ready + 1 + (ready + 1) % 2


def after_mlp(ready: int) -> int:
    """The first half layer of an MLP after another half layer."""
    return ready + 1 + ready % 2


# Selectors


class SelectorAlgebra(Protocol[T]):
    """What selectors are in some sense: truth values, what can be true, sets of atoms, costs."""

    def select(self, op: SelectOp) -> T:
        """What a select is."""
        ...

    def both(self, lhs: T, rhs: T) -> T:
        """What the conjunction of two is."""
        ...

    def either(self, lhs: T, rhs: T) -> T:
        """What the disjunction of two is."""
        ...

    def complement(self, selector: T) -> T:
        """What the complement of one is."""
        ...


class SelectorInterface(Evaluated):
    """An op that computes a selector, and says how it is made of selects, `and`, `or` and `not`."""

    def fold(self, operands: Sequence[T], algebra: SelectorAlgebra[T]) -> T:
        """What the selector is in an algebra, of what the selectors among its operands are."""
        raise MissingMethodError(self, SelectorInterface.fold)
