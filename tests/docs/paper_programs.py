"""The programs of which the RASP paper says how many layers and heads they take, as they stand in the corpus."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.paper_analyser import PaperCount, paper_count
from raspc.dialects.rasp import ProgramOp
from raspc.rasp.entry import build_module
from tests.programs.corpus import CORPUS
from tests.programs.program import Program


@dataclass(frozen=True)
class PaperProgram:
    """A program of the paper.

    Attributes:
        title: what it computes.
        name: the program of the corpus.
        n_layers: the layers that the paper's analyser gives for it.
        n_heads: the most heads of a layer that it gives.
        why: why a model of raspc is larger, if there is more to say than what its layers without a head compute.
    """

    title: str
    name: str
    n_layers: int
    n_heads: int
    why: str

    @property
    def program(self) -> Program:
        """The program of the corpus."""
        return next(program for program in CORPUS if program.name == self.name)

    def count(self, *, bos: bool = True) -> PaperCount:
        """What our own analyser counts."""
        return counted(self.program, bos=bos)


def counted(program: Program, *, bos: bool) -> PaperCount:
    """The paper's count of a program of the corpus."""
    module = build_module(program.build(), program.vocab, program.max_seq_len, causal=program.causal)
    op = module.body.block.first_op
    assert isinstance(op, ProgramOp)
    return paper_count(op, bos=bos)


PAPER = (
    PaperProgram("reverse", "reverse", 2, 1, ""),
    PaperProgram("histogram with BOS", "histogram_with_bos", 1, 1, ""),
    PaperProgram("histogram without BOS", "histogram_without_bos", 1, 2, ""),
    PaperProgram("double histogram with BOS", "double_histogram_with_bos", 2, 2, ""),
    PaperProgram(
        "sort with BOS",
        "sort_stable",
        2,
        1,
        "The first head selects what is smaller, or equal and earlier. No sum of a score of tokens and one of "
        "positions is the same for all of that, so two heads count what is smaller and what is equal and earlier,"
        " and the MLP of their layer reads the sum of both. One head could weigh keys so that both counts are digits "
        "of one number, but the MLP that reads it would need hidden units with the square of the length.",
    ),
    PaperProgram("sort by frequency", "most_frequent", 3, 2, ""),
    PaperProgram("Dyck-1 prefix", "dyck1_by_fractions", 2, 1, ""),
    PaperProgram("Dyck-2 prefix", "dyck2_ptf", 4, 2, ""),
)
"""The figures are those of the paper and of its authors' code."""
