"""Scores as products: what becomes one, what stays a table, and that it costs no program its certificate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, Region

import raspc
from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import DTYPES
from raspc.algebra.score_factors import ScoreFactors
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft import (
    EmbedPositionsOp,
    EmbedTokensOp,
    HeadOp,
    ModelOp,
    OneOp,
    SubspaceType,
    UnembedOp,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
from raspc.passes.certify import certificate_of
from raspc.passes.shrink_attention import ShrinkAttentionPass
from raspc.runtime.model import CompiledModel
from raspc.testing import random_program
from tests.extent import some
from tests.programs.compiled import stages_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import Stage, Task, compile_stages, parse

Bools = NDArray[np.bool_]


def heads_of(module: ModuleOp) -> list[HeadOp]:
    return [op for op in module.walk() if isinstance(op, HeadOp)]


def shrunk(stages: Iterable[Stage]) -> tuple[ModuleOp, ModuleOp]:
    """The craft modules before and after the pass."""
    modules = {stage.name: stage.module for stage in stages}
    return modules["fuse-mlps"], modules["shrink-attention"]


def check_products(before: ModuleOp, after: ModuleOp) -> int:
    """Check that each product selects what the table did and takes fewer dimensions; how many products there are."""
    n_products = 0
    for old, new in zip(heads_of(before), heads_of(after), strict=True):
        for table, form in zip(old.qk, new.qk, strict=True):
            assert isinstance(table.data, SparseMatrix)
            if isinstance(form.data, MatrixProduct):
                n_products += 1
                factors = ScoreFactors(form.data.left.to_dense(), form.data.right.to_dense())
                dense = table.data.to_dense()
                assert factors.tell(dense == 1)
                assert factors.rank < min(len(np.unique(dense[dense.any(axis=1)], axis=0)), dense.any(axis=0).sum())
                assert new.temperature.value.data == 128
            else:
                assert form == table
    return n_products


@pytest.mark.parametrize("program", some(CORPUS[::2]), ids=lambda program: program.name)
def test_products_select_what_the_tables_did(program: Program):
    try:
        before, after = shrunk(stages_of(program, 7))
    except CompileError:
        pytest.skip("refused at this length")
    check_products(before, after)


def test_products_of_random_programs_select_what_the_tables_did():
    n_products = 0
    for seed in range(40):
        random = random_program(seed, size=6, max_seq_len=(4, 8), causal=None)
        try:
            before, after = shrunk(
                compile_stages(Task(random.program, random.vocab, random.max_seq_len, random.causal), "O0")
            )
        except CompileError:
            continue
        n_products += check_products(before, after)
    assert n_products > 5


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("program", some(CORPUS[1::2]), ids=lambda program: program.name)
def test_no_program_loses_its_certificate(program: Program, dtype: str):
    try:
        module = shrunk(stages_of(program, 7))[0].clone()
    except CompileError:
        pytest.skip("refused in float32")
    (model,) = (op for op in module.ops if isinstance(op, ModelOp))
    try:
        before = certificate_of(model, dtype)
    except CompileError:
        pytest.skip("refused")
    ShrinkAttentionPass(dtype).apply(Context(), module)
    assert certificate_of(model, dtype).margin >= min(before.margin, 0.5)


def compare(predicate: Any, n: int, **options: Any) -> CompiledModel:
    """The mean of zeros and ones over what a predicate of positions selects."""
    program = rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, predicate), rasp.tokens)
    return raspc.compile(program, [0, 1], n, **options)


@pytest.mark.parametrize(
    ("width", "n", "d_head"),
    [(1, 10, 3), (1, 100, 3), (2, 100, 3), (3, 20, 5), (4, 100, 5), (3, 200, 6), (10, 100, 20)],
)
def test_windows_take_few_dimensions_of_a_head(width: int, n: int, d_head: int):
    assert compare(lambda k, q: q - width < k <= q, n).config.d_head == d_head + 1  # and one for BOS


def test_long_windows_are_exact():
    """Selected keys score the same to the bit: a mean over them is the mean, however long the input."""
    model = compare(lambda k, q: q - 3 < k <= q, 300)
    tokens = np.random.default_rng(0).integers(0, 2, size=300).tolist()
    expected = [sum(tokens[max(0, q - 2) : q + 1]) / min(q + 1, 3) for q in range(300)]
    assert model(tokens) == pytest.approx(expected, abs=0)
    assert model.certificate is not None
    assert model.certificate.margin > 0.99


@pytest.mark.parametrize(("dtype", "d_head"), [("float32", 3), ("float16", 4), ("bfloat16", 4)])
def test_coarse_dtypes_need_smaller_numbers(dtype: str, d_head: int):
    assert compare(lambda k, q: k == q, 60, dtype=dtype).config.d_head == d_head + 1


EYE = np.eye(6) == 1
HALF = np.tri(6) == 1


def model_of(
    tables: list[Bools | MatrixProduct], bos_score: float, temperature: float = 100.0, clauses: list[int] | None = None
) -> ModuleOp:
    """A model with one head of terms over tokens and positions, both from 0 to 5."""
    tokens = EmbedTokensOp(SubspaceType("tokens", Encoding.CATEGORICAL, Domain.of(range(6))))
    indices = EmbedPositionsOp(SubspaceType("indices", Encoding.CATEGORICAL, Domain.of(range(6))))
    one = OneOp(SubspaceType("one", Encoding.NUMERICAL, Domain.of([1])))
    sources = [tokens.result, indices.result][: len(tables)]
    head = HeadOp(
        sources,
        sources,
        [table if isinstance(table, MatrixProduct) else SparseMatrix.from_dense(table) for table in tables],
        [one.result],
        [SparseMatrix.identity(1)],
        [0.0],
        bos_score,
        SubspaceType("head", Encoding.NUMERICAL, Domain.of([0, 1])),
        temperature,
        layer=0,
        clauses=clauses,
    )
    ops: list[Operation] = [tokens, indices, one, head, UnembedOp(head.result)]
    return ModuleOp([ModelOp("model", list(range(6)), 6, causal=False, body=Region(Block(ops)))])


def kinds_after(module: ModuleOp, dtype: str = "float32") -> list[str]:
    """What the terms of the one head are after the pass."""
    ShrinkAttentionPass(dtype).apply(Context(), module)
    module.verify()
    (head,) = heads_of(module)
    return ["product" if isinstance(form.data, MatrixProduct) else "table" for form in head.qk]


class TestWhatStays:
    def test_conjunctions_become_products_term_by_term(self):
        assert kinds_after(model_of([EYE, EYE], 1.5)) == ["product", "product"]
        assert kinds_after(model_of([EYE, EYE], 2.0)) == ["product", "product"]
        assert kinds_after(model_of([HALF, EYE], 1.5)) == ["table", "product"]
        assert kinds_after(model_of([HALF], 0.5)) == ["table"]

    @pytest.mark.parametrize("bos_score", [0.5, 1.0, 1.25, 2.5])
    def test_a_head_with_another_score_of_bos_stays(self, bos_score: float):
        """Where one of two terms is enough, the other one must not be negative."""
        assert kinds_after(model_of([EYE, EYE], bos_score)) == ["table", "table"]

    def test_terms_of_a_clause_with_several_stay(self):
        assert kinds_after(model_of([EYE, EYE], 0.5, clauses=[2])) == ["table", "table"]
        assert kinds_after(model_of([EYE, EYE], 1.0, clauses=[2])) == ["table", "table"]

    def test_a_head_with_a_term_of_more_than_one_stays(self):
        assert kinds_after(model_of([EYE * 2, EYE], 1.5)) == ["table", "table"]

    @pytest.mark.parametrize(("most", "kind"), [(0.5, "product"), (1.0, "product"), (1.25, "table"), (2.0, "table")])
    def test_a_table_beside_a_product_of_more_than_one_stays(self, most: float, kind: str):
        """Beside one that is at most 1, no key is selected where the table is 0: it may as well be less."""
        product = MatrixProduct(SparseMatrix.from_dense(most * np.eye(6)), SparseMatrix.identity(6))
        assert kinds_after(model_of([product, EYE], 1.5)) == ["product", kind]

    def test_a_head_that_is_shrunk_already_stays(self):
        module = model_of([EYE, HALF], 1.5)
        assert kinds_after(module) == ["product", "table"]
        text = str(module)
        assert kinds_after(module) == ["product", "table"]
        assert str(module) == text

    def test_a_temperature_that_is_a_power_of_two_stays(self):
        for temperature, expected in ((64.0, 64.0), (100.0, 128.0), (80.0, 128.0)):
            module = model_of([EYE], 0.5, temperature)
            assert kinds_after(module) == ["product"]
            assert heads_of(module)[0].temperature.value.data == expected

    def test_a_sharper_head_stays(self):
        """With a temperature of 128 more would leak in."""
        module = model_of([EYE], 0.5, 1000.0)
        assert kinds_after(module) == ["table"]
        assert heads_of(module)[0].temperature.value.data == 1000

    def test_numbers_that_the_dtype_cannot_hold_stay_a_table(self):
        assert kinds_after(model_of([EYE], 0.5, 2.0**14)) == ["product"]
        assert kinds_after(model_of([EYE], 0.5, 2.0**14), "float16") == ["table"]


def test_keys_that_are_off_stay_in_a_table_if_several_are_selected():
    """A width that is read from a mean isn't exact, and its errors would be seen in the weights of equal keys."""
    averages = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.LEQ), rasp.tokens)
    same = rasp.Select(averages, averages, rasp.Comparison.EQ)
    before, after = shrunk(compile_stages(Task(rasp.SelectorWidth(same), (0, 1, 3), 4), "O0"))
    assert check_products(before, after) == 0
    *_, head = heads_of(after)
    assert head.temperature.value.data == 100


