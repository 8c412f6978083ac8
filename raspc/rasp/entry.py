"""The entry to the IR: a RASP program in Python as a module of the rasp dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from xdsl.dialects.builtin import DictionaryAttr, ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue

from raspc.algebra.functions import Table, Unreachable
from raspc.algebra.values import MaybeValue, Value, exact_form, normalise, shortened, sort_key
from raspc.dialects.rasp import (
    AggregateOp,
    ConstantOp,
    IndicesOp,
    MapOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    SopType,
    TokensOp,
    attributes,
)
from raspc.dialects.rasp.attributes import MAX_SEQ_LEN_LIMIT
from raspc.errors import BoundError, CompileError, ProgramError
from raspc.passes.locations import set_location
from raspc.passes.names import hints_for, name_generally, names_attr
from raspc.rasp import expressions as rasp
from raspc.rasp.base import RASPExpr
from raspc.rasp.interpreter import in_order


def checked_vocab(vocab: Iterable[object]) -> tuple[Value, ...]:
    """The tokens of a vocabulary, in order.

    Raises:
        ProgramError: it is empty, or a token is undefined, no value, or equal to another one.
    """
    if isinstance(vocab, str):
        raise ProgramError(f"the vocabulary must be a list of tokens, found the string {shortened(vocab)}")
    try:
        given = list(vocab)
    except TypeError:
        raise ProgramError(f"the vocabulary must be a list of tokens, found {shortened(vocab)}") from None
    tokens: list[Value] = []
    seen: dict[Value, Value] = {}
    for item in given:
        try:
            token = normalise(item)
        except (TypeError, BoundError) as error:
            raise ProgramError(f"the vocabulary contains no token: {error}") from None
        if token is None:
            raise ProgramError("the vocabulary contains None, which means undefined and can't be a token")
        if token in seen:
            other = seen[token]
            same = "twice" if exact_form(other) == exact_form(token) else f"and {shortened(other)}, which are equal"
            raise ProgramError(f"the vocabulary contains {shortened(token)} {same}; tokens must be distinct")
        seen[token] = token
        tokens.append(token)
    if not tokens:
        raise ProgramError("the vocabulary is empty; it needs at least one token")
    return tuple(sorted(tokens, key=sort_key))


def build_module(
    program: rasp.SOp, vocab: Iterable[object], max_seq_len: int, *, causal: bool = False, name: str | None = None
) -> ModuleOp:
    """A module with one `rasp.program` that computes the s-op `program`.

    Every distinct expression becomes one op, however often it is used; expressions are taken in the order in which an
    evaluation needs them, so that the same program always gives the same module.

    Args:
        program: the s-op to compute.
        vocab: the tokens that an input may contain, in any order.
        max_seq_len: the length of the longest input, at least 1.
        causal: whether every selector selects only keys at or before the query.
        name: the name of the program; by default that of the s-op.

    Raises:
        ProgramError: an argument is not what it should be.
    """
    if not isinstance(program, rasp.SOp):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ProgramError(f"expected an s-op to compile, found {shortened(program)} of type {type(program).__name__}")
    if isinstance(max_seq_len, bool) or not isinstance(max_seq_len, int) or not 1 <= max_seq_len <= MAX_SEQ_LEN_LIMIT:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ProgramError(f"max_seq_len must be an int from 1 to {MAX_SEQ_LEN_LIMIT}, found {shortened(max_seq_len)}")
    block = Block()
    builder = _Builder(block, max_seq_len)
    result = builder.build(program)
    block.add_op(ReturnOp(result))
    title = _identifier(name or program.name)
    op = ProgramOp(title, checked_vocab(vocab), max_seq_len, causal=causal, body=Region(block))
    op.names = builder.names
    return ModuleOp([op])


def _identifier(name: str) -> str:
    """A name as MLIR can write it after `@`."""
    cleaned = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return cleaned if cleaned and not cleaned[0].isdigit() else f"s_{cleaned}"


class _Builder:
    def __init__(self, block: Block, max_seq_len: int):
        self.block = block
        self.max_seq_len = max_seq_len
        self.values: dict[int, SSAValue] = {}
        self.indices: SSAValue | None = None
        self.names: DictionaryAttr | None = None

    def build(self, root: RASPExpr) -> SSAValue:
        """Emit ops for `root` and all that it needs."""
        exprs = in_order(root)
        of_users, of_others = hints_for(
            [expr.name for expr in exprs if expr.named_by_user], [expr.name for expr in exprs if not expr.named_by_user]
        )
        pairs = [*of_users.items(), *of_others.items()]
        self.names = names_attr({hint: name for name, hint in pairs if hint != name})
        for expr in exprs:
            hints = of_users if expr.named_by_user else of_others
            self.values[id(expr)] = self._emit(expr, hints[expr.name])
        return self.values[id(root)]

    def _emit(self, expr: RASPExpr, hint: str) -> SSAValue:
        op = self._op(expr)
        result = op.results[0]
        result.name_hint = hint
        set_location(op, expr.where)
        self.block.add_op(op)
        return result

    def _value(self, expr: RASPExpr) -> SSAValue:
        return self.values[id(expr)]

    def _op(self, expr: RASPExpr) -> Operation:
        match expr:
            case rasp.TokensType():
                return TokensOp(_asked(expr))
            case rasp.IndicesType():
                return IndicesOp(_asked(expr))
            case rasp.Map():
                return MapOp([self._value(operand) for operand in expr.inners], expr.function, _asked(expr))
            case rasp.Full():
                return ConstantOp(expr.fill, _asked(expr))
            case rasp.ConstantSOp():
                self._check_length(expr, len(expr.value))
                table = Table((tuple(range(self.max_seq_len)),), expr.value[: self.max_seq_len])
                return MapOp([self._indices()], table, _asked(expr))
            case rasp.SelectorWidth():
                return SelectorWidthOp(self._value(expr.selector), _asked(expr))
            case rasp.Aggregate():
                return AggregateOp(self._value(expr.selector), self._value(expr.sop), expr.default, _asked(expr))
            case rasp.Select():
                return SelectOp(self._value(expr.keys), self._value(expr.queries), expr.function)
            case rasp.ConstantSelector():
                return self._constant_selector(expr)
            case rasp.SelectorAnd():
                return SelectorAndOp(self._value(expr.fst), self._value(expr.snd))
            case rasp.SelectorOr():
                return SelectorOrOp(self._value(expr.fst), self._value(expr.snd))
            case rasp.SelectorNot():
                return SelectorNotOp(self._value(expr.inner))
            case _:
                raise CompileError(
                    f"an expression of the class {type(expr).__name__} can't be compiled",
                    expression=expr.name,
                    where=expr.where,
                    expected="an expression made of those in raspc.rasp",
                )

    def _constant_selector(self, expr: rasp.ConstantSelector) -> SelectOp:
        self._check_length(expr, len(expr.value))
        positions = tuple(range(self.max_seq_len))
        results: tuple[MaybeValue | Unreachable, ...] = tuple(
            expr.value[query][key] for key, query in product(positions, positions)
        )
        indices = self._indices()
        return SelectOp(indices, indices, Table((positions, positions), results))

    def _check_length(self, expr: rasp.ConstantSOp | rasp.ConstantSelector, size: int) -> None:
        if size < self.max_seq_len or (expr.check_length and size != self.max_seq_len):
            raise CompileError(
                f"a constant for {size} positions in a program for up to {self.max_seq_len}",
                expression=expr.name,
                where=expr.where,
                expected=f"a constant for {self.max_seq_len} positions",
                help=f"compile with max_seq_len={size}, or extend the constant",
            )

    def _indices(self) -> SSAValue:
        if self.indices is None:
            op = IndicesOp()
            name_generally(op.result, "indices")
            self.block.add_op(op)
            self.indices = op.result
        return self.indices


def _asked(expr: rasp.SOp) -> SopType:
    """The type of an s-op of which only the encoding that the user asked for is known."""
    encoding = rasp.get_encoding(expr)
    return SopType(None, attributes.Encoding.UNKNOWN if encoding is None else attributes.Encoding(encoding.value))
