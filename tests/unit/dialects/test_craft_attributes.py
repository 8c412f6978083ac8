import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError, VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.algebra.values import MaybeValue
from raspc.dialects.craft import HeadOp, MatrixAttr, MlpOp, OneOp, ProductAttr, SubspaceType
from raspc.dialects.craft.attributes import decode_vectors, encode_values
from raspc.dialects.rasp.attributes import Encoding
from tests.unit.dialects.texts import (
    TEXTS,
    context,
    domains,
    matrices,
    parse_attribute,
    print_attribute,
    there_and_back,
)

NUMERIC = st.lists(st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=6)


class TestMatrices:
    @given(matrices())
    def test_round_trip(self, matrix: SparseMatrix):
        again = there_and_back(MatrixAttr(matrix)).data
        assert again == matrix
        assert np.array_equal(again.to_dense(), matrix.to_dense())

    @pytest.mark.parametrize(
        ("matrix", "text"),
        [
            (SparseMatrix.identity(1), "1 by 1 [[1]]"),
            (SparseMatrix.identity(2), "2 by 2 identity"),
            (SparseMatrix.identity(1000), "1000 by 1000 identity"),
            (SparseMatrix.from_dense([[1, -0.5, 0]]), "1 by 3 [[1, -0.5, 0]]"),
            (SparseMatrix.from_dense(np.zeros((2, 0))), "2 by 0 [[], []]"),
            (SparseMatrix.from_dense(np.zeros((0, 2))), "0 by 2 []"),
            (SparseMatrix.from_dense(np.zeros((13, 5))), '13 by 5 at "0x" "0x" "0x"'),
        ],
    )
    def test_text(self, matrix: SparseMatrix, text: str):
        assert print_attribute(MatrixAttr(matrix)) == f"#craft.matrix<{text}>"
        assert there_and_back(MatrixAttr(matrix)).data == matrix

    @pytest.mark.parametrize(
        "text",
        [
            *("", "2 by 2", "2 by 3 identity", "2 by 2 [[1, 2]]", "2 by 2 [[1, 2], [3]]", "1 by 1 [[1.0e400]]"),
            *("9999999 by 1 [[]]", "-1 by 1 []", "1 by 1 [[x]]", '1 by 1 at "0x00000000" "0x00000000"'),
            *('1 by 1 at "0x01000000" "0x00000000" "0x000000000000F03F"', '1 by 1 at "0x" "0x" "0x000000000000F03F"'),
            '1 by 1 at "0x00000000" "0x00000000" "0x000000000000F07F"',
        ],
    )
    def test_bad_matrices(self, text: str):
        with pytest.raises(ParseError):
            parse_attribute(f"#craft.matrix<{text}>")

    def test_a_large_one_prints_and_parses_quickly(self):
        rng = np.random.default_rng(0)
        matrix = SparseMatrix.from_dense(rng.normal(size=(1000, 1000)))
        start = time.perf_counter()
        assert there_and_back(MatrixAttr(matrix)).data == matrix
        print(f"a million elements: {time.perf_counter() - start:.2f} s")


class TestProducts:
    @given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 2**32))
    def test_print_and_parse(self, rows: int, rank: int, columns: int, seed: int):
        rng = np.random.default_rng(seed)
        left, right = rng.integers(-3, 4, size=(rows, rank)) / 2, rng.integers(-3, 4, size=(rank, columns)) / 2
        product = MatrixProduct(SparseMatrix.from_dense(left), SparseMatrix.from_dense(right))
        assert there_and_back(ProductAttr(product)).data == product
        assert product.shape == (rows, columns)
        assert (product.to_dense() == left @ right).all()

    def test_a_large_one_is_packed(self):
        product = MatrixProduct(SparseMatrix.identity(1000), SparseMatrix.from_dense(np.ones((1000, 2))))
        text = print_attribute(ProductAttr(product))
        assert text.startswith("#craft.product<1000 by 1000 identity, 1000 by 2 at ")
        assert there_and_back(ProductAttr(product)).data == product

    def test_matrices_that_do_not_fit_together(self):
        with pytest.raises(ValueError, match="a 2 by 2 matrix can't be multiplied by a 3 by 3 matrix"):
            MatrixProduct(SparseMatrix.identity(2), SparseMatrix.identity(3))
        with pytest.raises(ParseError, match="can't be multiplied"):
            parse_attribute("#craft.product<2 by 2 identity, 3 by 3 identity>")


class TestSubspaces:
    @given(TEXTS, domains())
    def test_categorical(self, label: str, domain: Domain):
        subspace = SubspaceType(label, Encoding.CATEGORICAL, domain)
        again = there_and_back(subspace)
        assert again == subspace
        assert again.values == domain
        assert again.size == len(domain)

    @given(TEXTS, domains(NUMERIC))
    def test_numerical(self, label: str, domain: Domain):
        subspace = SubspaceType(label, Encoding.NUMERICAL, domain)
        assert there_and_back(subspace) == subspace
        assert subspace.size == len(subspace.directions) == 1 + domain.undefined

    def test_an_encoding_is_needed(self):
        with pytest.raises(VerifyException, match="categorical or numerical"):
            SubspaceType("a", Encoding.UNKNOWN, Domain.of([1]))

    @given(domains())
    def test_values_become_vectors_and_values_again(self, domain: Domain):
        values: list[MaybeValue] = [*domain.values, *([None] if domain.undefined else [])]
        subspace = SubspaceType("a", Encoding.CATEGORICAL, domain)
        assert decode_vectors(subspace, encode_values(subspace, values)) == values


NUMBERS = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=4)


class TestNumbersOfOps:
    """The vectors and scalars that ops have as attributes: `bos`, `bias`, `score`, `temperature`."""

    @staticmethod
    def one() -> OneOp:
        op = OneOp(SubspaceType("one", Encoding.NUMERICAL, Domain.of([1])))
        op.result.name_hint = "one"
        return op

    @given(NUMBERS)
    def test_bias(self, bias: list[float]):
        one = self.one()
        result = SubspaceType("m", Encoding.NUMERICAL, Domain.of([1]))
        ones = SparseMatrix.from_dense(np.ones((1, len(bias))))
        mlp = MlpOp([one.result], [ones], bias, [SparseMatrix.from_dense(np.ones((len(bias), 1)))], [result])
        again = Parser(context(), str(ModuleOp([one, mlp]))).parse_module().body.block.last_op
        assert isinstance(again, MlpOp)
        assert again.bias_vector.tolist() == bias

    @given(NUMBERS, st.floats(allow_nan=False, allow_infinity=False), st.floats(1e-300, 1e300))
    def test_head(self, bos: list[float], score: float, temperature: float):
        one = self.one()
        result = SubspaceType("h", Encoding.CATEGORICAL, Domain.of(range(len(bos))))
        head = HeadOp([one.result], [one.result], [SparseMatrix.identity(1)], [], [], bos, score, result, temperature)
        again = Parser(context(), str(ModuleOp([one, head]))).parse_module().body.block.last_op
        assert isinstance(again, HeadOp)
        assert again.bos_vector.tolist() == bos
        assert again.bos_score.value.data == score
        assert again.temperature.value.data == temperature
