"""The sizes of the transformer that a craft model is assembled to, without its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from raspc.algebra.sparse import MatrixProduct, SparseMatrix, count_distinct_rows
from raspc.dialects import craft
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp.attributes import Encoding
from raspc.lowering.assemble_transformer import Assembler
from raspc.passes.layer_order import stage_of

Component = craft.HeadOp | craft.AttentionOp | craft.MlpOp


@dataclass(frozen=True)
class AssembledSizes:
    """What is known of the sizes of a craft model's transformer.

    Attributes:
        d_model: the width of the residual stream.
        n_layers: layers, each an attention followed by an MLP, of which one may be missing; `None` before
            schedule-layers.
        n_heads: the most heads of a layer; `None` before schedule-layers.
        n_params: the elements of all weights together; `None` where the components of a layer aren't fused yet, or a
            linear map has to be folded.
    """

    d_model: int
    n_layers: int | None = None
    n_heads: int | None = None
    n_params: int | None = None


def assembled_sizes(model: craft.ModelOp) -> AssembledSizes:
    """The sizes that assemble-transformer would give a model's transformer, as far as they are certain.

    The number of layers is that of the schedule, in which the heads of a layer are one attention.
    """
    d_model = Assembler(model).layout.d_model
    ops = list(model.body.block.ops)
    if any(isinstance(op, craft.HeadOp | craft.MlpOp) and op.layer is None for op in ops):
        return AssembledSizes(d_model)
    written = sorted((op for op in ops if isinstance(op, Component) and _writes(op)), key=stage_of)
    stages = [list(stage) for _, stage in groupby(written, stage_of)]
    attentions = [not isinstance(stage[0], craft.MlpOp) for stage in stages]
    return AssembledSizes(
        d_model,
        # A layer starts at an attention, and at an MLP that doesn't follow one.
        n_layers=sum(this or not before for before, this in zip([False, *attentions], attentions, strict=False)),
        n_heads=max((sum(len(_heads(op)) for op in stage) for stage in stages), default=0),
        n_params=None if any(len(stage) > 1 for stage in stages) else _n_params(model, written, d_model),
    )


def _writes(op: Component) -> bool:
    """Whether a component becomes a part of the transformer: one that writes nothing doesn't."""
    if isinstance(op, craft.MlpOp):
        return len(op.bias) > 0 and any(vector_of(result).size for result in op.results_)
    return bool(_heads(op))


def _heads(op: Component) -> list[craft.HeadOp]:
    """The heads of a component that write something."""
    heads = op.heads if isinstance(op, craft.AttentionOp) else [op] if isinstance(op, craft.HeadOp) else []
    return [head for head in heads if vector_of(head.result).size]


def _n_params(model: craft.ModelOp, written: Sequence[Component], d_model: int) -> int | None:
    """The number of parameters; `None` if there is a linear map that has to be folded."""
    ops = list(model.body.block.ops)
    if any(isinstance(op, craft.SumOp) or (isinstance(op, craft.LinearOp) and _must_be_folded(op)) for op in ops):
        return None
    output = next(vector_of(op.x) for op in ops if isinstance(op, craft.UnembedOp))
    n_outputs = 2 if output.encoding.data == Encoding.NUMERICAL else output.size + 1
    embedding = d_model * (len(model.vocab.data) + 1 + model.max_seq_len.data + 1)
    return embedding + sum(_n_weights(op, d_model) for op in written) + n_outputs * (d_model + 1)


def _must_be_folded(op: craft.LinearOp) -> bool:
    """Whether a linear map is neither a part of the embedding nor one of the unembedding."""
    readers = [use.operation for use in op.result.uses]
    return isinstance(op.x.owner, Component) and not all(isinstance(each, craft.UnembedOp) for each in readers)


def _n_weights(op: Component, d_model: int) -> int:
    """The number of a component's weights: all heads of an attention have the widths of the widest."""
    if isinstance(op, craft.MlpOp):
        return (2 * d_model + 1) * len(op.bias) + d_model
    heads = _heads(op)
    d_head = max(sum(inner_width(qk.data) for qk in head.qk) + 1 for head in heads)
    d_value = max(vector_of(head.result).size for head in heads)
    return len(heads) * 2 * d_model * (d_head + d_value)


def inner_width(form: SparseMatrix | MatrixProduct) -> int:
    """How many directions of a head a bilinear form takes: see `factorised` in assemble_transformer.

    >>> inner_width(SparseMatrix.from_dense([[1, 2, 3], [0, 0, 0], [1, 2, 3], [4, 5, 6]]))
    2
    """
    if isinstance(form, MatrixProduct):
        return form.left.shape[1]
    return min(count_distinct_rows(form), count_distinct_rows(form.transposed()))
