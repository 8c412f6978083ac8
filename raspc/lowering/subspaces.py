"""From s-ops to vectors in subspaces while a module is lowered in steps.

A value of which one side is lowered and the other isn't passes through a `builtin.unrealized_conversion_cast` between
`!rasp.sop` and `!craft.vec`. The casts vanish when both sides are lowered.
"""

from __future__ import annotations

from xdsl.dialects.builtin import UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.algebra.domain import Domain
from raspc.dialects.craft import OneOp, SubspaceType
from raspc.dialects.rasp import ProgramOp, SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.passes.locations import location_of, set_location
from raspc.passes.names import is_users_own, name_generally, name_of, reserved_names, unlike
from raspc.passes.sop_types import domain_of, encoding_of


class Subspaces:
    """The subspaces of one program: a name for each, no two alike."""

    def __init__(self, program: Operation):
        results = [result for op in program.walk() for result in op.results]
        self.taken = {result.type.label.data for result in results if isinstance(result.type, SubspaceType)}
        self.reserved = reserved_names(program)
        self.planned: dict[SSAValue, SubspaceType] = {}
        # In the order of the program, so that the first of several equal names stays as it is; but the user's first.
        sops = [result for result in results if isinstance(result.owner, SopOp)]
        for result in sorted(sops, key=is_users_own, reverse=True):
            self.planned[result] = self._expected(result) or self._new(result)

    @staticmethod
    def _expected(value: SSAValue) -> SubspaceType | None:
        """The subspace in which a reader that is lowered already expects `value`."""
        for use in value.uses:
            if isinstance(use.operation, UnrealizedConversionCastOp):
                (result,) = use.operation.results
                assert isinstance(result.type, SubspaceType)
                return result.type
        return None

    def _new(self, value: SSAValue) -> SubspaceType:
        name = name_of(value)
        if not is_users_own(value) or name in self.taken:
            return SubspaceType(self.fresh_name(name), encoding_of(value), domain_of(value))
        self.taken.add(name)
        return SubspaceType(name, encoding_of(value), domain_of(value))

    def fresh_name(self, base: str) -> str:
        """A name that no subspace has yet, nor is the user's: `base` or, if it is, `base_1`, `base_2` and so on."""
        name = unlike(base, self.taken | self.reserved)
        self.taken.add(name)
        return name

    def of(self, value: SSAValue) -> SubspaceType:
        """The subspace in which the s-op `value` is to lie."""
        if value not in self.planned:
            self.planned[value] = self._new(value)
        return self.planned[value]

    def one(self, program: ProgramOp) -> SSAValue:
        """The constant 1, embedded at the first need."""
        for op in program.body.block.ops:
            if isinstance(op, OneOp):
                return op.result
        op = OneOp(SubspaceType(self.fresh_name("one"), Encoding.NUMERICAL, Domain.of([1])))
        name_generally(op.result, "one")
        Rewriter.insert_op(op, InsertPoint.at_start(program.body.block))
        return op.result

    def vector(self, value: SSAValue) -> SSAValue:
        """The vector of the s-op `value`, cast to its subspace if it isn't lowered yet."""
        owner = value.owner
        assert isinstance(owner, Operation)
        if isinstance(owner, UnrealizedConversionCastOp):
            return owner.operands[0]
        for use in value.uses:
            if isinstance(use.operation, UnrealizedConversionCastOp):
                return use.operation.results[0]
        cast = UnrealizedConversionCastOp.get([value], [self.of(value)])
        cast.results[0].name_hint = value.name_hint
        Rewriter.insert_op(cast, InsertPoint.after(owner))
        return cast.results[0]


def replace_with_vector(op: Operation, vector_op: Operation, rewriter: PatternRewriter) -> None:
    """Replace an op that computes an s-op by an op that computes its vector."""
    (value,), (vector,) = op.results, vector_op.results
    sop_type = value.type
    assert isinstance(sop_type, SopType)
    vector.name_hint = value.name_hint
    set_location(vector_op, location_of(op))
    rewriter.insert(vector_op, InsertPoint.before(op))
    for use in list(value.uses):
        reader = use.operation
        if isinstance(reader, UnrealizedConversionCastOp):
            rewriter.replace(reader, [], [vector])
    if value.first_use is None:
        rewriter.erase(op)
        return
    cast = UnrealizedConversionCastOp.get([vector], [sop_type])
    cast.results[0].name_hint = value.name_hint
    rewriter.replace(op, cast)


def erase_unused_casts(program: Operation) -> None:
    """Erase the casts that nothing reads."""
    for op in list(program.walk()):
        if isinstance(op, UnrealizedConversionCastOp) and all(result.first_use is None for result in op.results):
            Rewriter.erase_op(op)
