"""The model op of the transformer dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import (
    ArrayAttr,
    IntAttr,
    StringAttr,
    TensorType,
)
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import HasParent, IsTerminator
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.dtypes import DType
from raspc.dialects.craft.certificate import (
    COMPILE_AGAIN,
    VOID,
    CertificateAttr,
    parse_optional_certified,
    print_certified,
)
from raspc.dialects.header import HeaderOp, parse_optional_assumptions, print_assumptions
from raspc.dialects.order import verify_order
from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import DomainAttr, Encoding, EncodingAttr
from raspc.dialects.transformer.ops import EmbedOp
from raspc.dialects.transformer.tensors import (
    IDS_TYPE,
    PADDING_TYPE,
    check_shape,
    dtype_of_value,
    width_of,
)
from raspc.errors import CompileError


@irdl_op_definition
class ReturnOp(IRDLOperation):
    """The end of a model: `transformer.return %logits : tensor<?x?x4xf32>`."""

    name = "transformer.return"

    logits = operand_def(TensorType)

    traits = lazy_traits_def(lambda: (IsTerminator(), HasParent(ModelOp)))

    assembly_format = "$logits attr-dict `:` type($logits)"

    def __init__(self, logits: SSAValue):
        super().__init__(operands=[logits])


@irdl_op_definition
class ModelOp(HeaderOp):
    """A transformer with what is needed to read its inputs and outputs.

    ```mlir
    transformer.model @reverse(%ids, %padding) vocab [1, 2, 3] max_seq_len 5 output categorical [1, 2, 3]
        residual ["one", "bos", "tokens:1", "tokens:2", …] {
      …
      transformer.return %logits : tensor<?x?x4xf32>
    }
    ```

    The region's arguments are the token ids (positions in `vocab`) and which of them are tokens rather than padding.
    `residual` names the directions of the residual stream; `output` tells how logits decode (see
    `transformer.unembed`): a numerical output is the nearest value of the domain. All weights and values are of one
    dtype: f32, f16 or bf16. After `residual` may stand what is assumed of the program: `assuming ["…"] of
    "rasp.program …"`.
    """

    name = "transformer.model"

    sym_name = prop_def(StringAttr)
    output_encoding = prop_def(EncodingAttr)
    output_domain = prop_def(DomainAttr)
    residual = prop_def(ArrayAttr[StringAttr])
    certificate = opt_prop_def(CertificateAttr)

    KEYWORDS: ClassVar = ("vocab", "max_seq_len", "output", "residual")

    def __init__(
        self,
        name: str,
        vocab: DomainAttr,
        max_seq_len: int,
        output_encoding: Encoding,
        output_domain: DomainAttr,
        residual: Sequence[str],
        body: Region | None = None,
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "vocab": vocab,
                "max_seq_len": IntAttr(max_seq_len),
                "output_encoding": EncodingAttr(output_encoding),
                "output_domain": output_domain,
                "residual": ArrayAttr([StringAttr(label) for label in residual]),
            },
            regions=[Region(Block(arg_types=[IDS_TYPE, PADDING_TYPE])) if body is None else body],
        )

    @property
    def residual_labels(self) -> list[str]:
        """The name of each direction of the residual stream."""
        return [label.data for label in self.residual]

    @property
    def dtype(self) -> DType:
        """The dtype of the weights and of all that the model computes."""
        end = self.body.block.last_op
        assert isinstance(end, ReturnOp), "the verifier checks it"
        return dtype_of_value(end.logits)

    def verify_(self) -> None:
        block = self.body.block
        if tuple(arg.type for arg in block.args) != (IDS_TYPE, PADDING_TYPE):
            raise VerifyException(f"a model takes token ids and padding: {IDS_TYPE}, {PADDING_TYPE}")
        self.verify_header()
        if self.output_encoding.data == Encoding.UNKNOWN:
            raise VerifyException("a model's output is categorical or numerical")
        if not isinstance(block.last_op, ReturnOp):
            raise VerifyException("a model must end in transformer.return")
        n_outputs = 2 if self.output_encoding.data == Encoding.NUMERICAL else len(self.output_domain.data) + 1
        if width_of(block.last_op.logits) != n_outputs:
            raise VerifyException(
                f"a {self.output_encoding.data} output with {len(self.output_domain.data)} values needs {n_outputs} "
                f"logits, found {width_of(block.last_op.logits)}"
            )
        if self.output_encoding.data == Encoding.NUMERICAL and not self.output_domain.data.is_numeric:
            raise VerifyException("the values of a numerical output must be finite numbers")
        for op in block.ops:
            if isinstance(op, HeaderOp) or op.dialect_name() != "transformer":
                raise VerifyException(f"a model may contain ops of the transformer dialect only, found {op.name}")
            if isinstance(op, EmbedOp):
                self._verify_embedding(op)
        verify_order(block)
        if self.certificate is not None:
            self._verify_certificate()

    def _verify_certificate(self) -> None:
        from raspc.dialects.transformer.digest import is_bound  # it reads models, and needs this class

        try:
            bound = is_bound(self)
        except CompileError as error:
            raise VerifyException(f"a certificate is about a standard transformer: {error}") from error
        if not bound:
            raise VerifyException(f"{VOID}; {COMPILE_AGAIN}")

    def _verify_embedding(self, op: EmbedOp) -> None:
        # All other ops are of the dtype of what they read, so that one check is enough.
        if dtype_of_value(op.result) != self.dtype:
            raise VerifyException(
                f"all of a model is of one dtype: its logits are of {self.dtype.mlir}, but its embedding of "
                f"{dtype_of_value(op.result).mlir}"
            )
        d_model = width_of(op.result)
        check_shape("w_e", op.w_e, [len(self.vocab.data) + 1, d_model], self.dtype)
        check_shape("w_pos", op.w_pos, [self.max_seq_len.data + 1, d_model], self.dtype)
        if len(self.residual) != d_model:
            raise VerifyException(f"residual must name {d_model} directions, found {len(self.residual)}")

    @classmethod
    def parse(cls, parser: Parser) -> ModelOp:
        name = parser.parse_symbol_name()
        with parser.in_parens():
            ids = parser.parse_argument(expect_type=False).resolve(IDS_TYPE)
            parser.parse_punctuation(",")
            padding = parser.parse_argument(expect_type=False).resolve(PADDING_TYPE)
        parser.parse_keyword("vocab")
        vocab = DomainAttr(syntax.parse_domain(parser))
        parser.parse_keyword("max_seq_len")
        max_seq_len = parser.parse_integer(allow_boolean=False)
        parser.parse_keyword("output")
        encoding = Encoding(parser.parse_keyword_in((Encoding.CATEGORICAL, Encoding.NUMERICAL)))
        output = DomainAttr(syntax.parse_domain(parser))
        parser.parse_keyword("residual")
        residual = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: syntax.parse_text(parser))
        assumed = parse_optional_assumptions(parser)
        certificate = parse_optional_certified(parser)
        attributes = parser.parse_optional_attr_dict_with_keyword()
        body = parser.parse_region((ids, padding))
        op = cls(name.data, vocab, max_seq_len, encoding, output, residual, body)
        op.certificate = certificate
        if assumed is not None:
            op.assumptions, op.source = assumed
        if attributes is not None:
            op.attributes |= attributes.data
        return op

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_symbol_name(self.sym_name.data)
        with printer.in_parens():
            printer.print_list(self.body.block.args, printer.print_ssa_value)
        printer.print_string(" vocab ")
        syntax.print_domain(printer, self.vocab.data)
        printer.print_string(f" max_seq_len {self.max_seq_len.data} output {self.output_encoding.data} ")
        syntax.print_domain(printer, self.output_domain.data)
        printer.print_string(" residual ")
        with printer.in_square_brackets():
            printer.print_list(self.residual_labels, lambda label: syntax.print_text(printer, label))
        if self.assumptions is not None and self.source is not None:
            printer.print_string(" ")
            print_assumptions(printer, self.assumptions, self.source)
        if self.certificate is not None:
            printer.print_string(" ")
            print_certified(printer, self.certificate)
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


def model_of(module: Operation) -> ModelOp:
    """The one transformer model of a module.

    Raises:
        VerifyException: there is none, or more than one.
    """
    models = [op for op in module.walk() if isinstance(op, ModelOp)]
    if len(models) != 1:
        raise VerifyException(f"expected one transformer.model in the module, found {len(models)}")
    return models[0]
