"""The pass infer-values: find the set of values that every s-op can take."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from raspc.algebra.domain import Domain
from raspc.dialects.rasp import (
    AggregateOp,
    FunctionAttr,
    MapOp,
    ProgramOp,
    SelectOp,
    SopType,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.dialects.rasp.trust import trust
from raspc.errors import MeaningWarning
from raspc.passes.examination import examine
from raspc.passes.locations import location_of, refuse
from raspc.passes.names import name_of
from raspc.passes.value_analysis import Assumption, ValueAnalysis
from raspc.passes.value_analysis.facts import check_domain

INFER = "run the pass infer-values first"
"""What to do about domains that are unknown or wrong."""


@dataclass(frozen=True)
class InferValuesPass(ModulePass):
    """Replace every unknown domain by the values that can occur, and every opaque function by a table.

    ```mlir
    %length = rasp.selector_width %all : ?
    %opp = rasp.map(%length, %indices) "l, i -> l - i - 1" : ?
    ```
    becomes, for max_seq_len 5,
    ```mlir
    %length = rasp.selector_width %all : 1 to 5
    %opp = rasp.map(%length, %indices) "l, i -> l - i - 1" : 0 to 4
    ```

    A domain that is written already is checked: it must contain what is inferred, and is replaced by it. Encodings stay
    as they are, but for numerical ones of what turns out to be no numbers. The pass doesn't fire where a domain would
    be too large, or where an expression certainly has no meaning: these are refused. Where it can't prove that an
    expression always has a meaning it warns, and records what it assumes and the text of the program:
    ```mlir
    rasp.program @mean vocab ["a", "b"] max_seq_len 5
        assuming ["mean.py:7: 'mean': an aggregate over 'a', 'b' may have no mean"] of "rasp.program @mean …" {
    ```

    With `strict`, such an expression is refused too.
    """

    name = "infer-values"

    strict: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            self._infer(program)

    def _infer(self, program: ProgramOp) -> None:
        for op in program.body.block.ops:
            if isinstance(op, AggregateOp):
                op.at_most_one = None  # what passes have proved of another form of the program
        analysis = ValueAnalysis(program, search=True)
        for assumption in analysis.assumptions:
            if self.strict:
                raise refuse(
                    assumption.op,
                    f"it can't be proved that this has a meaning on every input: {assumption.reason}",
                    help="make it have one, or compile without strict to accept the assumption",
                )
            where = location_of(assumption.op)
            lead = f"{where}: " if where else ""
            name = name_of(assumption.op.results[0])
            warnings.warn(
                f"{lead}{name!r}: assumed to have a meaning on every input: {assumption.reason}",
                MeaningWarning,
                stacklevel=2,
            )
        for op, table in analysis.tables.items():
            match op:
                case MapOp():
                    op.function = FunctionAttr(table)
                case SelectOp():
                    op.predicate = FunctionAttr(table)
                case _:
                    raise AssertionError(f"a table for {op.name}")
        for op in [op for op in program.body.block.ops if isinstance(op, SopOp)]:
            _set_domain(op, analysis.domain(op.result))
        program.assume([], "")
        program.assume([_sentence(assumption) for assumption in analysis.assumptions], str(program))
        trust(program)


def _sentence(assumption: Assumption) -> str:
    """An assumption as the model records it: the same each time, on every machine, wherever the user's file lies."""
    where = location_of(assumption.op)
    lead = f"{where.without_folder}: " if where else ""
    reason = re.sub(r" at 0x[0-9a-fA-F]+", "", assumption.reason)  # an address in the text of an exception
    return f"{lead}{name_of(assumption.op.results[0])!r}: {reason}"


def _set_domain(op: SopOp, inferred: Domain) -> None:
    if op.domain is not None:
        _check_contains(op, op.domain, inferred, help="write ? to have it inferred")
    encoding = op.result.type.encoding.data
    if encoding == Encoding.NUMERICAL and not inferred.is_numeric:
        encoding = Encoding.UNKNOWN  # what was asked for can't be
    new_type = SopType(inferred, encoding)
    if new_type != op.result.type or str(new_type) != str(op.result.type):
        Rewriter.replace_value_with_new_type(op.result, new_type)


def _check_contains(op: SopOp, declared: Domain, certain: Domain, help: str) -> None:
    """Check that the domain that an op has contains all that it can be.

    Raises:
        CompileError: it doesn't.
    """
    if declared.is_superset(certain):
        return
    missing = [None] if certain.undefined and not declared.undefined else []
    missing += [value for value in certain.values if value not in declared]
    shown = "undefined" if missing[0] is None else f"{missing[0]!r:.80}"
    raise refuse(op, f"it can be {shown}, which is not in its domain", help=help)


def check_inferred(program: ProgramOp) -> None:
    """Check that every domain of a program is known and, unless it comes from infer-values, not a wrong one.

    Raises:
        CompileError: one isn't, or is.
    """
    for op in program.body.block.ops:
        if not isinstance(op, SopOp):
            continue
        domain = op.domain
        if domain is None:
            raise refuse(op, "its domain isn't known", help=INFER)
        check_domain(op, domain)
    examine(program)
