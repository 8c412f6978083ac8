"""Whether what a program states of its values is true: its domains, and the proofs that are recorded in it.

All passes after infer-values rely on what is stated. In a program that comes from infer-values it is what the values
are; in any other one, which somebody may have written by hand, each statement is examined before a pass relies on it:

- the value analysis infers it: it holds;
- an input is found on which it doesn't: the program is refused, with the input;
- all inputs are tried, where they are few, and it holds on each: that is a proof as well;
- otherwise it is an assumption, which the program records and the certificate counts, or with `strict` is refused.

Of a program that is lowered in part the analysis can't follow what craft ops compute. What no input refutes is trusted
there as it is in a craft model, whose certificate is about rounding alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp, UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import ParseError, VerifyException

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Table
from raspc.dialects.craft import Craft, ModelOp
from raspc.dialects.header import HeaderOp, ProgramHeaderOp
from raspc.dialects.places import place_of
from raspc.dialects.rasp import (
    AggregateOp,
    CastOp,
    ConstantOp,
    DomainAttr,
    IndicesOp,
    LengthOp,
    MapOp,
    ProgramOp,
    Rasp,
    ReturnOp,
    SelectOp,
    SelectorOrOp,
    TokensOp,
)
from raspc.dialects.rasp.checks import INFER_IT, domain_in, holds
from raspc.dialects.rasp.ops import SopOp
from raspc.dialects.rasp.trust import is_trusted, trust
from raspc.dialects.text import read_module
from raspc.errors import CompileError, FormatError, MeaningWarning
from raspc.passes.head_proofs import examine_heads
from raspc.passes.locations import location_of
from raspc.passes.names import name_of
from raspc.passes.selector_legalization.plans import Planner
from raspc.passes.selector_terms import leaves_of
from raspc.passes.trials import FalseStatementError, Runs, all_inputs
from raspc.passes.value_analysis import Assumption, ValueAnalysis
from raspc.passes.value_analysis.facts import DOMAIN_LIMIT
from raspc.passes.value_analysis.meaning import MeaninglessError, Witness, slice_of, tried_inputs
from raspc.plugins import installed_plugins

CELLS = 1 << 25
"""All inputs are tried if they have no more pairs of positions than this, times the number of ops."""

LONGEST = 64
"""Otherwise some inputs are, up to this length."""

LEAVE_OUT = "leave it out: legalize-selectors records the proofs that it finds"
"""What to do about a proof that is recorded and false."""


class Kind(Enum):
    """What is stated, as part of a sentence."""

    DOMAIN = "its values are those of its domain"
    DISJOINT = "its sides are disjoint"
    ONE = "it selects one position at most"
    MEANING = "it has a meaning on every input"

    @property
    def help(self) -> str:
        """What to do if it is false."""
        match self:
            case Kind.DOMAIN:
                return INFER_IT
            case Kind.MEANING:
                return "make it have one"
            case _:
                return LEAVE_OUT


@dataclass(frozen=True)
class Statement:
    """Something that a program states of an op, which the verifier doesn't check."""

    op: Operation
    kind: Kind


def examine_module(module: ModuleOp, *, strict: bool = False) -> None:
    """Examine the programs of a module that comes from text, and the sources of its assumptions.

    Raises:
        CompileError: one states what is false, or with `strict` what isn't proved.
    """
    for op in module.ops:
        if isinstance(op, HeaderOp) and op.source is not None:
            source_of(op)
        if isinstance(op, ProgramOp):
            examine(op, strict=strict)
        if isinstance(op, ModelOp):
            examine_heads(op)


def examine(program: ProgramOp, *, strict: bool = False) -> None:
    """Examine all that a program states; afterwards it is trusted.

    Raises:
        CompileError: a statement is false, or with `strict` isn't proved.
    """
    if is_trusted(program):
        return
    stated = [*_statements(program)]
    if not stated:
        return  # there is nothing to rely on before infer-values
    unproved, assumed = _unproved(program, stated)
    if unproved or assumed:
        trials = Trials(program, [*(each.op for each in unproved), *(each.op for each in assumed)])
        if trials.run():
            unproved = []
            assumed = [] if trials.meaningless is None else assumed or [trials.meaningless]
    if program.source is not None:
        assumed = []  # it is recorded which inputs have no meaning
    if program.is_lowered_in_part and not strict:
        unproved = assumed = []
    sentences: list[str] = []
    for assumption in assumed:
        problem = f"it can't be proved that this has a meaning on every input: {assumption.reason}"
        _warn(assumption.op, problem, strict=strict)
        sentences.append(_sentence(assumption.op, assumption.reason))
    for statement in unproved:
        _warn(statement.op, f"it can't be proved that {statement.kind.value}", strict=strict)
        sentences.append(_sentence(statement.op, f"it isn't proved that {statement.kind.value}"))
    if sentences:
        recorded = [] if program.assumptions is None else [text.data for text in program.assumptions]
        source = str(program) if program.source is None else program.source.data
        program.assume(list(dict.fromkeys([*recorded, *sentences])), source)
    trust(program)


