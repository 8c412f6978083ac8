"""A second interpreter of RASP programs, written from `docs/language.md` alone.

It shares no code with raspc: an error in the first interpreter, in the reading of lambdas, or in what the two have in
common with the compiler is an error that the oracle doesn't make. It reads a program either as Python text, which it
runs with a language of its own in the place of `raspc.rasp`, or from the expressions of raspc.

>>> from tests.oracle import read_source
>>> read_source("from raspc import rasp\\nprogram = rasp.Map(lambda x: 6 // x, rasp.tokens)").run([1, 2, 0])
[6, 3, None]
"""

from tests.oracle.evaluation import MeaninglessError, Program
from tests.oracle.expressions import read_expression
from tests.oracle.source import read_source

__all__ = ["MeaninglessError", "Program", "read_expression", "read_source"]