UNKNOWN = """craft.model @unknown vocab [0, 1, 2, 3] max_seq_len 4 {
  %tokens = craft.embed_tokens : "tokens" 0 to 3
  %head = craft.head layer 0 query(%tokens) key(%tokens) qk(4 by 4 identity) value(%tokens) ov(4 by 4 identity)
    bos [0, 0, 0, 0] score 0.5 temperature 100.0 : "head" 0 to 3
  %map = craft.sum(%head) : "map" 0 to 3
  %again = craft.head layer 1 query(%map) key(%tokens) qk(4 by 4 identity) value(%tokens) ov(4 by 4 identity)
    bos [0, 0, 0, 0] score 0.5 temperature 100.0 : "again" 0 to 3
  craft.unembed %again
}"""


def test_a_model_that_cannot_be_analysed_is_left_to_certify():
    module = parse(UNKNOWN)
    text = str(module)
    ShrinkAttentionPass().apply(Context(), module)
    assert str(module) == text
    module = parse(UNKNOWN.replace("query(%map)", "query(%head)"))
    ShrinkAttentionPass().apply(Context(), module)
    assert [isinstance(head.qk.data[0].data, MatrixProduct) for head in heads_of(module)] == [True, False]
    module = parse(UNKNOWN.replace("query(%map)", "query(%head)").replace("100.0 :", "100.0 at_most_one :"))
    ShrinkAttentionPass().apply(Context(), module)
    assert [isinstance(head.qk.data[0].data, MatrixProduct) for head in heads_of(module)] == [True, True]


def test_a_table_stays_if_more_would_leak_into_a_product():
    """A product multiplies the errors of inexact keys by larger numbers: less of the lead is left."""
    text = UNKNOWN.replace("query(%map) key(%tokens)", "query(%tokens) key(%head)")
    module = parse(text.replace("100.0 :", "32.0 at_most_one :"))
    ShrinkAttentionPass().apply(Context(), module)
    assert [isinstance(head.qk.data[0].data, MatrixProduct) for head in heads_of(module)] == [True, False]


def test_another_dtype_is_refused():
    with pytest.raises(CompileError, match="there is no dtype 'float8'"):
        ShrinkAttentionPass("float8").apply(Context(), model_of([EYE], 0.5))
