"""The pass fuse-maps: a tree of maps becomes one map of its sources where that takes fewer layers or units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.functions import UNREACHABLE, Table, Unreachable, grid_size
from raspc.algebra.grid import NEVER, UNDEFINED, Axis
from raspc.algebra.values import MaybeValue
from raspc.dialects.interfaces import EMBEDDED
from raspc.dialects.rasp import AggregateOp, CastOp, MapOp, ProgramOp, ReturnOp, SelectOp, SelectorWidthOp, SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import CountingOp, SopOp
from raspc.errors import CompileError
from raspc.passes.certification.arithmetic import scale_of
from raspc.passes.decoding import decoder_of
from raspc.passes.error_bounds import ErrorBounds, is_exact_enough
from raspc.passes.infer_values import check_inferred
from raspc.passes.joint_reading import CELL_LIMIT, joint_reading
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.linear_maps import is_linear
from raspc.passes.locations import location_of, set_location
from raspc.passes.lookups import LOOKUP_LIMIT
from raspc.passes.selector_terms import leaves_of
from raspc.passes.sharpening import sharpened
from raspc.passes.sop_types import domain_of, encoding_of

OBJECTIVES = ("layers", "units")
"""What is made small first."""

GROWTH = 4
"""A fused map may take so many times the units of the maps that it replaces, and `SPARE` more."""

SPARE = 64

CLASS_ERRORS = (1.0, 1 / 256, 1 / 4096, 0.0)
"""How far a class of a map that is read jointly may be off. What is off further may have to be made exact again for a
head, which takes a layer: each of these is tried. With 0 nothing is read jointly."""

Elementwise = MapOp | CastOp


@dataclass(frozen=True, eq=False)
class Candidate:
    """A map of sources that computes the same as a tree of maps.

    Attributes:
        fused: the map, which isn't part of the program.
        n_units: the hidden units that it takes.
        is_linear: whether it takes no layer.
        class_error: how far its class may be off if it is read jointly; otherwise 0.
    """

    fused: MapOp
    n_units: int
    is_linear: bool
    class_error: float = 0.0


@dataclass(frozen=True, order=True)
class Cost:
    """What a plan costs: compared element by element."""

    first: int
    second: int


class Planner:
    """Decides which elementwise ops of a program are read from their sources at once."""

    def __init__(
        self,
        program: ProgramOp,
        bounds: ErrorBounds,
        objective: str,
        scale: float,
        *,
        fusing: bool = True,
    ):
        self.objective = objective
        self.scale = scale
        self.bounds = bounds
        self.analysis = bounds.analysis
        self.ops = list(program.body.block.ops)
        self.place = {op: number for number, op in enumerate(self.ops)}
        self.elementwise = [op for op in self.ops if isinstance(op, Elementwise)]
        self.candidates = dict(self._candidates()) if fusing else {}

    # What can be fused

    def _candidates(self) -> Iterator[tuple[Elementwise, Candidate]]:
        total: dict[SSAValue, int] = {}
        for op in self.elementwise:
            total[op.result] = self._units[op] + sum(total.get(operand, 0) for operand in set(op.operands))
            candidate = self._candidate(op)
            if candidate is None:
                continue
            if candidate.n_units <= GROWTH * total[op.result] + SPARE:
                yield op, candidate
            else:
                candidate.fused.erase()

    def _candidate(self, op: Elementwise) -> Candidate | None:
        if encoding_of(op.result) != Encoding.CATEGORICAL or not any(
            isinstance(operand.owner, Elementwise) for operand in op.operands
        ):
            return None
        sources = self._sources(op)
        if sources is None or not sources or set(sources) == set(op.operands):
            return None
        table = self._table(op, sources)
        if table is None:
            return None
        numerical = [encoding_of(source) == Encoding.NUMERICAL for source in sources]
        fused = MapOp(sources, table, op.result.type, jointly=any(numerical) and len(sources) > 1)
        if fused.jointly is None:
            one_hot = not any(numerical)
            if not one_hot or len(sources) == 1 or self.bounds.operand_error(sources) <= LOOKUP_LIMIT:
                return Candidate(fused, self.n_units(fused, op.result), is_linear=one_hot and len(sources) == 1)
        else:
            reading = joint_reading(fused, self.bounds.__getitem__, self.scale)
            error = 0.0 if reading is None else float(reading.error.max(initial=0.0))
            if reading is not None and error <= max(CLASS_ERRORS):
                return Candidate(fused, reading.sum.n_units + 1, is_linear=False, class_error=error)
        fused.erase()
        return None

    def _sources(self, op: Elementwise) -> list[SSAValue] | None:
        """The s-ops from which the values of `op` can be told, one for each axis of its joint values."""
        found: list[SSAValue] = []
        for axis in self.analysis.facts.joints[op.result].axes:
            able = [value for value in self._tellers.get(axis, ()) if self._stands_before(value, op)]
            if not able:
                return None
            found.append(able[0])
        return found

    def _stands_before(self, value: SSAValue, op: Operation) -> bool:
        owner = value.owner
        assert isinstance(owner, Operation)
        return self.place[owner] < self.place[op]

    @cached_property
    def _tellers(self) -> dict[Axis, list[SSAValue]]:
        """For each source of the analysis, the s-ops that tell its value and are no maps: the embedding's first."""
        found: dict[Axis, list[SSAValue]] = {}
        for op in self.ops:
            if not isinstance(op, SopOp) or isinstance(op, SelectorWidthOp):
                continue
            joint = self.analysis.facts.joints[op.result]
            if len(joint.axes) != 1 or (isinstance(op, Elementwise) and joint.axes[0] is not op.result):
                continue
            codes = joint.codes[joint.codes != NEVER]
            if np.unique(codes).size == codes.size:
                found.setdefault(joint.axes[0], []).append(op.result)
        for tellers in found.values():
            tellers.sort(key=lambda value: isinstance(value.owner, AggregateOp | CountingOp))
        return found

    def _table(self, op: Elementwise, sources: Sequence[SSAValue]) -> Table | None:
        """The values of `op` for all combinations of the values of its sources."""
        facts = self.analysis.facts
        joint = facts.joints[op.result]
        domains = [domain_of(source) for source in sources]
        if grid_size([len(domain) for domain in domains]) > CELL_LIMIT:
            return None
        occurring = np.where(facts.impossible(joint.sizes()), NEVER, joint.codes)
        cells = np.full([len(domain) for domain in domains], NEVER, dtype=np.int64)
        places: list[NDArray[np.int64]] = []
        known: list[NDArray[np.int64]] = []
        for source, domain in zip(sources, domains, strict=True):
            told = facts.joints[source]
            codes = np.array(
                [domain.codes.get(told.domain.values[code], NEVER) if code >= 0 else code for code in told.codes],
                dtype=np.int64,
            )
            places.append(np.flatnonzero(codes >= 0))
            known.append(codes[codes >= 0])
        cells[np.ix_(*known)] = occurring[np.ix_(*places)]
        values = joint.domain.values
        results: list[MaybeValue | Unreachable] = [
            UNREACHABLE if code == NEVER else None if code == UNDEFINED else values[code]
            for code in cells.ravel().tolist()
        ]
        return Table(tuple(domain.values for domain in domains), tuple(results))

    # What it costs

    def n_units(self, op: Elementwise, read_as: SSAValue) -> int:
        """The hidden units of an elementwise op that is computed from its operands.

        Args:
            op: the op.
            read_as: the s-op whose readers are those of the result.
        """
        if is_linear(op):
            return 0
        operands = list(op.operands)
        if encoding_of(operands[0]) == Encoding.NUMERICAL:
            if encoding_of(op.result) == Encoding.NUMERICAL:
                return 3
            decoder = decoder_of(op)
            return 0 if decoder is None else decoder.slopes.size + 1
        if self.bounds.chooses(operands):
            return self.bounds.lookup(op, read_as).units.n_units
        cells = grid_size([len(domain_of(operand)) for operand in operands])
        return cells * (1 + (self.bounds.operand_error(operands) > 0))

    def cost(self, fused: frozenset[Elementwise]) -> Cost:
        """The cost of fusing some ops."""
        stages: dict[SSAValue, int] = {}
        needed = self._needed(fused)
        last, n_units = EMBEDDED, 0
        for op in self.ops:
            if not isinstance(op, SopOp) or op not in needed:
                continue
            ready = max((stages[value] for value in self._reads(op, fused)), default=EMBEDDED)
            stage = op.stage(ready)
            if isinstance(op, Elementwise):
                candidate = self.candidates[op] if op in fused else None
                n_units += self._units[op] if candidate is None else candidate.n_units
                if is_linear(op) if candidate is None else candidate.is_linear:
                    stage = ready
            stages[op.result] = stage
            last = max(last, stage)
        n_layers = (last + 2) // 2
        return Cost(n_layers, n_units) if self.objective == "layers" else Cost(n_units, n_layers)

    @cached_property
    def _units(self) -> dict[Elementwise, int]:
        return {op: self.n_units(op, op.result) for op in self.elementwise}

    def _needed(self, fused: frozenset[Elementwise]) -> set[Operation]:
        """The ops that compute s-ops which are read."""
        found: set[Operation] = set()
        waiting = [operand for op in self.ops if isinstance(op, ReturnOp) for operand in op.operands]
        while waiting:
            owner = waiting.pop().owner
            if isinstance(owner, SopOp) and owner not in found:
                found.add(owner)
                waiting += self._reads(owner, fused)
        return found

    def _reads(self, op: SopOp, fused: frozenset[Elementwise]) -> list[SSAValue]:
        if isinstance(op, Elementwise) and op in fused:
            return list(self.candidates[op].fused.operands)
        return [
            value
            for operand in op.operands
            for value in ([operand] if isinstance(operand.type, SopType) else _keys_and_queries(operand))
        ]

    def plan(self, class_error: float) -> frozenset[Elementwise]:
        """The ops to fuse: those without which the cost would be higher, of all with classes that are off by less.

        With 0 nothing is read jointly.
        """
        able = [
            op
            for op, candidate in self.candidates.items()
            if candidate.fused.jointly is None or (class_error and candidate.class_error <= class_error)
        ]
        fused = frozenset(able)
        best = self.cost(fused)
        changed = True
        while changed:
            changed = False
            for op in reversed(able):
                other = fused ^ {op}
                cost = self.cost(other)
                if cost < best or (cost == best and op in fused):
                    fused, best, changed = other, cost, True
        return fused


