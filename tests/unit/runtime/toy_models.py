"""Small transformer models built by hand."""

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.domain import Domain
from raspc.dialects.dense import to_dense
from raspc.dialects.rasp.attributes import DomainAttr, Encoding
from raspc.dialects.transformer import (
    AddOp,
    AttentionMaskOp,
    AttentionOp,
    EmbedOp,
    MlpOp,
    ModelOp,
    ReturnOp,
    UnembedOp,
)


class ToyModel:
    """Builds a module op by op, with the residual stream as its state."""

    def __init__(
        self,
        name: str,
        vocab: Domain,
        max_seq_len: int,
        outputs: Domain,
        labels: list[str],
        *,
        numerical: bool = False,
        causal: bool = False,
    ):
        encoding = Encoding.NUMERICAL if numerical else Encoding.CATEGORICAL
        self.model = ModelOp(name, DomainAttr(vocab), max_seq_len, encoding, DomainAttr(outputs), labels)
        self.block = self.model.body.block
        self.causal = causal
        self.mask: AttentionMaskOp | None = None

    def embed(self, w_e: NDArray, w_pos: NDArray) -> None:
        embed = EmbedOp(self.block.args[0], to_dense(w_e), to_dense(w_pos))
        self.block.add_op(embed)
        self.x = embed.result

    def attention(self, w_q: NDArray, w_k: NDArray, w_v: NDArray, w_o: NDArray) -> None:
        if self.mask is None:
            self.mask = AttentionMaskOp(self.block.args[1], causal=self.causal)
            self.block.add_op(self.mask)
        weights = [to_dense(w) for w in (w_q, w_k, w_v, w_o)]
        self._add(AttentionOp(self.x, self.mask.result, *weights))

    def mlp(self, w_in: NDArray, b_in: NDArray, w_out: NDArray, b_out: NDArray) -> None:
        self._add(MlpOp(self.x, *(to_dense(w) for w in (w_in, b_in, w_out, b_out))))

    def unembed(self, w_u: NDArray, b_u: NDArray) -> ModuleOp:
        unembed = UnembedOp(self.x, to_dense(w_u), to_dense(b_u))
        self.block.add_ops([unembed, ReturnOp(unembed.result)])
        module = ModuleOp([self.model])
        module.verify()
        return module

    def _add(self, op: AttentionOp | MlpOp) -> None:
        add = AddOp(self.x, op.result)
        self.block.add_ops([op, add])
        self.x = add.result


def identity(vocab: Domain | None = None, max_seq_len: int = 4) -> ModuleOp:
    """A model without layers that answers each token with itself."""
    vocab = vocab or Domain.of(["a", "b", "c"])
    n = len(vocab)
    toy = ToyModel("identity", vocab, max_seq_len, vocab, [f"tokens:{value!r}" for value in vocab.values])
    toy.embed(np.eye(n + 1, n), np.zeros((max_seq_len + 1, n)))
    return toy.unembed(np.eye(n, n + 1), np.append(np.zeros(n), 0.5))


def previous(*, max_seq_len: int = 5) -> ModuleOp:
    """A causal model with one head: the token before, or undefined at the first position, where the head rests on BOS.

    The residual stream is: tokens (3), previous (3), positions (max_seq_len), bos (1).
    """
    vocab = Domain.of([1, 2, 3])
    labels = [*(f"tokens:{v}" for v in vocab.values), *(f"previous:{v}" for v in vocab.values)]
    labels += [*(f"indices:{i}" for i in range(max_seq_len)), "bos"]
    d_model = len(labels)
    w_e, w_pos = np.zeros((4, d_model)), np.zeros((max_seq_len + 1, d_model))
    w_e[:3, :3] = np.eye(3)
    w_e[3, -1] = 1
    w_pos[1:, 6:-1] = np.eye(max_seq_len)
    d_head = max_seq_len + 1
    w_q, w_k = np.zeros((1, d_model, d_head)), np.zeros((1, d_model, d_head))
    for i in range(max_seq_len):
        w_q[0, 6 + i, -1] = 50  # every query gives BOS half a score
        w_k[0, 6 + i, i] = 1
        if i > 0:
            w_q[0, 6 + i, i - 1] = 100
    w_k[0, -1, -1] = 1
    w_v, w_o = np.zeros((1, d_model, 3)), np.zeros((1, 3, d_model))
    w_v[0, :3] = w_o[0, :, 3:6] = np.eye(3)
    toy = ToyModel("previous", vocab, max_seq_len, Domain.of([1, 2, 3, None]), labels, causal=True)
    toy.embed(w_e, w_pos)
    toy.attention(w_q, w_k, w_v, w_o)
    w_u = np.zeros((d_model, 4))
    w_u[3:6, :3] = np.eye(3)
    return toy.unembed(w_u, np.array([0, 0, 0, 0.5]))


def third(max_seq_len: int = 4) -> ModuleOp:
    """A model with an MLP and a numerical output: a third of each token, undefined for 0."""
    vocab = Domain.of([0, 1, 2])
    toy = ToyModel(
        "third", vocab, max_seq_len, Domain.of([1 / 3, 2 / 3, None]), ["token", "third", "defined"], numerical=True
    )
    toy.embed(np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 0, 0]]), np.zeros((max_seq_len + 1, 3)))
    w_in = np.array([[1.0, 1, 1], [0, 0, 0], [0, 0, 0]])
    w_out = np.array([[0, 1 / 3, 0], [0, 0, 1], [0, 0, -1]])
    toy.mlp(w_in, np.array([0.0, 0, -1]), w_out, np.zeros(3))
    return toy.unembed(np.array([[0, 0], [1, 0], [0, 1]]), np.zeros(2))


def random_model(seed: int, *, causal: bool = False, numerical: bool = False) -> ModuleOp:
    """Random weights: layers with different heads and widths, one without an attention and one without an MLP."""
    rng = np.random.default_rng(seed)
    n_vocab, max_seq_len, d_model = 5, 7, 12
    outputs = Domain.of([-2.5, 0, 1, 4.25] if numerical else ["x", "y", "z", (1, "a")], mixed=False)
    toy = ToyModel(
        f"random_{seed}",
        Domain.of(range(n_vocab)),
        max_seq_len,
        outputs,
        [f"direction:{i}" for i in range(d_model)],
        numerical=numerical,
        causal=causal,
    )

    def normal(*shape: int) -> NDArray:
        return rng.normal(size=shape) / np.sqrt(shape[-2] if len(shape) > 1 else 1)

    toy.embed(rng.normal(size=(n_vocab + 1, d_model)), rng.normal(size=(max_seq_len + 1, d_model)))
    toy.attention(normal(3, d_model, 4), normal(3, d_model, 4), normal(3, d_model, 2), normal(3, 2, d_model))
    toy.mlp(normal(d_model, 9), normal(9), normal(9, d_model), normal(d_model))
    toy.mlp(normal(d_model, 4), normal(4), normal(4, d_model), normal(d_model))
    toy.attention(normal(1, d_model, 2), normal(1, d_model, 2), normal(1, d_model, 5), normal(1, 5, d_model))
    n_outputs = 2 if numerical else 5
    return toy.unembed(normal(d_model, n_outputs), normal(n_outputs))
