"""The pass assemble-transformer: subspaces become directions of one residual stream, components dense weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from raspc.algebra.domain import Domain
from raspc.algebra.factorisation import Matrix, factors
from raspc.algebra.twins import without_twins
from raspc.dialects import craft, transformer
from raspc.dialects.craft import SubspaceType
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.ops import EmbeddingOp, writer_of
from raspc.dialects.dense import to_dense
from raspc.dialects.rasp.attributes import DomainAttr, Encoding
from raspc.dialects.transformer.tensors import PARAMETER_LIMIT
from raspc.errors import CompileError
from raspc.lowering.residual_layout import ResidualLayout
from raspc.passes.layer_order import layer_of, sort_by_stage
from raspc.passes.locations import location_of, refuse, refuse_sum, refuse_unknown
from raspc.passes.names import name_of, reserved_names
from raspc.passes.rebinding import rebind, valid_certificate


@dataclass(frozen=True)
class HeadWeights:
    """The weights of one head: `w_q`, `w_k` [d_model, d_head], `w_v` [d_model, d_value], `w_o` [d_value, d_model]."""

    w_q: Matrix
    w_k: Matrix
    w_v: Matrix
    w_o: Matrix


def head_weights(head: craft.HeadOp, target: SSAValue, layout: ResidualLayout) -> HeadWeights:
    """The weights of a head.

    Each bilinear term of the score has a block of directions of the head: one for each distinct row or column of its
    matrix, or the inner ones of a product. The score of BOS has one more: queries hold the score there at every
    position, and BOS alone holds 1 as a key. What a query, key or value subspace holds at the BOS position is cancelled
    by the row of the BOS direction, so that BOS as a key scores `bos_score` and its lead alone, as a value is
    `bos_value`, and as a query attends to itself.
    """
    temperature = head.temperature.value.data
    query_blocks: list[Matrix] = []
    key_blocks: list[Matrix] = []
    for query, key, qk in zip(head.queries, head.keys, head.qk, strict=True):
        left, right = factors(qk.data)
        query_blocks.append(_reading(layout, [query], [left * temperature], left.shape[1]))
        key_blocks.append(_reading(layout, [key], [right.T], right.shape[0]))
    bos_query, bos_key = np.zeros((layout.d_model, 1)), np.zeros((layout.d_model, 1))
    bos_query[[layout.BOS, layout.ONE]] = head.bos_score.value.data * temperature + head.bos_lead
    bos_key[layout.BOS] = 1.0
    size = vector_of(target).size
    w_v = _reading(layout, head.values, [ov.data.to_dense() for ov in head.ov], size)
    w_v[layout.BOS] += head.bos_vector
    w_o = np.zeros((size, layout.d_model))
    w_o[:, layout.directions(target)] = np.eye(size)
    return HeadWeights(np.hstack([*query_blocks, bos_query]), np.hstack([*key_blocks, bos_key]), w_v, w_o)


def _reading(layout: ResidualLayout, values: Sequence[SSAValue], maps: Sequence[Matrix], width: int) -> Matrix:
    """A matrix [d_model, width] that maps each value from its directions and gives zero at the BOS position."""
    matrix = np.zeros((layout.d_model, width))
    for value, block in zip(values, maps, strict=True):
        matrix[layout.directions(value)] += block
        matrix[layout.BOS] -= layout.bos[value] @ block
    return matrix


def stacked(matrices: Sequence[Matrix]) -> Matrix:
    """Matrices of different shapes as one array, padded with zeros: [n, max rows, max columns]."""
    rows = max(matrix.shape[0] for matrix in matrices)
    columns = max(matrix.shape[1] for matrix in matrices)
    result = np.zeros((len(matrices), rows, columns))
    for number, matrix in enumerate(matrices):
        result[number, : matrix.shape[0], : matrix.shape[1]] = matrix
    return result


class Assembler:
    """Builds the transformer of one craft model."""

    def __init__(self, model: craft.ModelOp):
        self.model = model
        ops = list(model.body.block.ops)
        for op in ops:
            _check_assembled(op)
        values = [result for op in ops for result in op.results if not _is_of_component(op) and not _is_folded(result)]
        heads: dict[SSAValue, craft.HeadOp] = {}
        for op in ops:
            match op:
                case craft.HeadOp():
                    heads[op.result] = op
                case craft.AttentionOp():
                    heads |= dict(zip(op.results_, op.heads, strict=True))
                case _:
                    pass
        ones = [op.result for op in ops if isinstance(op, craft.OneOp)]
        self.layout = ResidualLayout.of(values, heads, ones[0] if ones else None, reserved_names(model))
        self.n_params = 0

    def _check_size(self) -> None:
        """Check what is known of the model's size before anything is allocated."""
        model, d_model = self.model, self.layout.d_model
        n_params = d_model * (len(model.vocab.data) + model.max_seq_len.data + 2)
        n_params += sum(2 * d_model * len(op.bias) for op in model.body.block.ops if isinstance(op, craft.MlpOp))
        if n_params > PARAMETER_LIMIT:
            raise self._too_large()

    def assemble(self) -> transformer.ModelOp:
        """The transformer."""
        self._check_size()
        model, layout = self.model, self.layout
        output = next(op for op in model.body.block.ops if isinstance(op, craft.UnembedOp)).x
        subspace = vector_of(output)
        result = transformer.ModelOp(
            model.sym_name.data,
            model.vocab,
            model.max_seq_len.data,
            subspace.encoding.data,
            DomainAttr(_output_domain(subspace)),
            layout.labels,
        )
        result.take_assumptions(model)
        block = result.body.block
        ids, padding = block.args
        ids.name_hint, padding.name_hint = "ids", "padding"
        mask = transformer.AttentionMaskOp(padding, causal=model.causal is not None)
        mask.result.name_hint = "mask"
        embed = transformer.EmbedOp(ids, *map(to_dense, self._counted(*self._embedding())))
        block.add_ops([mask, embed])
        x: SSAValue = embed.result
        x.name_hint = "x"
        for op in model.body.block.ops:
            component = self._component(op, x, mask.result)
            if component is not None:
                add = transformer.AddOp(x, component.results[0])
                component.results[0].name_hint = "a" if isinstance(component, transformer.AttentionOp) else "m"
                add.result.name_hint = "x"
                block.add_ops([component, add])
                x = add.result
        unembed = transformer.UnembedOp(x, *map(to_dense, self._counted(*self._unembedding(output))))
        unembed.result.name_hint = "logits"
        block.add_ops([unembed, transformer.ReturnOp(unembed.result)])
        return result

    def _counted(self, *weights: Matrix) -> tuple[Matrix, ...]:
        self.n_params += sum(array.size for array in weights)
        if self.n_params > PARAMETER_LIMIT:
            raise self._too_large()
        return weights

    def _too_large(self) -> CompileError:
        """The error that names the value with the most directions: it has the largest part in the parameters."""
        values = [value for op in self.model.body.block.ops for value in op.results]
        widest = max(values, key=lambda value: vector_of(value).size)
        assert isinstance(widest.owner, Operation)
        return CompileError(
            f"the model has more than {PARAMETER_LIMIT} parameters: of its {self.layout.d_model} directions "
            f"{vector_of(widest).size} are this one's",
            expression=name_of(widest),
            where=location_of(widest.owner),
            expected="a model that fits into 1 GiB",
            help="use a smaller vocabulary or max_seq_len",
        )

    def _embedding(self) -> tuple[Matrix, Matrix]:
        """`w_e` [n_vocab + 1, d_model] and `w_pos` [max_seq_len + 1, d_model]."""
        n_vocab, n_positions, layout = len(self.model.vocab.data), self.model.max_seq_len.data, self.layout
        w_e, w_pos = np.zeros((n_vocab + 1, layout.d_model)), np.zeros((n_positions + 1, layout.d_model))
        w_e[n_vocab, layout.BOS] = 1.0
        w_pos[1:, layout.ONE] = 1.0
        for op in self.model.body.block.ops:
            match op:
                case craft.EmbedTokensOp():
                    source, matrix = op, np.eye(op.subspace.size)
                case craft.EmbedPositionsOp():
                    source, matrix = op, np.eye(n_positions)[:, : op.subspace.size]
                case craft.LinearOp() if _is_of_component(op):
                    _check_only_output(op)
                    continue
                case craft.LinearOp():
                    x, matrix = _composed(op)
                    source = x.owner
                case _:
                    continue
            if _is_folded(op.results[0]):
                continue
            directions = layout.directions(op.results[0])
            match source:
                case craft.EmbedTokensOp():
                    w_e[:n_vocab, directions] = matrix
                case craft.EmbedPositionsOp():
                    w_pos[1:, directions] = matrix
                case _:  # the constant one
                    w_pos[1:, directions] = matrix
        return w_e, w_pos

    def _component(self, op: Operation, x: SSAValue, mask: SSAValue) -> Operation | None:
        """The attention or perceptron that `op` becomes; `None` if it isn't one or writes nothing."""
        match op:
            case craft.HeadOp():
                return self._attention([op], [op.result], x, mask)
            case craft.AttentionOp():
                return self._attention(op.heads, list(op.results_), x, mask)
            case craft.MlpOp():
                return self._mlp(op, x)
            case _:
                return None

    def _attention(
        self, heads: Sequence[craft.HeadOp], targets: Sequence[SSAValue], x: SSAValue, mask: SSAValue
    ) -> Operation | None:
        written = [pair for pair in zip(heads, targets, strict=True) if vector_of(pair[1]).size]
        if not written:
            return None
        weights = [head_weights(head, target, self.layout) for head, target in written]
        return transformer.AttentionOp(
            x,
            mask,
            *map(
                to_dense,
                self._counted(
                    stacked([head.w_q for head in weights]),
                    stacked([head.w_k for head in weights]),
                    stacked([head.w_v for head in weights]),
                    stacked([head.w_o for head in weights]),
                ),
            ),
        )

    def _mlp(self, op: craft.MlpOp, x: SSAValue) -> Operation | None:
        """The perceptron, with every hidden unit switched off at the BOS position.

        The row of the BOS direction cancels what the inputs hold there and takes away twice the positive part of the
        bias, and 1 to spare.
        """
        layout, bias = self.layout, op.bias_vector
        if not bias.size or not any(vector_of(result).size for result in op.results_):
            return None
        w_in = _reading(layout, op.inputs, [matrix.data.to_dense() for matrix in op.w_in], bias.size)
        w_in[layout.BOS] -= 2 * np.maximum(bias, 0) + 1
        w_out = np.zeros((bias.size, layout.d_model))
        for result, matrix in zip(op.results_, op.w_out, strict=True):
            w_out[:, layout.directions(result)] = matrix.data.to_dense()
        return transformer.MlpOp(x, *map(to_dense, self._counted(w_in, bias, w_out, np.zeros(layout.d_model))))

    def _unembedding(self, output: SSAValue) -> tuple[Matrix, Matrix]:
        """`w_u` [d_model, n_outputs] and `b_u` [n_outputs].

        The logit of a value is its direction, 0 or 1, and that of undefined is 1/2: the null vector is undefined.
        """
        subspace, matrix, read = vector_of(output), np.eye(vector_of(output).size), output
        if isinstance(output.owner, craft.LinearOp) and _is_of_component(output.owner):
            read, matrix = _composed(output.owner)
        directions = self.layout.directions(read)
        if subspace.encoding.data == Encoding.NUMERICAL:
            w_u, b_u = np.zeros((self.layout.d_model, 2)), np.array([0.0, 2.0 - subspace.size])
            w_u[directions, : subspace.size] = matrix
            return w_u, b_u
        w_u, b_u = np.zeros((self.layout.d_model, subspace.size + 1)), np.zeros(subspace.size + 1)
        w_u[directions, :-1] = matrix
        b_u[-1] = 0.5
        return w_u, b_u


