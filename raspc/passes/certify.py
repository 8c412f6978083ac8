"""The pass certify: prove that a model is exact in a dtype, or refuse it."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from raspc.algebra.dtypes import FLOAT32
from raspc.dialects import transformer
from raspc.dialects.craft import ModelOp
from raspc.dialects.craft.certificate import Certificate, rounded_down
from raspc.dialects.craft.digest import bind
from raspc.dialects.rasp import ProgramOp
from raspc.errors import CompileError
from raspc.passes.certification.analysis import ErrorAnalysis, Margin
from raspc.passes.certification.arithmetic import arithmetics_of
from raspc.passes.certification.ideal import check_ideal

_HELP: dict[type[Operation], str] = {
    ProgramOp: "run the passes that make a craft.model of it first, up to materialize-attention and fuse-mlps",
    transformer.ModelOp: "run certify before assemble-transformer, or compile the program again",
}
"""What to do about ops of other levels."""


@dataclass(frozen=True)
class CertifyPass(ModulePass):
    """Prove that each craft model decodes to the right values in `dtype`, in whatever order its sums are added.

    ```mlir
    craft.model @hist vocab ["a", "b"] max_seq_len 5 {
    ```
    becomes
    ```mlir
    craft.model @hist vocab ["a", "b"] max_seq_len 5
        certified float32 margin 0.9999 at "hist" scope "rounding" sha256 "5f…" {
    ```

    The bounds are composed from the embedding to the decoded output; see `raspc.passes.certification`. The certificate
    has the smallest margin and where it occurs. A model with a decision that may be wrong is refused, with its op. So
    are an op that the analysis doesn't know and a module with anything but craft models.

    The certificate is bound to the model by a digest: whatever changes the model makes the certificate void, and a
    module with a void certificate doesn't verify. A pass that comes later takes the certificate out, or has an argument
    why it still holds (see `raspc.passes.rebinding`).
    """

    name = "certify"

    dtype: str = "float32"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        arithmetics_of(self.dtype)
        for model in _models_of(op):
            bind(model, certificate_of(model, self.dtype))


def _models_of(module: ModuleOp) -> list[ModelOp]:
    """The models of a module, which has nothing else.

    Raises:
        CompileError: there is none, or something beside them that would be left without a certificate.
    """
    models: list[ModelOp] = []
    for op in module.ops:
        if not isinstance(op, ModelOp):
            name = op.properties.get("sym_name")
            raise CompileError(
                f"{op.name} can't be certified",
                expression=f"@{name.data}" if isinstance(name, StringAttr) else None,
                expected="a craft.model",
                help=_HELP.get(type(op)),
            )
        models.append(op)
    if not models:
        raise CompileError("there is nothing to certify: the module is empty", expected="a craft.model")
    return models


def certificate_of(model: ModelOp, dtype: str) -> Certificate:
    """The certificate of a model in a dtype, in all arithmetics in which it has to be right; not bound to it yet.

    Raises:
        CompileError: a decision may be wrong, or a component doesn't write values; the message names it.
    """
    try:
        smallest = _smallest_margin(model, dtype)
    except CompileError as error:
        raise _with_better_dtype(error, model, dtype) from None
    return Certificate(dtype, rounded_down(smallest.part), smallest.name, partial=check_ideal(model))


def _smallest_margin(model: ModelOp, dtype: str) -> Margin:
    margins: list[Margin] = []
    for arithmetic in arithmetics_of(dtype):
        analysis = ErrorAnalysis(model, arithmetic)
        analysis.check()
        margins.append(analysis.smallest)
    return min(margins, key=lambda margin: margin.part)


def _with_better_dtype(error: CompileError, model: ModelOp, dtype: str) -> CompileError:
    """The error, with a hint to float32, the most exact dtype, if the model is exact there."""
    if dtype == FLOAT32.name:
        return error
    try:
        _smallest_margin(model, FLOAT32.name)
    except CompileError:
        return error
    advice = f"compile for {FLOAT32}, in which the model is exact" + (f", or {error.help}" if error.help else "")
    return CompileError(
        error.problem, expression=error.expression, where=error.where, expected=error.expected, help=advice
    )
