"""The pass certify: prove that a model is exact in a dtype, or refuse it."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from raspc.dialects.craft import ModelOp
from raspc.dialects.craft.certificate import Certificate, CertificateAttr, rounded_down
from raspc.passes.certification.analysis import ErrorAnalysis, Margin
from raspc.passes.certification.arithmetic import arithmetics_of


@dataclass(frozen=True)
class CertifyPass(ModulePass):
    """Prove that each craft model decodes to the right values in `dtype`, in whatever order its sums are added.

    ```mlir
    craft.model @hist vocab ["a", "b"] max_seq_len 5 {
    ```
    becomes
    ```mlir
    craft.model @hist vocab ["a", "b"] max_seq_len 5 certified float32 margin 0.9999 at "hist" {
    ```

    The bounds are composed from the embedding to the decoded output; see `raspc.passes.certification`. The certificate
    has the smallest margin and where it occurs. A model with a decision that may be wrong is refused, with its op.
    A later pass that changes a model has to certify it again.
    """

    name = "certify"

    dtype: str = "float32"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        arithmetics_of(self.dtype)
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            model.certificate = CertificateAttr(certificate_of(model, self.dtype))


def certificate_of(model: ModelOp, dtype: str) -> Certificate:
    """The certificate of a model in a dtype, in all arithmetics in which it has to be right.

    Raises:
        CompileError: a decision may be wrong; the message names it.
    """
    margins: list[Margin] = []
    for arithmetic in arithmetics_of(dtype):
        analysis = ErrorAnalysis(model, arithmetic)
        analysis.check()
        margins.append(analysis.smallest)
    smallest = min(margins, key=lambda margin: margin.part)
    return Certificate(dtype, rounded_down(smallest.part), smallest.name)
