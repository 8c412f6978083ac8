"""raspc for programs that were written for DeepMind's Tracr: its modules, names and shapes, with raspc's compiler.

The modules are Tracr's: `from raspc.compat.tracr.compiler import compiling` stands for `from tracr.compiler import
compiling`, and so on for `compiler.assemble`, `compiler.lib`, `rasp.rasp`, `rasp.causal_eval`, `transformer.encoder`
and `transformer.model`. docs/tracr.md says what is the same and what isn't.

>>> from raspc.compat.tracr.compiler import compiling, lib
>>> from raspc.compat.tracr.rasp import rasp
>>> model = compiling.compile_rasp_to_model(lib.make_reverse(rasp.tokens), {1, 2, 3}, 5, compiler_bos="BOS")
>>> model.apply(["BOS", 1, 2, 3]).decoded
['BOS', 3, 2, 1]
"""

from raspc.compat.tracr.compiler.compiling import compile_rasp_to_model

__all__ = ["compile_rasp_to_model"]