def _warn(op: Operation, problem: str, *, strict: bool) -> None:
    if strict:
        raise _refusal(op, problem, "make it provable, or do without strict to accept the assumption")
    place = location_of(op) or place_of(op)
    lead = f"{place}: " if place else ""
    warnings.warn(f"{lead}{name_of(op.results[0])!r}: {problem}", MeaningWarning, stacklevel=3)


def _sentence(op: Operation, text: str) -> str:
    where = location_of(op)
    lead = f"{where.without_folder}: " if where else ""
    return f"{lead}{name_of(op.results[0])!r}: {text}"


def _refusal(op: Operation, problem: str, help: str) -> CompileError:
    where = location_of(op) or place_of(op)
    return CompileError(problem, expression=name_of(op.results[0]), where=where, help=help)


VERIFIED = TokensOp | IndicesOp | LengthOp | ConstantOp | CastOp
"""Ops whose domains the verifier knows."""


def _statements(program: ProgramOp) -> Iterator[Statement]:
    for op in program.body.block.ops:
        if isinstance(op, SopOp) and op.domain is not None and not isinstance(op, VERIFIED):
            yield Statement(op, Kind.DOMAIN)
        if isinstance(op, SelectorOrOp) and op.disjoint is not None:
            yield Statement(op, Kind.DISJOINT)
        if isinstance(op, AggregateOp) and op.at_most_one is not None:
            yield Statement(op, Kind.ONE)


def _unproved(program: ProgramOp, stated: Sequence[Statement]) -> tuple[list[Statement], list[Assumption]]:
    """The statements that the value analysis doesn't infer, and what it would assume of the program's meaning."""
    clone = program.clone()
    copies = dict(zip(program.body.block.ops, clone.body.block.ops, strict=True))
    originals = {copy: op for op, copy in copies.items()}
    for op in clone.body.block.ops:
        if isinstance(op, AggregateOp):
            op.at_most_one = None  # on which the analysis would rely
    lowered = clone.is_lowered_in_part
    try:
        analysis = ValueAnalysis(clone, search=not lowered, lowered=True)
    except MeaninglessError:
        raise
    except CompileError:  # the trials will tell
        return [*stated], []
    proofs = _Proofs(analysis)
    unproved = [each for each in stated if not proofs.has(copies[each.op], each.kind)]
    assumed = [Assumption(originals[each.op], each.reason) for each in analysis.assumptions]
    if lowered:  # no input was tried
        return [*unproved, *(Statement(each.op, Kind.MEANING) for each in assumed)], []
    return unproved, assumed


class _Proofs:
    """What the value analysis of a program proves."""

    def __init__(self, analysis: ValueAnalysis):
        self.analysis = analysis
        self.planner = Planner(analysis)

    def has(self, op: Operation, kind: Kind) -> bool:
        """Whether a statement about an op is proved."""
        if isinstance(op, AggregateOp) and kind is Kind.ONE:
            selectors, counts = self.analysis.selectors, self.analysis.aggregates.counts
            return selectors.selects_at_most_one(op.selector) or counts.counts(op.selector).highest <= 1
        if isinstance(op, SelectorOrOp):
            return self._are_disjoint(op)
        assert isinstance(op, SopOp)
        inferred = self.analysis.domain(op.result)
        assert op.domain is not None
        return _contains(op.domain, inferred) or (op.domain.is_superset(inferred) and not forms_matter(op.result))

    def _are_disjoint(self, op: SelectorOrOp) -> bool:
        """Whether no select of one side ever holds with one of the other side."""
        sides = [leaves_of(operand) for operand in op.operands]
        joined = all(isinstance(side.owner, SelectOp | SelectorOrOp) for side in op.operands)
        known = all(domain_in(value.type) is not None for side in sides for leaf in side for value in leaf.operands)
        if not joined or not known:
            return False
        atoms = [[self.planner.atoms(leaf.result)[leaf.result] for leaf in side] for side in sides]
        return all(self.planner.are_disjoint(a, b) for a, b in product(*atoms))


def _contains(stated: Domain, inferred: Domain) -> bool:
    if stated is inferred:
        return True
    if (inferred.undefined and not stated.undefined) or (inferred.mixed and not stated.mixed):
        return False
    return all(holds(stated, value) for value in inferred.values)


