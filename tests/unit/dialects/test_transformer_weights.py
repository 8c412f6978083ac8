import time
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from numpy.typing import NDArray
from xdsl.dialects.builtin import BytesAttr, DenseIntOrFPElementsAttr, ModuleOp, TensorType, f64
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, FLOAT16, DType
from raspc.dialects import dense
from raspc.dialects.dense import Dense, dtype_of, element_type, print_weights, to_array, to_dense
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


@given(st_numpy.arrays(np.float32, st_numpy.array_shapes(max_dims=3, max_side=5), elements=FLOATS))
def test_arrays_become_attributes_and_arrays_again(array: NDArray[np.float32]):
    assert to_array(to_dense(array)).tobytes() == array.tobytes()


@given(ARRAYS)
def test_weights_are_read_back_to_the_bit(w_e: NDArray[np.float32]):
    model = there_and_back(embedding_model(w_e, Domain.of([1]), [f"x:{d}" for d in range(w_e.shape[1])]))
    assert embedding_of(model).tobytes() == w_e.tobytes()


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


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_every_number_of_16_bits_is_read_back_from_decimal_digits(dtype: DType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dense, "MAX_LISTED", 2**16)
    numbers = np.arange(0, 2**16, 3, dtype=np.uint16).view(dtype.numpy)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        numbers = numbers[np.isfinite(numbers)]
    stream = StringIO()
    print_weights(Printer(stream), to_dense(numbers, dtype))
    attr = Parser(context(), stream.getvalue()).parse_attribute()
    assert isa(attr, Dense)
    assert to_array(attr).dtype == dtype.numpy
    assert to_array(attr).tobytes() == numbers.tobytes()


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_arrays_are_rounded_once_to_the_nearest(dtype: DType):
    array = np.array([[1 + 2.0**-dtype.precision + 2.0**-40, 1 + 2.0**-dtype.precision, -0.0]])
    attr = to_dense(array, dtype)
    assert attr.get_element_type() == element_type(dtype)
    assert to_array(attr).astype(float).tolist() == [[1 + 2.0 ** (1 - dtype.precision), 1, 0]]


def test_other_types_have_no_dtype():
    with pytest.raises(VerifyException, match="expected one of the types f32, f16, bf16, found f64"):
        dtype_of(f64)


def test_attributes_of_too_few_bytes():
    attr = DenseIntOrFPElementsAttr(TensorType(element_type(FLOAT16), [3]), BytesAttr(b"12345"))
    with pytest.raises(VerifyException, match=r"a dense attribute of shape \[3\] holds 5 bytes"):
        to_array(attr)
