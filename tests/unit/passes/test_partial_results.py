"""Results that are no values at combinations that never occur are marked, after a proof that these never do."""

from __future__ import annotations

import pytest
from xdsl.context import Context

from raspc import rasp
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import MatrixAttr, MlpOp, SumOp
from raspc.errors import CompileError
from raspc.lowering import materialize_mlp
from raspc.lowering.materialize_mlp import MaterializeMlpPass
from raspc.lowering.metadata import ModelInfo
from raspc.passes import partial_results
from raspc.passes.fold_linear import FoldLinearPass
from tests.programs.levels import Stage, Task, compile_stages, parse


def _fraction(token: str) -> rasp.SOp:
    everywhere = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE)
    return rasp.numerical(rasp.Aggregate(everywhere, rasp.numerical(rasp.tokens == token)))


def _balance() -> rasp.SOp:
    """Fractions of at most 1 together: of both 1 the difference is 0, and of 1/2 and 1/3 it is no value."""
    return rasp.numerical(rasp.LinearSequenceMap(_fraction("a"), _fraction("b"), 1, -1))


def _sign() -> rasp.SOp:
    return rasp.Map(lambda x: "more" if x > 0 else "fewer" if x < 0 else "as many", _balance())


def stages(program: rasp.SOp, pipeline: str) -> list[Stage]:
    return compile_stages(Task(program, ("a", "b", "c"), 4), pipeline)


@pytest.mark.parametrize(("make", "pipeline"), [(_balance, "O0"), (_balance, "O2"), (_sign, "O0")])
def test_a_difference_of_fractions_is_partial(make, pipeline: str):
    info = stages(make(), pipeline)[-1].model.info
    assert info.certificate is not None
    assert info.certificate.partial == 1
    assert ModelInfo.from_json(info.to_json()).certificate == info.certificate
    assert '"partial": 1' in info.to_json().replace('":', '": ').replace("  ", " ")


@pytest.mark.parametrize("pipeline", ["O0", "O2", "O3"])
def test_nothing_is_said_where_all_combinations_give_values(pipeline: str):
    both = rasp.SequenceMap(lambda x, y: x == "a" and y > 1, rasp.tokens, rasp.indices)
    *_, final = stages(both, pipeline)
    assert final.model.info.certificate is not None
    assert final.model.info.certificate.partial == 0
    assert "partial" not in final.model.info.to_json()
    assert all("partial" not in (stage.text or "") for stage in stages(both, pipeline))


def test_a_value_that_is_wrong_where_it_may_occur_is_refused(monkeypatch: pytest.MonkeyPatch):
    made = materialize_mlp.affine_mlp

    def wrong(*arguments) -> MlpOp:
        mlp = made(*arguments)
        mlp.w_out = type(mlp.w_out)([MatrixAttr(SparseMatrix.from_dense(0.4 * mlp.w_out.data[0].data.to_dense()))])
        return mlp

    monkeypatch.setattr(materialize_mlp, "affine_mlp", wrong)
    with pytest.raises(CompileError, match=r"where '\w+' is \S+ and '\w+' is \S+ it writes \S+ ideally, which is no"):
        stages(_balance(), "O0")


def test_a_sum_that_is_wrong_where_it_may_occur_is_refused(monkeypatch: pytest.MonkeyPatch):
    made = materialize_mlp._linear_matrices

    def wrong(*arguments) -> list[SparseMatrix]:
        return [SparseMatrix.from_dense(0.4 * matrix.to_dense()) for matrix in made(*arguments)]

    monkeypatch.setattr(materialize_mlp, "_linear_matrices", wrong)
    with pytest.raises(CompileError, match=r"it writes \S+ ideally, which is no value of its domain"):
        stages(_sign() == "more", "O2")


SUM = """
rasp.program @p vocab [0, 1] max_seq_len 2 {{
  %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : 0 to 1
  %x = rasp.cast %tokens : numerical [0, 1]
  %y = rasp.cast %{other} : numerical [0, 1]
  %z = rasp.map(%x, %y) affine [1, 1] : numerical {domain}
  %r = rasp.map(%z) "z -> z == 0" : [false, true]
  rasp.return %r
}}
"""


@pytest.mark.parametrize(
    ("other", "domain", "partial"), [("indices", "[0, 1, 2]", False), ("tokens", "[0, 2]", True)], ids=["all", "some"]
)
def test_sums_are_marked_where_terms_of_one_source_never_meet(other: str, domain: str, partial: bool):
    module = parse(SUM.format(other=other, domain=domain))
    MaterializeMlpPass(linear=True).apply(Context(), module)
    (total,) = [op for op in module.walk() if isinstance(op, SumOp)]
    assert (total.partial is not None) == partial
    FoldLinearPass().apply(Context(), module)
    (mlp,) = [op for op in module.walk() if isinstance(op, MlpOp)]
    assert mlp.partial_results == ()  # the terms are read from one source, or all combinations give values


def test_of_too_many_combinations_a_result_is_partial(monkeypatch: pytest.MonkeyPatch):
    text = """
    craft.model @m vocab [0, 1] max_seq_len 2 {
      %t = craft.embed_tokens : "t" [0, 1]
      %i = craft.embed_positions : "i" [0, 1]
      %m = craft.mlp(%t, %i) w_in(2 by 1 [[0], [1]], 2 by 1 [[0], [1]]) bias [0] w_out(1 by 1 [[1]])
        : "m" numerical [0, 1, 2]
      craft.unembed %m
    }
    """
    (mlp,) = [op for op in parse(text).walk() if isinstance(op, MlpOp)]
    partial_results.settle_partial(mlp)
    assert mlp.partial_results == ()
    monkeypatch.setattr(partial_results, "COMBINATION_LIMIT", 3)
    partial_results.settle_partial(mlp)
    assert mlp.partial_results == (0,)
