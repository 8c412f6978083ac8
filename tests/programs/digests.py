"""A process that compiles programs of the corpus, for comparison with another one: `python -m tests.programs.digests`.

It reads lines with a pipeline and a program's name, as `O0 reverse`, and answers each with the digest.
"""

import hashlib
import sys

from tests.programs.compiled import stages_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import onnx_bytes


def digest(program: Program, pipeline: str) -> str:
    """A digest of all modules that a program becomes and of the ONNX file, and the outputs for the examples."""
    stages = stages_of(program, program.max_seq_len, pipeline)
    model = stages[-1].model
    data = "".join(stage.text or "" for stage in stages).encode() + onnx_bytes(model)
    outputs = model.batch([list(tokens) for tokens, _ in program.examples])
    return f"{hashlib.sha256(data).hexdigest()} {outputs}"


def main() -> None:
    programs = {program.name: program for program in CORPUS}
    for line in sys.stdin:
        pipeline, name = line.split()
        print(digest(programs[name], pipeline), flush=True)


if __name__ == "__main__":
    main()
