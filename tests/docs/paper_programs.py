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
    PaperProgram(
        "histogram with BOS",
        "histogram_with_bos",
        1,
        1,
        "The head selects the same token or the first position. Both can hold at once, and with the sum of their "
        "scores it would attend to that more: so an MLP writes token and position as one key, in a layer before.",
    ),
    PaperProgram(
        "histogram without BOS",
        "histogram_without_bos",
        1,
        2,
        "As with BOS: the key of the head that selects the same token or the first position takes an MLP before it. "
        "The head that looks at the first position alone stands beside that MLP.",
    ),
    PaperProgram(
        "double histogram with BOS",
        "double_histogram_with_bos",
        2,
        2,
        "Both widths select something or the first position, and each needs an MLP before its head that writes both as "
        "one key. That the histogram is always defined isn't proved, so it also passes through a head that makes an "
        "undefined value one that can be compared.",
    ),
    PaperProgram(
        "sort with BOS",
        "sort_stable",
        2,
        1,
        "The first head selects what is smaller, or equal and earlier. No sum of a score of tokens and one of "
        "positions is the same for all of that, so an MLP before it writes both as one key and one query.",
    ),
    PaperProgram(
        "sort by frequency",
        "most_frequent",
        3,
        2,
        "What is smaller, or equal and earlier, is counted as a sum of widths, and its terms are decoded by an MLP "
        "before another one adds them up. The key of the sort is computed from a width that is decoded first, too.",
    ),
    PaperProgram(
        "Dyck-1 prefix",
        "dyck1_by_fractions",
        2,
        1,
        "The paper averages two values under one selector. Here each kind of bracket is counted by a head of its own, "
        "an MLP decodes the counts, and another one subtracts them.",
    ),
    PaperProgram(
        "Dyck-2 prefix",
        "dyck2_ptf",
        4,
        2,
        "Maps of maps: an MLP that decodes a width can't be followed by one that computes with it in the same layer. "
        "So it is for the depth, for the level of a closing bracket, for the number before this one and for whether "
        "something went wrong.",
    ),
)
"""The figures are those of the paper and of its authors' code."""
