"""Prints a digest of the model of each program of the corpus and its outputs: `python -m tests.programs.digests O0`."""

import hashlib
import sys

from raspc.runtime.model import CompiledModel
from tests.programs.corpus import CORPUS
from tests.programs.levels import Task, compile_stages, onnx_bytes


def main() -> None:
    (pipeline,) = sys.argv[1:]
    for program in CORPUS:
        size = program.max_seq_len
        stages = compile_stages(Task(program.build(size), program.vocab, size, program.causal), pipeline)
        texts = "".join(str(stage.module) for stage in stages if stage.has_text)
        model = CompiledModel(stages[-1].module)
        data = texts.encode() + onnx_bytes(model)
        outputs = model.batch([list(tokens) for tokens, _ in program.examples])
        print(program.name, hashlib.sha256(data).hexdigest(), outputs)


if __name__ == "__main__":
    main()
