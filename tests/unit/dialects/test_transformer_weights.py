import time
from io import StringIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.printer import Printer

from raspc.algebra.domain import Domain
from raspc.dialects.dense import to_array, to_dense
from raspc.dialects.rasp import DomainAttr
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.transformer import EmbedOp, ModelOp, ReturnOp, UnembedOp
from raspc.lowering.weights import weights_of
from tests.unit.dialects.texts import context, domains

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
AWKWARD = st.sampled_from([12345678.0, -28823698.0, 16777217.0, 1e-45, 3.4028234663852886e38, -0.0, 0.1, 1 / 3])
ARRAYS = st_numpy.arrays(np.float32, st.tuples(st.integers(2, 5), st.integers(1, 20)), elements=FLOATS | AWKWARD)


def embedding_model(w_e: NDArray[np.float32], output: Domain, labels: list[str]) -> ModuleOp:
    """A model that embeds tokens with `w_e` [n_vocab + 1, d_model] and unembeds them."""
    n_vocab, d_model = w_e.shape[0] - 1, w_e.shape[1]
    model = ModelOp("model", DomainAttr(Domain.of(range(n_vocab))), 1, Encoding.CATEGORICAL, DomainAttr(output), labels)
    block = model.body.block
    embed = EmbedOp(block.args[0], to_dense(w_e), to_dense(np.ones((2, d_model))))
    unembed = UnembedOp(embed.result, to_dense(np.ones((d_model, len(output) + 1))), to_dense(np.ones(len(output) + 1)))
    block.add_ops([embed, unembed, ReturnOp(unembed.result)])
    return ModuleOp([model])


def there_and_back(module: ModuleOp) -> ModelOp:
    """What a module's text reads back as; the text of that is the same."""
    stream = StringIO()
    Printer(stream).print_op(module)
    again = Parser(context(), stream.getvalue()).parse_module()
    again.verify()
    assert str(again) == stream.getvalue()
    model = again.body.block.first_op
    assert isinstance(model, ModelOp)
    return model


def embedding_of(model: ModelOp) -> NDArray[np.float32]:
    embed = model.body.block.first_op
    assert isinstance(embed, EmbedOp)
    return weights_of(embed)["w_e"]


@settings(deadline=None)
@given(st_numpy.arrays(np.float32, st_numpy.array_shapes(max_dims=3, max_side=5), elements=FLOATS))
def test_arrays_become_attributes_and_arrays_again(array: NDArray[np.float32]):
    assert to_array(to_dense(array)).tobytes() == array.tobytes()


@settings(deadline=None)
@given(ARRAYS)
def test_weights_are_read_back_to_the_bit(w_e: NDArray[np.float32]):
    model = there_and_back(embedding_model(w_e, Domain.of([1]), [f"x:{d}" for d in range(w_e.shape[1])]))
    assert embedding_of(model).tobytes() == w_e.tobytes()


@settings(deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=1, max_size=4), domains())
def test_names_and_outputs(labels: list[str], output: Domain):
    model = there_and_back(embedding_model(np.ones((3, len(labels)), dtype=np.float32), output, labels))
    assert model.residual_labels == labels
    assert model.output_domain.data == output


@pytest.mark.parametrize("rows", [65, 4001])
def test_many_weights_print_and_parse_quickly(rows: int):
    rng = np.random.default_rng(0)
    w_e = rng.normal(size=(rows, 1000)).astype(np.float32)
    module = embedding_model(w_e, Domain.of([1]), [str(d) for d in range(1000)])
    start = time.perf_counter()
    text = str(module)
    printed = time.perf_counter()
    model = Parser(context(), text).parse_module().body.block.first_op
    parsed = time.perf_counter()
    assert isinstance(model, ModelOp)
    assert embedding_of(model).tobytes() == w_e.tobytes()
    print(f"print {w_e.size:,} floats: {printed - start:.2f} s")
    print(f"parse {w_e.size:,} floats: {parsed - printed:.2f} s")