def _check_assembled(op: Operation) -> None:
    """Check that an op is one that the assembly consumes.

    Raises:
        CompileError: it isn't.
    """
    match op:
        case craft.SumOp():
            raise refuse_sum(op)
        case craft.EmbedTokensOp() | craft.EmbedPositionsOp() | craft.OneOp() | craft.LinearOp():
            return
        case craft.HeadOp() | craft.AttentionOp() | craft.MlpOp() | craft.UnembedOp():
            return
        case _:
            raise refuse_unknown(op, "it would be missing from the transformer")


def _output_domain(subspace: SubspaceType) -> Domain:
    """The values that the output decodes to; of numbers that differ by rounding alone, one."""
    domain = subspace.values
    if not subspace.is_numerical:
        return domain
    return Domain(tuple(without_twins(list(domain.values))), domain.undefined, domain.mixed)


def _is_folded(value: SSAValue) -> bool:
    """Whether an embedding, or a map of one, is read by linear maps alone: they are embedded in its place."""
    is_embedded = isinstance(value.owner, craft.EmbedTokensOp | craft.EmbedPositionsOp | craft.LinearOp)
    users = [use.operation for use in value.uses]
    return is_embedded and bool(users) and all(isinstance(user, craft.LinearOp) for user in users)


def _composed(op: craft.LinearOp) -> tuple[SSAValue, Matrix]:
    """What a linear map reads, through other linear maps if need be, and the map from it."""
    matrix, x = op.matrix.data.to_dense(), op.x
    while isinstance(x.owner, craft.LinearOp):
        matrix, x = x.owner.matrix.data.to_dense() @ matrix, x.owner.x
    return x, matrix