def _keys_and_queries(selector: SSAValue) -> list[SSAValue]:
    return [operand for select in leaves_of(selector) for operand in select.operands]


def _plans(program: ProgramOp, objective: str, scale: float) -> Iterator[ProgramOp]:
    """The program with some of its maps fused, for each choice of them that is worth a try."""
    planner = Planner(program, analysis_of(program, ErrorBounds, linear=True, scale=scale), objective, scale)
    tried: set[frozenset[Elementwise]] = {frozenset()}
    for class_error in CLASS_ERRORS:
        chosen = planner.plan(class_error)
        if chosen not in tried:
            tried.add(chosen)
            yield _fused(program, {op: candidate.fused for op, candidate in planner.candidates.items() if op in chosen})
    for candidate in planner.candidates.values():
        candidate.fused.erase()


def _fused(program: ProgramOp, chosen: Mapping[Elementwise, MapOp]) -> ProgramOp:
    """A copy of a program with other maps in the place of some ops."""
    copies: dict[SSAValue, SSAValue] = {}
    copy = program.clone(copies)
    replaced = [(copies[op.result].owner, fused.clone(copies)) for op, fused in chosen.items()]
    for op, fused in replaced:
        assert isinstance(op, Elementwise)
        fused.result.name_hint = op.result.name_hint
        set_location(fused, location_of(op))
        Rewriter.insert_op(fused, InsertPoint.before(op))
        Rewriter.replace_op(op, [], [fused.result])
    for op in reversed(list(copy.body.block.ops)):
        if isinstance(op, SopOp | SelectOp) and op.results[0].first_use is None:
            Rewriter.erase_op(op)
    return copy


