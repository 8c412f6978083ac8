"""What infer-encodings chooses where the user says nothing."""

from __future__ import annotations

import warnings

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.rewriter import Rewriter

from raspc.dialects.rasp import SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.errors import MeaningWarning
from raspc.passes.sop_types import encoding_of
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.runtime.rasp_interpreter import program_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import check

SIZE = 5


def module_of(program: Program) -> ModuleOp:
    return build_module(program.build(SIZE), program.vocab, SIZE, causal=program.causal)


def annotated(module: ModuleOp) -> list[SopOp]:
    """The s-ops for which the user asked for an encoding."""
    sops = [op for op in program_of(module).body.block.ops if isinstance(op, SopOp)]
    return [op for op in sops if encoding_of(op.result) != Encoding.UNKNOWN]


ANNOTATED = [program for program in CORPUS if program.max_seq_len == SIZE and annotated(module_of(program))]


@pytest.mark.parametrize("program", ANNOTATED, ids=lambda program: program.name)
def test_a_program_without_its_annotations_computes_the_same(program: Program):
    module = module_of(program)
    for op in annotated(module):
        Rewriter.replace_value_with_new_type(op.result, SopType())
    assert not annotated(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        for compiler_pass in passes_of("O0"):
            compiler_pass.apply(Context(), module)
    model = CompiledModel(module)
    examples = [(list(tokens), output) for tokens, output in program.examples if len(tokens) <= SIZE]
    inputs, outputs = [tokens for tokens, _ in examples], [output for _, output in examples]
    check("without annotations", inputs, outputs, model.batch(inputs))


def test_the_corpus_has_annotations_to_take_away():
    assert len(ANNOTATED) >= 5