class Trials:
    """The runs of a program on inputs, up to the ops of which something is to be found out.

    Attributes:
        meaningless: an op without a meaning on one of the inputs that were tried, if there is one.
    """

    def __init__(self, program: ProgramOp, about: Sequence[Operation]):
        self.program = program
        source = source_of(program)
        self.source = None
        if source is not None:
            ops = [op for op in source.body.block.ops if not isinstance(op, ReturnOp)]
            self.source = Runs(source, ops, assumed=True)
        strict = [op for op in about if isinstance(op, SopOp) and forms_matter(op.result)]
        self.runs = Runs(program, slice_of(program, about), strict)

    @property
    def meaningless(self) -> Assumption | None:
        if self.runs.meaningless is None:
            return None
        op, tokens, problem = self.runs.meaningless
        return Assumption(op, f"{problem}, for example on {Witness(tokens, '')}")

    def run(self) -> bool:
        """Try inputs: all, if they are few, and then what no input refutes is proved.

        Raises:
            CompileError: a statement is false on an input.
        """
        vocab, longest = self.program.vocab.data.values, self.program.max_seq_len.data
        domains = [domain_in(result.type) for op in self.runs.ops for result in op.results]
        if any(domain is not None and len(domain) > DOMAIN_LIMIT for domain in domains):
            return False  # no pass takes them
        cells = sum(min(len(vocab), CELLS) ** min(n, 64) * n * n for n in range(1, min(longest, LONGEST) + 1))
        complete = longest <= LONGEST and cells * len(self.runs.ops) <= CELLS
        for tokens in all_inputs(len(vocab), longest) if complete else self._some(longest):
            has_meaning = tokens if self.source is None else tokens[self.source.run(tokens)]
            if len(has_meaning):
                self._try(has_meaning)
        return complete

    def _some(self, longest: int) -> Iterator[NDArray[np.int64]]:
        places = range(len(self.program.vocab.data))
        for tokens in tried_inputs(places, places, min(longest, LONGEST)):
            yield np.array([tokens], dtype=np.int64)

    def _try(self, tokens: NDArray[np.int64]) -> None:
        try:
            self.runs.run(tokens)
        except FalseStatementError as error:
            about = Kind.DOMAIN if "domain" in error.problem else Kind.ONE
            what_to_do = f"{about.help}; it is so on {Witness(error.tokens, '')}"
            raise _refusal(error.op, error.problem, what_to_do) from error
        if self.source is not None and self.runs.meaningless is not None:
            op, found, problem = self.runs.meaningless
            raise _refusal(
                op,
                f"it has no meaning on {Witness(found, '')}, where the program that is assumed to have one has it: "
                f"{problem}",
                "compile the program anew",
            )


def forms_matter(value: SSAValue) -> bool:
    """Whether a function that reads a value, or what passes it on, may tell equal numbers apart.

    An op that isn't of the rasp dialect may.
    """
    for use in value.uses:
        match use.operation:
            case CastOp() | AggregateOp() as op:
                if forms_matter(op.result):
                    return True
            case MapOp(function=function) | SelectOp(predicate=function):
                if not isinstance(function.data, Comparison | Table):
                    return True
            case ReturnOp() | UnrealizedConversionCastOp():
                pass
            case _:
                return True
    return False


def source_of(model: HeaderOp) -> ProgramOp | None:
    """The program that a program or a model makes assumptions about.

    Raises:
        CompileError: the source isn't the text of a program for the same inputs.
    """
    if model.source is None:
        return None
    context = _context_for(model)
    try:
        module = read_module(context, model.source.data, "source")
        module.verify()
        (program,) = module.ops
    except (FormatError, ParseError, VerifyException, ValueError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise _bad_source(model, f"can't be read: {first}") from error
    if not isinstance(program, ProgramOp):
        raise _bad_source(model, f"is a {program.name}")
    same = DomainAttr(program.vocab.data) == DomainAttr(model.vocab.data) and program.max_seq_len == model.max_seq_len
    if not same or (isinstance(model, ProgramHeaderOp) and (program.causal is None) != (model.causal is None)):
        raise _bad_source(model, "is for other inputs")
    return program


def _context_for(model: HeaderOp) -> Context:
    """A context that reads the source of a model: with our dialects, those of plugins, and ops that the model holds."""
    context = Context()
    for dialect in (Builtin, Rasp, Craft):
        context.load_dialect(dialect)
    for name, factory in installed_plugins().dialects.items():
        if name not in context.registered_dialect_names:
            context.register_dialect(name, factory)
    for kind in sorted({type(op) for op in model.walk()}, key=lambda kind: kind.name):
        if context.get_optional_op(kind.name) is None:
            context.load_op(kind)
    return context


def _bad_source(model: HeaderOp, problem: str) -> CompileError:
    return CompileError(
        f"the program that {model.name} makes assumptions of {problem}",
        where=place_of(model),
        expected="the text of one rasp.program with the same vocabulary, max_seq_len and causality",
        help="leave out the assumptions and their source, and run the pass infer-values",
    )