def _is_of_component(op: Operation) -> bool:
    """Whether `op` is a linear map of what a component computes, which has no directions of its own."""
    return isinstance(op, craft.LinearOp) and not isinstance(writer_of(op.x), EmbeddingOp)


def _check_only_output(op: craft.LinearOp) -> None:
    """Check that a linear map of what a component computes is only read by the unembedding.

    Raises:
        CompileError: something else reads it.
    """
    if any(not isinstance(use.operation, craft.LinearOp | craft.UnembedOp) for use in op.result.uses):
        raise refuse(
            op,
            "a linear map of what a component computes is no component itself",
            expected="a linear map of an embedding, or of the output",
            help="run the pass fold-linear, which folds the map into the components that read it",
        )


@dataclass(frozen=True)
class AssembleTransformerPass(ModulePass):
    """Lay out the residual stream and turn each craft model into a transformer with dense weights.

    ```mlir
    craft.model @id vocab [1, 2] max_seq_len 1 {
      %tokens = craft.embed_tokens : "tokens" [1, 2]
      craft.unembed %tokens
    }
    ```
    becomes
    ```mlir
    transformer.model @id(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2]
        residual ["bos", "one", "tokens:1", "tokens:2"] {
      %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
      %x = transformer.embed %ids w_e(dense<…> : tensor<3x4xf32>) w_pos(dense<…> : tensor<2x4xf32>) : tensor<?x?x4xf32>
      %logits = transformer.unembed %x w_u(dense<…> : tensor<4x3xf32>) b_u(dense<…> : tensor<3xf32>) : …
      transformer.return %logits : tensor<?x?x3xf32>
    }
    ```

    Each subspace keeps its own directions; an embedding that linear maps alone read has none. Layers must be assigned;
    heads and perceptrons that aren't fused become layers of their own. The pass refuses a linear map that isn't folded,
    and a model too large for memory.
    """

    name = "assemble-transformer"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, craft.ModelOp)]:
            certificate = valid_certificate(model)
            for child in model.body.block.ops:
                if isinstance(child, craft.HeadOp | craft.MlpOp):
                    layer_of(child)
            sort_by_stage(model.body.block)
            assembled = Assembler(model).assemble()
            rebind(assembled, certificate, self.name)
            Rewriter.replace_op(model, assembled)
