"""What can be known of the values of a RASP program without running it.

The analysis walks the program once, in order. For each s-op it gives a domain, which contains every value that the s-op
takes on any input, and where it is affordable the joint values over the s-op's sources (see `algebra.grid`): the
tokens, the indices, the length, and every aggregate and width. Relations between sources that always hold are used:
an index is less than the length; aggregates over the same selector average the same positions.
"""

from __future__ import annotations

from xdsl.dialects.builtin import UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.effort import Effort
from raspc.algebra.functions import Table
from raspc.algebra.grid import JointValues
from raspc.dialects.interfaces import SopInterface
from raspc.dialects.rasp import AggregateOp, ConstantOp, MapOp, ProgramOp, SelectOp, SelectorWidthOp, SopType
from raspc.dialects.rasp.ops import CountingOp
from raspc.errors import BoundError, EffortError
from raspc.passes.locations import refuse
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis.aggregates import AggregateAnalysis
from raspc.passes.value_analysis.facts import ProgramFacts, check_domain, total_size
from raspc.passes.value_analysis.maps import MapAnalysis
from raspc.passes.value_analysis.meaning import Assumption, MeaningAnalysis
from raspc.passes.value_analysis.selectors import SelectorAnalysis

EFFORT = 1 << 24
"""How much work the expressions of a text may make in one analysis; see `algebra.effort`."""

CELL_LIMIT = 1 << 25
"""How many combinations of sources all s-ops of a program may have in all, each value counting as 16: 256 MiB."""


class ValueAnalysis:
    """The facts of one program; see the module's documentation.

    Attributes:
        facts: the joint values of each s-op, the truth of predicates, and the tables of opaque functions.
        meaning: what couldn't be proved to have a meaning on every input.
        maps: what is known of maps.
        selectors: what is known of selectors.
        aggregates: what is known of aggregates.

    Args:
        program: a program.
        search: whether to try inputs on the expressions that aren't proved to have a meaning on every input: it finds
            those that certainly have none on some.
        lowered: whether s-ops may be computed by ops of the craft dialect, so that only their domains are known.

    Raises:
        CompileError: a domain is too large, or an expression certainly has no meaning.
    """

    def __init__(self, program: ProgramOp, *, search: bool = False, lowered: bool = False):
        self.lowered = lowered
        self.facts = ProgramFacts(program)
        self.meaning = MeaningAnalysis(self.facts, search=search)
        self.maps = MapAnalysis(self.facts, self.meaning)
        self.selectors = SelectorAnalysis(self.facts, self.meaning)
        self.aggregates = AggregateAnalysis(self.facts, self.meaning, self.selectors)
        self._effort = Effort(EFFORT)
        self._cells = 0
        for op in program.body.block.ops:
            self.add(op)

    def add(self, op: Operation) -> None:
        """Analyse one op, whose operands are analysed already: what a rewrite adds to the program, or changes in it."""
        try:
            with self._effort:
                self._add(op)
        except BoundError as error:
            raise refuse(op, str(error), help="use values that are smaller and less deeply nested") from error
        except EffortError as error:
            raise refuse(op, str(error), help="use simpler expressions, a smaller vocabulary or max_seq_len") from error

    def _add(self, op: Operation) -> None:
        if isinstance(op, SelectOp):
            self.facts.predicates[op] = self.selectors.truth(op)
        else:
            joint = self._joint(op)
            if joint is not None:
                self.facts.joints[op.results[0]] = joint
                self._cells += joint.codes.size + 16 * len(joint.domain) + total_size(joint.domain.values)
                if self._cells > CELL_LIMIT:
                    raise refuse(
                        op,
                        "the combinations and the values of this s-op and those before it are too many in all",
                        expected=f"at most {CELL_LIMIT} in one program",
                        help="use a smaller vocabulary or max_seq_len, or compile parts of the program",
                    )

    def domain(self, value: SSAValue) -> Domain:
        """The domain of an s-op."""
        return self.facts.domain(value)

    def table(self, op: MapOp) -> Table:
        """The function of a map as a table over its operands' domains; what doesn't occur is unreachable.

        The domains are those that the program states, which may have more values than are known to occur, or fewer.
        """
        return self.maps.table(op).over([domain_of(operand).values for operand in op.operands_])

    @property
    def tables(self) -> dict[Operation, Table]:
        """For each op with an opaque function, the function as a table."""
        return self.facts.tables

    @property
    def assumptions(self) -> list[Assumption]:
        """What couldn't be proved."""
        return self.meaning.assumptions

    @property
    def averages(self) -> set[AggregateOp]:
        """The aggregates that may have to average different values."""
        return self.aggregates.averages

    def _joint(self, op: Operation) -> JointValues | None:
        """The joint values of an op; `None` if it computes no s-op."""
        if isinstance(op, UnrealizedConversionCastOp) and isinstance(op.results[0].type, SopType):
            domain = _known_domain(op.results[0])
            if self.lowered and domain is not None:
                return self.new_source(op.results[0], domain)
            raise refuse(op, "it is lowered already", help="run this pass before materialize-mlp")
        return op.infer(self) if isinstance(op, SopInterface) else None

    # What an s-op may ask; see `dialects.interfaces.ValueFacts`

    @property
    def max_seq_len(self) -> int:
        """The length of the longest input."""
        return self.facts.max_seq_len

    def joint(self, value: SSAValue) -> JointValues:
        """The joint values of an s-op."""
        return self.facts.joints[value]

    def new_source(self, value: SSAValue, domain: Domain) -> JointValues:
        """The joint values of an s-op of which no more is known than its domain."""
        assert isinstance(value.owner, Operation)
        return self.facts.new_source(value, check_domain(value.owner, domain))

    def tokens(self) -> JointValues:
        """The joint values of the tokens."""
        return self.facts.tokens()

    def indices(self) -> JointValues:
        """The joint values of the positions."""
        return self.facts.indices()

    def length(self) -> JointValues:
        """The joint values of the length."""
        return self.facts.length()

    def constant(self, op: ConstantOp) -> JointValues:
        """The joint values of a constant."""
        return JointValues.constant(check_domain(op, Domain.of([op.value.data])))

    def mapped(self, op: MapOp) -> JointValues:
        """The joint values of a map."""
        return self.maps.joint(op)

    def aggregated(self, op: AggregateOp) -> JointValues:
        """The joint values of an aggregate."""
        return self.aggregates.aggregate(op)

    def width(self, op: SelectorWidthOp) -> JointValues:
        """The joint values of a width."""
        return self.aggregates.width(op)

    def counting(self, op: CountingOp) -> JointValues:
        """The joint values of a number that tells a width."""
        return self.aggregates.counting(op)


def _known_domain(value: SSAValue) -> Domain | None:
    assert isinstance(value.type, SopType)
    return value.type.known_domain


__all__ = ["Assumption", "ValueAnalysis"]
