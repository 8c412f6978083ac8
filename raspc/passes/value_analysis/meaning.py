"""Expressions of which it couldn't be proved that they always have a meaning: inputs are tried on them.

An expression that reads tokens, indices, the length and constants alone is refused if it has no meaning on one input.
Where it reads aggregates or widths, the author may know which inputs to expect: it is refused if it has no meaning on
any of the inputs that are tried, and otherwise becomes an assumption. Where all inputs are tried and none is without a
meaning, that is a proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice, product
from random import Random

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.functions import describe
from raspc.algebra.grid import Axis, JointValues
from raspc.algebra.values import Value
from raspc.dialects.interfaces import Run
from raspc.dialects.places import place_of
from raspc.dialects.rasp import AggregateOp, MapOp, ProgramOp, SelectOp, SelectorWidthOp, is_foreign
from raspc.dialects.rasp.evaluation import evaluate_op
from raspc.dialects.rasp.ops import CountingOp
from raspc.errors import CompileError, MeaningError
from raspc.passes.locations import location_of
from raspc.passes.names import name_of
from raspc.passes.value_analysis.facts import INDICES, LENGTH, TOKENS, ProgramFacts

EXHAUSTIVE = 128
"""If there are at most so many inputs, all are tried."""

SHORT = ((1, 8), (2, 4), (3, 3))
"""Otherwise all inputs of these lengths are, over so many tokens."""

SAMPLES = 8
"""The most longer inputs."""

LONG_PAIRS = 1 << 14
"""No further longer inputs are tried after so many pairs of positions."""

CONSTRUCTED = 16
"""The most inputs that are made of values on which a function raises."""

SEVERAL = 16
"""An expression without a meaning on so many inputs and with one on none is refused."""

SHOWN = 12
"""The most tokens of an input in a message."""


@dataclass(frozen=True)
class Assumption:
    """A property of the inputs that the model relies on because it couldn't be proved: `op` has a meaning on them."""

    op: Operation
    reason: str


@dataclass(frozen=True)
class Witness:
    """An input on which an expression has no meaning, and why."""

    tokens: Sequence[Value]
    problem: str

    def __str__(self) -> str:
        shown = ", ".join(repr(token) for token in self.tokens[:SHOWN])
        return f"[{shown}]" if len(self.tokens) <= SHOWN else f"[{shown}, … ({len(self.tokens)} tokens)]"


@dataclass(frozen=True)
class Trials:
    """What came of trying inputs on an expression.

    Attributes:
        witness: the first without a meaning, if there was one.
        failed: how many have none, as far as they were tried.
        passed: whether any has one.
        complete: whether these are all inputs of the program.
    """

    witness: Witness | None
    failed: int
    passed: bool
    complete: bool


