"""Random RASP programs: for testing a compiler, and for training models on what it compiles.

`random_program` makes a program from a seed. `raspc.testing.strategies` has the same for hypothesis, which shrinks
programs that make a test fail; it is imported by itself, as it needs hypothesis.

>>> from raspc import testing
>>> print(testing.random_program(4, size=3, vocab=["a", "b"], max_seq_len=4).source)
from raspc import rasp
<BLANKLINE>
vocab = ['a', 'b']
max_seq_len = 4
<BLANKLINE>
s1 = rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: k < q)
s2 = rasp.SelectorWidth(s1)
program = rasp.Map(lambda x, y: min(x, y), s2, rasp.indices)
<BLANKLINE>
"""

from raspc.testing.generator import RandomProgram, random_program
from raspc.testing.parts import OP_MIX

__all__ = ["OP_MIX", "RandomProgram", "random_program"]
