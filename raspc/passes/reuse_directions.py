"""The pass reuse-directions: directions of the residual stream that nobody reads any more hold something else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from raspc.algebra.labels import joined
from raspc.dialects.dense import Dense, dtype_of, to_array, to_dense
from raspc.dialects.transformer import AttentionOp, MlpOp, ModelOp
from raspc.dialects.transformer.layers import Transformer, read_model
from raspc.dialects.transformer.tensors import residual_type, width_of
from raspc.errors import CompileError
from raspc.passes.rebinding import rebind, valid_certificate

Floats = NDArray[np.float64]

OBJECTIVES = ("parameters", "width")
"""What is made small."""

FIXED = 2
"""The first directions, which tell the BOS position from all others, are left alone."""

EMBEDDED = -1
"""The stage at which the embedding writes; those of attentions and MLPs follow from 0 on, and last the unembedding."""


@dataclass(frozen=True)
class ReuseDirectionsPass(ModulePass):
    """Let directions of the residual stream hold one value after the other.

    ```mlir
    transformer.model @doubled(%ids, %padding) … residual ["bos", "one", "tokens:1", "tokens:2", "count:1", "count:2"] {
      …
      %m = transformer.mlp %x_1 w_in(dense<…> : tensor<6x3xf32>) b_in(dense<…> : tensor<3xf32>) …
    ```
    becomes
    ```mlir
    transformer.model @doubled(%ids, %padding) … residual ["bos", "one", "tokens:1 | count:1", "tokens:2 | count:2"] {
      …
      %m = transformer.mlp %x_1 w_in(dense<…> : tensor<4x5xf32>) b_in(dense<…> : tensor<5xf32>) …
    ```

    A direction is free once nobody reads it any more and an MLP has erased it, before the next value is written. The
    MLP erases a number x by the hidden units `relu(x)` and `relu(-x)`, of which the first is enough for what is only
    embedded and not negative; a unit that is there already is used. Both units hold x exactly, one product and nothing
    added, so that `x - x` is 0 exactly: all other values stay what they are, and a certificate stays valid.

    A unit takes parameters too. With `objective=parameters` a direction is reused where that makes the model smaller,
    with `objective=width` wherever it can be. Left alone are the directions of BOS and of the constant one, models
    without an MLP in between, and what isn't a standard transformer.
    """

    name = "reuse-directions"

    objective: str = "parameters"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.objective not in OBJECTIVES:
            raise CompileError(f"there is no objective {self.objective!r}", expected=f"one of {', '.join(OBJECTIVES)}")
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            stream = _Stream.of(read_model(model))
            plan = _plan(stream, always=self.objective == "width")
            if plan.erasures:
                certificate = valid_certificate(model)
                _rewrite(stream, plan)
                rebind(model, certificate, self.name)


@dataclass(frozen=True, eq=False)
class _Stream:
    """What a transformer's components read and write; the stages are numbered from 0 on.

    Attributes:
        transformer: the transformer.
        components: its attentions and MLPs, by stage.
        reads: whether a stage reads a direction, [n_stages + 1, d_model]; the last is the unembedding.
        writes: whether a stage writes it, [n_stages + 1, d_model]; the last, whose number is `EMBEDDED`, is the
            embedding.
        positive: whether a direction is never negative because it is only embedded, and is 0 at BOS: [d_model].
        tells_bos: whether the first direction is 0 at all positions but that of BOS, and not negative there.
    """

    transformer: Transformer
    components: list[AttentionOp | MlpOp]
    reads: NDArray[np.bool_]
    writes: NDArray[np.bool_]
    positive: NDArray[np.bool_]
    tells_bos: bool

    @staticmethod
    def of(transformer: Transformer) -> _Stream:
        components: list[AttentionOp | MlpOp] = []
        for layer in transformer.layers:
            components += [part.op for part in (layer.attention, layer.mlp) if part is not None]
        w_e, w_pos = to_array(transformer.embed.w_e), to_array(transformer.embed.w_pos)
        reads = [_reads(op) for op in components] + [_is_used(transformer.unembed.w_u, 0)]
        writes = [_writes(op) for op in components] + [
            _is_used(transformer.embed.w_e, 1) | _is_used(transformer.embed.w_pos, 1)
        ]
        written = np.stack(writes)
        positive = (w_e >= 0).all(axis=0) & (w_pos >= 0).all(axis=0) & ~written[:-1].any(axis=0)
        positive &= (w_e[-1] == 0) & (w_pos[0] == 0)
        tells_bos = not (w_e[:-1, 0].any() or w_pos[1:, 0].any() or written[:-1, 0].any()) and bool(
            w_e[-1, 0] + w_pos[0, 0] >= 0
        )
        return _Stream(transformer, components, np.stack(reads), written, positive, tells_bos)

    @property
    def n_stages(self) -> int:
        return len(self.components)

    def first_use(self, direction: int) -> int:
        """The stage that first writes or reads a direction; `n_stages` if none does."""
        if self.writes[EMBEDDED, direction]:
            return EMBEDDED
        used = self.writes[:-1, direction] | self.reads[:-1, direction]
        return int(np.flatnonzero(used).min(initial=self.n_stages))

    def last_read(self, direction: int) -> int:
        """The stage that last reads it; `EMBEDDED` if none does."""
        return int(np.flatnonzero(self.reads[:, direction]).max(initial=EMBEDDED))

    def last_write(self, direction: int) -> int:
        """The stage that last writes it."""
        return int(np.flatnonzero(self.writes[:-1, direction]).max(initial=EMBEDDED))


def _reads(op: AttentionOp | MlpOp) -> NDArray[np.bool_]:
    """Whether a component reads each direction: [d_model]."""
    if isinstance(op, MlpOp):
        return _is_used(op.w_in, 0)
    return _is_used(op.w_q, 1) | _is_used(op.w_k, 1) | _is_used(op.w_v, 1)


def _writes(op: AttentionOp | MlpOp) -> NDArray[np.bool_]:
    """Whether a component writes each direction: [d_model]."""
    if isinstance(op, MlpOp):
        return _is_used(op.w_out, 1) | _is_used(op.b_out, 0)
    return _is_used(op.w_o, 2)


def _is_used(weights: Dense, axis: int) -> NDArray[np.bool_]:
    """Whether there is a weight for each direction, which is an index of one axis: [d_model]."""
    nonzero = np.moveaxis(to_array(weights), axis, 0) != 0
    return np.asarray(nonzero.reshape(nonzero.shape[0], -1).any(axis=1), dtype=np.bool_)


@dataclass(frozen=True)
class _Erasure:
    """How a direction is erased.

    Attributes:
        stage: the MLP that does it.
        direction: the direction, by its number before the pass.
        unit: a hidden unit that holds it already; -1 if there is none.
        factor: by how much this unit's value has to be multiplied.
        signs: the signs of new units.
    """

    stage: int
    direction: int
    unit: int = -1
    factor: float = 0.0
    signs: tuple[float, ...] = ()


@dataclass
class _Plan:
    """Which directions share one, and how they are erased in between.

    Attributes:
        tenants: the directions that each new one holds, one after the other.
        erasures: of all directions but the last of each.
    """

    tenants: list[list[int]] = field(default_factory=list[list[int]])
    erasures: list[_Erasure] = field(default_factory=list[_Erasure])


def _plan(stream: _Stream, *, always: bool) -> _Plan:
    """Give each direction, in the order in which they are first used, one that is free, if that pays.

    Of several the one whose erasure takes the fewest units is taken, of these the one that was free last.
    """
    d_model = stream.reads.shape[1]
    sizes = _Sizes.of(stream)
    plan = _Plan(tenants=[[direction] for direction in range(min(FIXED, d_model))])
    places: list[int] = []
    rest = sorted(range(min(FIXED, d_model), d_model), key=lambda direction: (stream.first_use(direction), direction))
    for direction in rest:
        found: list[tuple[int, int, int, _Erasure]] = []
        for place in places:
            last = plan.tenants[place][-1]
            erasure = _erasure(stream, last, stream.first_use(direction))
            if erasure is not None:
                found.append((len(erasure.signs), -stream.last_read(last), place, erasure))
        best = min(found, key=lambda option: option[:3], default=None)
        if best is not None and (always or sizes.saved(best[0]) > 0):
            sizes = sizes.after(best[0])
            plan.tenants[best[2]].append(direction)
            plan.erasures.append(best[3])
        else:
            places.append(len(plan.tenants))
            plan.tenants.append([direction])
    return plan


def _erasure(stream: _Stream, direction: int, before: int) -> _Erasure | None:
    """How a direction can be erased before a stage writes something else to it; `None` if it can't."""
    first = max(stream.last_read(direction), stream.last_write(direction) + 1, 0)
    stages = [stage for stage in range(first, before) if isinstance(stream.components[stage], MlpOp)]
    if not stages:
        return None
    if stream.positive[direction]:
        for stage in stages:
            held = _holding(stream.components[stage], direction, tells_bos=stream.tells_bos)
            if held is not None:
                unit, factor = held
                return _Erasure(stage, direction, unit, factor)
    return _Erasure(stages[0], direction, signs=(1.0,) if stream.positive[direction] else (1.0, -1.0))