class MeaningAnalysis:
    """The unproved expressions of one program.

    Attributes:
        assumptions: what couldn't be proved.
    """

    def __init__(self, facts: ProgramFacts, *, search: bool):
        """With `search` inputs are tried; without it whatever isn't proved is an assumption."""
        self.facts = facts
        self.search = search
        self.assumptions: list[Assumption] = []

    def unproved(
        self, op: Operation, reason: str, *, points: Iterable[Sequence[Point]] = (), tokens: Iterable[Value] = ()
    ) -> None:
        """Decide what becomes of an op whose operands are analysed.

        Args:
            op: a map, a select or an aggregate that may have no meaning on some input.
            reason: why, as part of a sentence.
            points: what may have no meaning if it stands at positions of one input.
            tokens: those with which it is most likely to have no meaning.

        Raises:
            CompileError: it certainly has none on some input, or has none on any.
        """
        if not self.search:
            self.assumptions.append(Assumption(op, reason))
            return
        program = op.parent_op()
        assert isinstance(program, ProgramOp)
        needed = slice_of(program, [op])
        certain = all(not self._is_computed(child) for child in needed[:-1])
        trials = self._try(needed, certain, islice(self._constructed(points), CONSTRUCTED), tokens)
        witness = trials.witness
        if witness is None:
            if not trials.complete:
                self.assumptions.append(Assumption(op, reason))
        elif certain:
            raise _refusal(op, witness, f"on {witness}")
        elif not trials.passed and (trials.complete or trials.failed >= SEVERAL):
            inputs = "any input" if trials.complete else f"any of {trials.failed} inputs that were tried"
            raise _refusal(op, witness, f"on {inputs}, such as {witness}")
        else:
            reason = reason if isinstance(op, AggregateOp) else witness.problem
            self.assumptions.append(Assumption(op, f"{reason}, for example on {witness}"))

    def _is_computed(self, op: Operation) -> bool:
        """Whether an op gathers from several positions: an aggregate, or a width that isn't the length.

        An op of another dialect may.
        """
        if isinstance(op, AggregateOp | CountingOp) or is_foreign(op):
            return True
        return isinstance(op, SelectorWidthOp) and op.result in self.facts.joints[op.result].axes

    def _try(
        self, needed: Sequence[Operation], certain: bool, first: Iterable[list[Value]], tokens: Iterable[Value]
    ) -> Trials:
        """Try inputs on the last of some ops, until it is decided what becomes of it."""
        vocab, longest = self.facts.vocab.values, self.facts.max_seq_len
        complete = count_up_to(len(vocab), longest, EXHAUSTIVE) <= EXHAUSTIVE
        every = (list(xs) for n in range(1, longest + 1) for xs in product(vocab, repeat=n))
        witness: Witness | None = None
        failed = 0
        passed = False
        for xs in chain(
            first, every if complete else tried_inputs(self._representatives(needed, tokens), vocab, longest)
        ):
            problem = self._problem(needed, xs)
            if problem is None:
                passed = True
            elif problem:
                failed += 1
                witness = witness or Witness(xs, problem)
            if witness and (certain or passed):
                break
        return Trials(witness, failed, passed, complete)

    def _problem(self, needed: Sequence[Operation], tokens: Sequence[Value]) -> str | None:
        """Why the last op has no meaning on an input; `None` if it has, and "" if an earlier one has none."""
        values: dict[SSAValue, object] = {}
        run = Run(tokens, self.facts.causal)
        for op in needed:
            operands = [values[operand] for operand in op.operands]
            try:
                values[op.results[0]] = evaluate_op(op, operands, run)
            except MeaningError as error:
                return str(error) if op is needed[-1] else ""
        return None

    # Which tokens

    def _representatives(self, needed: Sequence[Operation], first: Iterable[Value]) -> list[Value]:
        """The vocabulary, in an order in which the first tokens differ in what selectors make of them."""
        vocab = self.facts.vocab.values
        columns = [np.zeros((len(vocab), 1), dtype=np.int64)]
        for op in needed:
            if isinstance(op, SelectOp) and op in self.facts.predicates:
                truth = self.facts.predicates[op]
                columns += self._classes(op.keys, truth) + self._classes(op.queries, truth.T)
        _, group = np.unique(np.hstack(columns), axis=0, return_inverse=True)
        # How many tokens of the same group stand before each.
        order = np.argsort(group.ravel(), kind="stable")
        ordered = group.ravel()[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        place = np.empty_like(order)
        place[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
        found = dict.fromkeys([*first, *(vocab[code] for code in np.argsort(place, kind="stable").tolist())])
        return list(found)

    def _classes(self, value: SSAValue, truth: NDArray[np.int8]) -> list[NDArray[np.int64]]:
        """For each token, what a select makes of an operand: [n_tokens, *]; `truth` has the operand's codes first."""
        joint = self.facts.joints[value]
        if TOKENS not in joint.axes:
            return []
        _, classes = np.unique(truth, axis=0, return_inverse=True)
        by_code = np.append(classes.ravel(), [-2, -1])  # the codes of what never occurs and of undefined
        codes = np.moveaxis(joint.codes, joint.axes.index(TOKENS), 0)
        return [by_code[codes.reshape(len(codes), -1)]]

    def _constructed(self, candidates: Iterable[Sequence[Point]]) -> Iterator[list[Value]]:
        for points in candidates:
            tokens = self._input_of(points)
            if tokens is not None:
                yield tokens

    def _input_of(self, points: Sequence[Point]) -> list[Value] | None:
        """An input with each point at some position, `None` if the points exclude each other."""
        lengths = {point[LENGTH] + 1 for point in points if LENGTH in point}
        placed: dict[int, int] = {}
        for point in sorted(points, key=lambda point: INDICES not in point):
            token = point.get(TOKENS, next(iter(placed.values()), 0))
            index = point.get(INDICES)
            if index is None:
                free = next(i for i in range(len(points)) if i not in placed)
                index = next((i for i, other in placed.items() if other == token), free)
            if placed.setdefault(index, token) != token:
                return None
        length = max(lengths, default=max(placed) + 1)
        if len(lengths) > 1 or not max(placed) < length <= self.facts.max_seq_len:
            return None
        filler = next(iter(placed.values()))
        return [self.facts.vocab.values[placed.get(index, filler)] for index in range(length)]


def tried_inputs(tokens: Sequence[Value], vocab: Sequence[Value], longest: int) -> Iterator[list[Value]]:
    """Short inputs over the first tokens, then longer ones: the same at any time and on any machine."""
    for length, most in SHORT[:longest]:
        yield from (list(xs) for xs in product(tokens[:most], repeat=length))
    if longest <= len(SHORT):
        return
    yield [tokens[0]] * longest
    yield list(islice(cycle(tokens), longest))
    random = Random(0)
    pairs = 0
    for sample in range(SAMPLES):
        length = longest
        if sample % 2:
            length = len(SHORT) + 1 + int(random.random() * (longest - len(SHORT)))
        choice = tokens[:3] if sample % 4 < 2 else vocab
        yield [choice[int(random.random() * len(choice))] for _ in range(length)]
        pairs += length * length
        if pairs > LONG_PAIRS:
            return


Point = Mapping[Axis, int]
"""What stands at a position: for some of the sources, where on their axis."""


def points_of(joint: JointValues, code: int, most: int) -> list[Point]:
    """The first points at which an s-op has the value with this code."""
    found = np.argwhere(joint.codes == code)[:most]
    return [dict(zip(joint.axes, row, strict=True)) for row in found.tolist()]


def slice_of(program: ProgramOp, about: Iterable[Operation]) -> list[Operation]:
    """Some ops and all that they are computed from, in the order of the program."""
    needed = set(about)
    stack = [*needed]
    while stack:
        for operand in stack.pop().operands:
            owner = operand.owner
            if isinstance(owner, Operation) and owner not in needed:
                needed.add(owner)
                stack.append(owner)
    return [child for child in program.body.block.ops if child in needed]


def count_up_to(n_vocab: int, max_seq_len: int, most: int) -> int:
    """How many inputs there are; if they are more than `most`, some number above it."""
    total = 0
    for length in range(1, max_seq_len + 1):
        total += n_vocab**length
        if total > most:
            break
    return total


class MeaninglessError(CompileError):
    """An expression certainly has no meaning on some input, or has none on any."""


def _refusal(op: Operation, witness: Witness, where: str) -> MeaninglessError:
    match op:
        case MapOp():
            return _meaningless(
                op,
                f"{describe(op.function.data)} has no meaning {where}: {witness.problem}",
                expected="a function that gives a value for every value of its operands",
                help="return None, or raise an ArithmeticError or a ValueError, to mean undefined",
            )
        case SelectOp():
            return _meaningless(
                op,
                f"{describe(op.predicate.data)} has no meaning {where}: {witness.problem}",
                expected="a predicate that holds or doesn't for every key and query",
            )
        case _:
            return _meaningless(
                op,
                f"{where} {witness.problem}",
                expected="equal values, or numbers",
                help="select one position or equal values, or average numbers",
            )


def _meaningless(op: Operation, problem: str, **lines: str) -> MeaninglessError:
    name = name_of(op.results[0])
    return MeaninglessError(problem, expression=name, where=location_of(op) or place_of(op), **lines)