def _cost_of(program: ProgramOp, objective: str, scale: float) -> Cost | None:
    """The cost of a program as it stands, with the casts that will make inexact keys and queries exact.

    Nothing if it can't be computed even so.
    """
    program = program.clone()
    try:
        bounds = sharpened(program, linear=True, scale=scale)
    except CompileError:
        return None
    if not is_exact_enough(program, bounds):
        return None
    return Planner(program, bounds, objective, scale, fusing=False).cost(frozenset())


@dataclass(frozen=True)
class FuseMapsPass(ModulePass):
    """Compute maps of maps from their sources at once.

    ```mlir
    %length = rasp.map(%length_inverse) "x -> round(1 / x) - 1" : categorical 1 to 2
    %opposite = rasp.map(%length, %indices) "l, i -> l - i - 1" : categorical 0 to 1
    ```
    becomes
    ```mlir
    %opposite = rasp.map(%length_inverse, %indices) jointly table (…) -> [0, 1] : categorical 0 to 1
    ```

    The sources are what the embedding and attention write. Of one-hot sources the fused map is a lookup, of one number
    a step decoder, and otherwise a step decoder of a sum that tells different results apart (`algebra.separation`). The
    pass fuses all maps for which that is possible at no more than four times their hidden units and 64 more, and takes
    back what doesn't save layers or, with as many layers, units. With `objective=units` units count before layers.

    A class that is read from a sum may be inexact, and where a head needs it exactly another layer makes it so. So the
    pass also tries not to fuse the most inexact of such maps, and keeps what costs least.

    It needs encodings. It doesn't fire for numerical results, where more than four sources or 65,536 combinations meet,
    or where numbers are too inexact in `dtype` to be told apart in a sum; nor where what reads the fused map would be
    too inexact for its own construction, as a mean of its values can be.
    """

    name = "fuse-maps"

    objective: str = "layers"
    dtype: str = FLOAT32.name

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.objective not in OBJECTIVES:
            raise CompileError(f"there is no objective {self.objective!r}", expected=f"one of {', '.join(OBJECTIVES)}")
        scale = scale_of(self.dtype)
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            best, least = program, _cost_of(program, self.objective, scale)
            if least is None:
                continue  # the passes that compute it refuse it, and name what is wrong
            for fused in _plans(program, self.objective, scale):
                cost = _cost_of(fused, self.objective, scale)
                if cost is not None and cost < least:
                    best, least = fused, cost
            if best is not program:
                Rewriter.replace_op(program, best)