def _holding(op: AttentionOp | MlpOp, direction: int, *, tells_bos: bool) -> tuple[int, float] | None:
    """A hidden unit that holds a direction that isn't negative, times a power of two, and the factor that erases it."""
    assert isinstance(op, MlpOp)
    w_in, b_in = to_array(op.w_in).astype(np.float64), to_array(op.b_in)
    weights = w_in[direction]
    reads_others = np.delete(w_in, direction, axis=0).any(axis=0)
    if tells_bos:  # a unit may be off at the BOS position, where the direction is 0
        reads_others = np.delete(w_in, [0, direction], axis=0).any(axis=0) | (w_in[0] > 0)
    mantissas, _ = np.frexp(weights)
    units = np.flatnonzero((mantissas == 0.5) & (b_in == 0) & ~reads_others)
    return (int(units[0]), -1.0 / weights[units[0]]) if units.size else None


@dataclass(frozen=True)
class _Sizes:
    """What a model's parameters are made of.

    Attributes:
        d_model: the number of directions.
        per_direction: the parameters of one direction, but for the hidden units.
        d_mlp: the hidden units of all MLPs.
    """

    d_model: int
    per_direction: int
    d_mlp: int

    @staticmethod
    def of(stream: _Stream) -> _Sizes:
        transformer = stream.transformer
        rows = [weights.get_shape()[0] for weights in (transformer.embed.w_e, transformer.embed.w_pos)]
        per_direction = sum(rows) + transformer.unembed.w_u.get_shape()[1]
        d_mlp = 0
        for op in stream.components:
            if isinstance(op, MlpOp):
                per_direction, d_mlp = per_direction + 1, d_mlp + op.d_mlp
            else:
                per_direction += 2 * op.n_heads * (op.d_head + op.d_value)
        return _Sizes(width_of(transformer.embed.result), per_direction, d_mlp)

    @property
    def n_params(self) -> int:
        return self.d_model * (self.per_direction + 2 * self.d_mlp) + self.d_mlp

    def after(self, n_units: int) -> _Sizes:
        """With one direction less and some hidden units more."""
        return _Sizes(self.d_model - 1, self.per_direction, self.d_mlp + n_units)

    def saved(self, n_units: int) -> int:
        """How many parameters that saves."""
        return self.n_params - self.after(n_units).n_params


