"""Small files that ask for much, gigabytes or minutes: each is made for a limit, or to get by one.

No file of less than 100 kB may cost a command more than 1 GiB or 10 seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx

from raspc import rasp
from raspc.runtime.model import CompiledModel
from tests.hostile.trial import MisbehaviourError, Outcome, run
from tests.programs.levels import Task, compile_stages, onnx_bytes

LARGEST = 100_000
"""No file has more bytes."""


@dataclass(frozen=True)
class Crafted:
    """A small file.

    Attributes:
        make: makes its bytes.
        commands: the command lines that get it, without the file, which comes third.
        suffix: `mlir` or `onnx`.
    """

    make: Callable[[], bytes]
    commands: Sequence[tuple[str, ...]]
    suffix: str = "mlir"


READING = [("rasp-opt",)]
INFERRING = [("rasp-opt", "-p", "infer-values")]
RUNNING = [("raspc", "inspect"), ("raspc", "run", "a")]


def program(*body: str, vocab: str = "0 to 300", max_seq_len: int = 300) -> Crafted:
    """A program that returns `%m`, of which the values are inferred."""
    lines = ["%t = rasp.tokens : ?", "%i = rasp.indices : ?", *body, "rasp.return %m"]
    text = f"rasp.program @p vocab {vocab} max_seq_len {max_seq_len} {{\n" + "\n".join(lines) + "\n}\n"
    return Crafted(text.encode, INFERRING)


def mapped(expression: str, operands: str = "%t, %i", name: str = "m") -> str:
    """A map."""
    return f'%{name} = rasp.map({operands}) "{expression}" : ?'


def many(count: int, line: str) -> list[str]:
    """A line many times, with its number in place of `#`."""
    return [line.replace("#", str(number)) for number in range(count)]


def summed(term: str, count: int) -> str:
    """The sum of a term, many times, nested as little as can be."""
    row = " + ".join([term] * 8)
    return " + ".join([f"({row})"] * (count // 8))


RASP = {
    "large powers": program(mapped(f"x, y -> {summed('3 ** 41000 % 7', 48)} + x * y")),
    "powers of operands": program(mapped(f"x, y -> {summed('(x + 3) ** (y + 7000) % 7', 48)}")),
    "long divisions": program(mapped("x, y -> ((1 << 60000) + x) // ((1 << 30000) + y) % 7")),
    "cheap terms": program(mapped(f"x, y -> {summed('x * y', 320)}")),
    "many maps": program(*many(900, mapped("x, y -> (x + y) % 300", name="v#")), mapped("x -> x", "%t")),
    "wide tuples": program(
        mapped("x -> (x,) * 8000", "%t", "a"), mapped("x -> x[0]", "%a"), vocab="0 to 16000", max_seq_len=1
    ),
    "long strings": program(mapped("x -> 'ab' * 8000 + str(x)", "%t"), vocab="0 to 16000", max_seq_len=1),
    "equal tuples": program(mapped("x -> (1,) * 8000", "%t"), vocab="0 to 16000", max_seq_len=1),
    "tuples of tuples": program(mapped("x -> ((x,) * 99,) * 99", "%t")),
    "deep tuples": program("%m = rasp.constant " + "(" * 900 + "1" + ",)" * 900 + " : ?"),
    "many ranges": program(*many(900, "%v# = rasp.constant 1 : 0 to 16000"), "%m = rasp.constant 1 : ?"),
    "a printed form that is too long": program(mapped("x -> (" + "3**2%7," * 1400 + ")", "%t")),
}


def transformer(heads: int, d_head: int, d_model: int = 1, element: str = "1.0") -> Crafted:
    """A model of one attention, whose weights are one number again and again."""
    read, written = f"{heads}x{d_model}x{d_head}", f"{heads}x{d_head}x{d_model}"
    shapes = {"w_q": read, "w_k": read, "w_v": read, "w_o": written}
    weights = " ".join(f"{name}(dense<{element}> : tensor<{shape}xf32>)" for name, shape in shapes.items())
    embedding, stream = "1.0" if d_model else "", f"tensor<?x?x{d_model}xf32>"
    text = f"""transformer.model @e(%ids, %padding) vocab ["a"] max_seq_len 3 output categorical ["a"] residual \
[{", ".join(f'"l{number}"' for number in range(d_model))}] {{
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<{embedding}> : tensor<2x{d_model}xf32>) \
w_pos(dense<{embedding}> : tensor<4x{d_model}xf32>) : {stream}
  %a = transformer.attention %x mask %mask {weights} : {stream}
  %y = transformer.add %x, %a : {stream}
  %l = transformer.unembed %y w_u(dense<{embedding}> : tensor<{d_model}x2xf32>) \
b_u(dense<1.0> : tensor<2xf32>) : {stream} -> tensor<?x?x2xf32>
  transformer.return %l : tensor<?x?x2xf32>
}}
"""
    return Crafted(text.encode, RUNNING)


def attributes(*values: str) -> Crafted:
    """A module with attributes of any kind."""
    listed = ", ".join(f"a{number} = {value}" for number, value in enumerate(values))
    return Crafted(f"builtin.module attributes {{{listed}}} {{}}\n".encode, READING)


TRANSFORMER = {
    "heads without keys": transformer(100_000_000, 0, element=""),
    "wide heads without a residual stream": transformer(1, 300_000_000, 0, ""),
    "a huge splat": attributes("dense<1.0> : tensor<100000x100000xf32>"),
    "many splats": attributes(*["dense<1.0> : tensor<1000x1000xf32>"] * 900),
    "a hidden size": attributes("dense<> : tensor<0x1000000000000xf32>"),
    "deep arrays": attributes("[" * 40_000),
}


def exported(change: Callable[[onnx.ModelProto], None]) -> Crafted:
    """An exported model that something is changed of."""

    def make() -> bytes:
        same = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
        task = Task(rasp.Aggregate(same, rasp.tokens), ("a", "b"), 3)
        found = onnx.load_model_from_string(onnx_bytes(CompiledModel(compile_stages(task, "O0")[-1].module)))
        change(found)
        return found.SerializeToString()

    return Crafted(make, RUNNING, "onnx")


def _without_keys(model: onnx.ModelProto) -> None:
    for tensor in model.graph.initializer:
        if tensor.name.endswith((".w_q", ".w_k", ".w_v", ".w_o")):
            shape = [100_000_000, *tensor.dims[1:]]
            shape[1 if tensor.name.endswith("w_o") else 2] = 0
            del tensor.dims[:]
            tensor.dims.extend(shape)
            tensor.raw_data = b""


def _with_more_weights(model: onnx.ModelProto) -> None:
    for number in range(1500):
        model.graph.initializer.add().CopyFrom(onnx.helper.make_tensor(f"more_{number}", 1, [1], [0.0]))


def _with_a_name_of_no_file(model: onnx.ModelProto) -> None:
    for entry in model.metadata_props:
        entry.value = entry.value.replace('"name": "', '"name": "\\ud800')


ONNX = {
    "onnx heads without keys": exported(_without_keys),
    "onnx with many weights": exported(_with_more_weights),
    "onnx with a name of no file": exported(_with_a_name_of_no_file),
}

SLOW = ("cheap terms", "many maps", "tuples of tuples")
"""Those that take seconds until they are refused."""

MEMORY = 1 << 30
"""How much memory a command may take for one of them."""

CRAFTED = {**RASP, **TRANSFORMER, **ONNX}
"""All of them, by what they are made for."""


def try_crafted(name: str, folder: Path) -> Outcome:
    """Let the commands have a file in an empty folder."""
    crafted = CRAFTED[name.replace("_", " ")]
    file = folder / f"crafted.{crafted.suffix}"
    file.write_bytes(crafted.make())
    outcome = Outcome("crafted", 0, name, name, "accepted")
    try:
        for command, *rest in crafted.commands:
            line = [command, str(file), *rest] if command == "rasp-opt" else [command, rest[0], str(file), *rest[1:]]
            message = run(line, folder)
            if message:
                outcome.result, outcome.report = "refused", message
    except MisbehaviourError as error:
        outcome.result, outcome.report = error.kind, str(error)
    return outcome