# The model in fewer directions


def _rewrite(stream: _Stream, plan: _Plan) -> None:
    transformer, place = stream.transformer, _places(plan)
    for erasure in plan.erasures:
        _erase(stream.components[erasure.stage], erasure)
    embed, unembed, model = transformer.embed, transformer.unembed, transformer.model
    embed.w_e, embed.w_pos = _joined(embed.w_e, place, 1), _joined(embed.w_pos, place, 1)
    for op in stream.components:
        if isinstance(op, MlpOp):
            op.w_in = _joined(op.w_in, place, 0)
            op.w_out, op.b_out = _joined(op.w_out, place, 1), _joined(op.b_out, place, 0)
        else:
            op.w_q, op.w_k, op.w_v = (_joined(weights, place, 1) for weights in (op.w_q, op.w_k, op.w_v))
            op.w_o = _joined(op.w_o, place, 2)
    unembed.w_u = _joined(unembed.w_u, place, 0)
    labels = model.residual_labels
    model.residual = ArrayAttr([StringAttr(joined(labels[each] for each in held)) for held in plan.tenants])
    narrow = residual_type(len(plan.tenants), model.dtype)
    wide = embed.result.type
    for child in list(model.body.block.ops):
        for result in child.results:
            if result.type == wide and child is not unembed:
                Rewriter.replace_value_with_new_type(result, narrow)


def _places(plan: _Plan) -> NDArray[np.int64]:
    """The number that each direction has afterwards: [d_model]."""
    places = np.zeros(sum(len(held) for held in plan.tenants), dtype=np.int64)
    for place, held in enumerate(plan.tenants):
        places[held] = place
    return places


def _joined(weights: Dense, place: NDArray[np.int64], axis: int) -> Dense:
    """The weights with the directions on an axis where they are afterwards: of one place no two aren't zero."""
    array = to_array(weights).astype(np.float64)
    selection = np.zeros((place.size, int(place.max(initial=-1)) + 1))
    selection[np.arange(place.size), place] = 1.0
    joined = np.moveaxis(np.tensordot(array, selection, axes=([axis], [0])), -1, axis)
    return to_dense(joined, dtype_of(weights.get_element_type()))


def _erase(op: AttentionOp | MlpOp, erasure: _Erasure) -> None:
    """Let an MLP take away what a direction holds."""
    assert isinstance(op, MlpOp)
    w_in, w_out = to_array(op.w_in).astype(np.float64), to_array(op.w_out).astype(np.float64)
    dtype = dtype_of(op.w_in.get_element_type())
    if erasure.unit >= 0:
        w_out[erasure.unit, erasure.direction] += erasure.factor
        op.w_out = to_dense(w_out, dtype)
        return
    signs = np.array(erasure.signs)
    rows, columns = np.zeros((w_in.shape[0], signs.size)), np.zeros((signs.size, w_out.shape[1]))
    rows[erasure.direction], columns[:, erasure.direction] = signs, -signs
    op.w_in, op.w_out = to_dense(np.hstack([w_in, rows]), dtype), to_dense(np.vstack([w_out, columns]), dtype)
    op.b_in = to_dense(np.append(to_array(op.b_in), np.zeros(signs.size)), dtype)
