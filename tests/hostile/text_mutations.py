"""Mutants of texts. Each kind is a function of the text and a random source; what it returns need not be UTF-8."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|[%@!#^]?[A-Za-z_][\w.$-]*|->|::|\s+|.', re.DOTALL
)

NUMBERS = (
    *("0", "1", "-1", "2", "3", "7", "63", "64", "65", "255", "1000", "-0", "-0.0", "0.5", "1.0", "1e0"),
    *("4096", "65535", "65536", "65537", "1048576", "16777216", "16777217", "1000000000", "-1000000000"),
    *("2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807"),
    *("9223372036854775808", "-9223372036854775809", "18446744073709551616", "1000000000000"),
    *("1e308", "1.0e308", "1e400", "1.0e400", "-1.0e400", "1.0e-400", "1.0e-45", "3.5e38", "1e1000000000"),
    *("nan", "NaN", "inf", "-inf", "0x7FC00000", "0xFF800000", "0xFFFFFFFFFFFFFFFFFF", "0x", "1.", ".5", "1e", "1_000"),
    *("9" * 400, "9" * 5000, "-" + "9" * 5000, "1." + "3" * 5000, "1.0e" + "9" * 5000, "0" * 5000, "--1", "+1"),
)

EXPRESSIONS = (
    "__import__('os').system('touch HOSTILE')",
    "x -> __import__('os').system('touch HOSTILE')",
    "x -> ().__class__.__base__.__subclasses__()",
    "x -> x.__class__",
    "x -> eval('1')",
    "x -> exec('import os')",
    "x -> open('HOSTILE', 'w')",
    "x -> globals()",
    "x -> (lambda: 1)()",
    "x -> [y for y in x]",
    "x -> (y := 1)",
    "x -> f'{x}'",
    "x -> x if True else __debug__",
    "x -> 9**9**9**9",
    "x -> 9**9**9",
    "x -> (9**9**5) * x",
    "x -> 'a' * 10**9",
    "x -> 'a' * 10**9 * 0",
    "x -> (1,) * 10**9",
    "x -> 1 << 10**9",
    "x -> 1 << 10**30",
    "x -> x << 60000",
    "x -> '%1000000000d' % 1",
    "x -> '%*d' % (10**9, 1)",
    "x -> '%.1000000000f' % 1.0",
    "x -> str(10**5000)",
    "x -> str(9**20000)",
    "x -> int('9' * 16000)",
    "x -> float('1' * 16000)",
    "x -> round(1, -10**9)",
    "x -> round(10**4000, -3999)",
    "x -> 'a'.replace('', 'b' * 16000)",
    "x -> ('a' * 16000).replace('a', 'b' * 16000)",
    "x -> 10.0**400",
    "x -> 1e999 - 1e999",
    "x -> (-8)**0.5",
    "x -> 0**-1",
    "x -> 1 / 0",
    "x -> 1j",
    "x -> b'a'",
    "x -> ...",
    "x -> None",
    "x -> None if x else None",
    "x -> x[0]",
    "x -> x[::0]",
    "x -> x[10**30]",
    "x -> ('a' * 10000)[x:][::-1] * 2",
    "x -> min()",
    "x -> max(x)",
    "x -> sum((1, 'a'))",
    "x -> len(x, x)",
    "x -> x < 'a'",
    "x -> 1e308 * 10 - 1e308 * 10",
    "x -> float('nan')",
    "x -> float('inf')",
    "x -> -float('inf')",
    "x -> '\ud800'",
    "x -> '\\ud800'",
    "x -> '\\x00'",
    "x -> x and y",
    "x, x -> x",
    "x, y -> x",
    "x, y -> x == y",
    "x, y -> x - y < 9**30",
    "x, y -> (x, y)",
    "x, y -> (x, y, x, y, (x, y))",
    "x, y -> x * 10**300 + y",
    "x, y -> float(x) ** float(y)",
    "x, y, z -> (x, y, z)",
    ", -> 1",
    "-> 1",
    " -> ",
    "x ->",
    "x",
    "if -> 1",
    "é -> 1",
    "x -> x\n+ 1",
    "x -> " + "(" * 300 + "x" + ")" * 300,
    "x -> " + "-" * 300 + "x",
    "x -> " + "not " * 200 + "x",
    "x -> " + "+".join("x" * 3000),
    "x -> " + "x" + "[0]" * 200,
    "x -> " + "x" + "**2" * 50,
    "x -> " + "(" * 9000,
    "x -> " + "(x, " * 60 + "x" + ")" * 60,
    "x -> " + "x if x else " * 90 + "x",
    "x -> " + "y" * 12000,
    ", ".join(f"x{i}" for i in range(300)) + " -> x0",
)

TEXTS = (
    *(
        "",
        " ",
        "a" * 100_000,
        "\\00",
        "\\FF",
        "\\ED\\A0\\80",
        "\\C3\\28",
        "\\n\\t",
        "\\q",
        "\\",
        "\\0",
        "{}",
        "%s",
        "[/b]",
    ),
    *(
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\U0001f600",
        "0x",
        "0xF",
        "0xZZ",
        "0x" + "00" * 4,
        "0x" + "FF" * 8,
        "0x" + "7F" * 64,
    ),
    *("0x" + "00" * 8 * 70, "0x" + "000000000000F07F", "0x" + "000000000000F87F", "0x0000C07F", "../../etc/passwd"),
)

SHAPES = (
    "tensor<99999999x99999999xf32>",
    "tensor<99999999999999999999999x1xf32>",
    "tensor<1000000x1000000xf32>",
    "tensor<100000x100000xf32>",
    "tensor<0x0xf32>",
    "tensor<0xf32>",
    "tensor<f32>",
    "tensor<*xf32>",
    "tensor<?x?xf32>",
    "tensor<-1x2xf32>",
    "tensor<2x2xf64>",
    "tensor<2x2xi1>",
    "tensor<2x2xi64>",
    "tensor<2x2xindex>",
    "tensor<2x2xcomplex<f32>>",
    "tensor<2x2xbf16>",
    "tensor<2x2x!rasp.selector>",
    "tensor<" + "1x" * 100 + "f32>",
    "tensor<" + "2x" * 100 + "f32>",
    "vector<4xf32>",
    "memref<4xf32>",
    "!rasp.sop<?>",
    "!rasp.sop<categorical 0 to 16777215>",
    "!rasp.sop<numerical 0 to 16777215>",
    "!rasp.selector",
    '!craft.vec<"a" 0 to 16777215>',
    '!craft.vec<"a" numerical [1] or none>',
    "i64",
    "f32",
    "()",
)

DOMAINS = (
    "0 to 1000000000000",
    "0 to 16777215",
    "0 to 65535",
    "0 to 1023",
    "-1000 to 1000",
    "5 to 1",
    "0 to 9223372036854775807",
    "9223372036854775800 to 9223372036854775809",
    "0 to 0",
    "[]",
    "[] or none",
    "[none]",
    "[1, 1]",
    "[1, 1.0, true]",
    "[inf, -inf]",
    "[nan]",
    "[1, 2, 3] mixed or none",
    '["a", 1, (1, "a"), true]',
    '[(1,), (1.0, (2, ("a",)))] mixed',
    "[" + ", ".join(map(str, range(700))) + "]",
    "[(" + ", ".join(map(str, range(700))) + ")]",
    "[(" + ", ".join("01" * 30) + ")] mixed",
    "[" + "9" * 4000 + "]",
    "[" + "9" * 400 + "]",
    "[1.0e308, -1.0e308]",
    "[0.1, 0.10000000000000002]",
    "[16777216, 16777217]",
    "[9007199254740992, 9007199254740993]",
    'i64 "0x"',
    'f64 "0x000000000000F87F"',
    'f64 "0x000000000000F07F"',
    'i64 "0x00"',
    'i64 "0x' + "FFFFFFFFFFFFFF7F" + '"',
    "?",
)

MATRICES = (
    "1000000 by 1000000 identity",
    "1048576 by 1048576 identity",
    "1000000 by 1000000 [[1]]",
    '1000000 by 1000000 at "0x" "0x" "0x"',
    '1048576 by 1 at "0x00000000" "0x00000000" "0x000000000000F03F"',
    '3 by 3 at "0xFFFFFFFF" "0x00000000" "0x000000000000F03F"',
    '3 by 3 at "0x00000000" "0x00000000" "0x000000000000F07F"',
    '3 by 3 at "0x00000000" "0x00000000" "0x"',
    "1000000000000 by 0 identity",
    "0 by 0 identity",
    "0 by 0 []",
    "0 by 5 []",
    "5 by 0 [[], [], [], [], []]",
    "2 by 2 [[1, 2], [3]]",
    "1 by 1 [[1.0e308]]",
    "2 by 2 [[1.0e308, -1.0e308], [1.0e308, 1.0e308]]",
    "-1 by 2 identity",
)

INSERTED_OPS = (
    '"foo.bar"() : () -> ()',
    "%zz = rasp.tokens : [1, 2]",
    "%zz = rasp.indices : 0 to 16777215",
    "%zz = rasp.constant 1 : ?",
    "%zz = rasp.length : ?",
    '%zz = craft.one : "one" numerical [1]',
    "rasp.return %zz",
    "craft.unembed %zz",
    "builtin.module {}",
    "module @a { }",
    "rasp.program @q vocab [1] max_seq_len 1 { %t = rasp.tokens : ? \n rasp.return %t }",
    "transformer.return %x : tensor<?x?x4xf32>",
    '%zz = "builtin.unrealized_conversion_cast"() : () -> !rasp.sop<?>',
    '%zz:1000000 = "foo.bar"() : () -> ()',
    "^bb0(%a : i64):",
    "func.func @f() { func.return }",
    "%zz = arith.constant 1 : i64",
    '"builtin.unregistered"() {a = 1 : i64, b = dense<1> : tensor<100000x100000xi64>} : () -> ()',
    "%zz = arith.constant dense<1.0> : tensor<100000x100000xf32>",
    "#alias = 5 : i64",
    "!alias = i64",
    'loc("a":1:1)',
)

ATTRIBUTES = (
    "{a = 1 : i64}",
    "{vocab = 5 : i64}",
    "{layer = -1 : i64}",
    "{max_seq_len = 5 : i64}",
    "{a = 1e400 : f32}",
    "{a = 0xFFFFFFFFFF : f32}",
    "{a = 99999999999 : i8}",
    "{a = unit, a = unit}",
    "{a = @b::@c}",
    '{"a" = "b"}',
    '{a = opaque<"a", "b">}',
    '{a = loc("x":1:1)}',
    "{a = array<i8: 1, 2, 300>}",
    "{a = array<f32: 1e400>}",
    "{a = strided<[1, 2], offset: 3>}",
    "{a = affine_map<(d0) -> (d0 + 1)>}",
    "{a = dense<0> : tensor<100000x100000xi8>}",
    "{a = dense_resource<x> : tensor<4xf32>}",
    "{operandSegmentSizes = array<i32: 1, 1, 1>}",
    "{a = #rasp.value<(1, (2, none))>}",
    "{a = #rasp.domain<0 to 16777215>}",
    '{a = #rasp.function<"x -> 9**9**9">}',
    "{a = #craft.matrix<1000000 by 1000000 identity>}",
    '{a = !craft.vec<"a" [1]>}',
)

Mutation = Callable[[str, Random], "str | bytes"]


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def _places(tokens: list[str], pattern: str) -> list[int]:
    matcher = re.compile(pattern)
    return [place for place, token in enumerate(tokens) if matcher.match(token)]


def _replace(text: str, random: Random, pattern: str, new: str) -> str:
    """Replace one token that begins like `pattern`, if there is one."""
    tokens = _tokens(text)
    if places := _places(tokens, pattern):
        tokens[random.choice(places)] = new
    return "".join(tokens)


def _replace_match(text: str, random: Random, pattern: str, new: str) -> str:
    """Replace one match of `pattern`, if there is one."""
    matches = list(re.finditer(pattern, text))
    if not matches:
        return text
    match = random.choice(matches)
    return text[: match.start()] + new + text[match.end() :]


def truncate(text: str, random: Random) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return data[: random.randrange(len(data) + 1)]


def flip_bytes(text: str, random: Random) -> bytes:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        data[random.randrange(len(data))] = random.choice((random.randrange(256), random.randrange(32, 127)))
    return bytes(data)


def insert_bytes(text: str, random: Random) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    place = random.randrange(len(data) + 1)
    new = random.choice(
        (b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\r", b"\x0c", b"\x1b[2J", b"\x85")
    )
    return data[:place] + new * random.choice((1, 3)) + data[place:]


def delete_span(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    return text[:start] + text[start + random.choice((1, 2, 5, 20, 200)) :]


def tokens(text: str, random: Random) -> str:
    """Delete, double or swap tokens."""
    parts = _tokens(text)
    solid = [place for place, token in enumerate(parts) if not token.isspace()]
    for _ in range(random.choice((1, 1, 2, 4))):
        one, other = random.choice(solid), random.choice(solid)
        match random.randrange(4):
            case 0:
                parts[one] = ""
            case 1:
                parts[one] += " " + parts[one]
            case 2:
                parts[one], parts[other] = parts[other], parts[one]
            case _:
                parts[one] = parts[other]
    return "".join(parts)


def lines(text: str, random: Random) -> str:
    """Delete, double, move or swap lines."""
    parts = text.splitlines(keepends=True)
    for _ in range(random.choice((1, 1, 2))):
        one, other = random.randrange(len(parts)), random.randrange(len(parts))
        match random.randrange(4):
            case 0:
                parts[one] = ""
            case 1:
                parts[one] *= 2
            case 2:
                parts[one], parts[other] = parts[other], parts[one]
            case _:
                parts.insert(other, parts.pop(one))
    return "".join(parts)


def number(text: str, random: Random) -> str:
    for _ in range(random.choice((1, 1, 2, 3))):
        text = _replace(text, random, r"[-+]?\d", random.choice(NUMBERS))
    return text


def length(text: str, random: Random) -> str:
    """Another maximum length, in some mutants together with the indices' domain."""
    new = random.choice((0, 1, 2, 6, 20, 64, 100, 300, 1000, 2048, 65536, 65537, 10**9, 10**12, -1))
    old = re.search(r"max_seq_len = #builtin.int<(\d+)>|max_seq_len (\d+)", text)
    if old and random.random() < 0.7:
        found = int(old[1] or old[2])
        text = re.sub(rf"\b0 to {found - 1}\b", f"0 to {new - 1}", text)
        text = re.sub(rf"\b1 to {found}\b", f"1 to {new}", text)
    return re.sub(r"(max_seq_len(?: = #builtin.int<| ))\d+", rf"\g<1>{new}", text)


def shape(text: str, random: Random) -> str:
    if random.random() < 0.5:
        return _replace_match(text, random, r"(?:tensor|!?rasp\.sop|!?craft\.vec)<[^<>]*>", random.choice(SHAPES))
    new = random.choice(("0", "1", "2", "-1", "99999999", "1000000", "65536", "?", "9" * 30))
    return _replace_match(text, random, r"(?<=[<x])\d+(?=x)", new)


def splat(text: str, random: Random) -> str:
    """Weights of one number for all elements, in some mutants of a huge shape."""
    new = random.choice(
        ("0.0", "1.0", "1.0e400", "nan", "0x7FC00000", '"0x00000000"', '"0x"', "[]", "[[1.0], [2.0, 3.0]]")
    )
    large = random.choice(
        (None, None, "tensor<99999999x99999999xf32>", "tensor<100000x100000xf32>", "tensor<30000x30000xf32>")
    )
    if large is None:
        return _replace_match(text, random, r"(?<=dense<)(?:[^<>]*)(?=>)", new)
    return _replace_match(text, random, r"dense<[^<>]*> : tensor<[^<>]*>", f"dense<{new}> : {large}")


def domain(text: str, random: Random) -> str:
    new = random.choice(DOMAINS)
    for _ in range(random.choice((1, 1, 3))):
        text = _replace_match(
            text, random, r"(?:-?\d+ to -?\d+|\[[^\[\]\n]*\]|[if]64 \"0x\w*\")(?: mixed)?(?: or none)?", new
        )
    return text


def every_domain(text: str, random: Random) -> str:
    """All domains unknown, or one for all: what inference makes of it."""
    new = random.choice(("?", "?", "?", "0 to 3", "0 to 1023", '["a", "b"]', "[1, 2] or none", random.choice(DOMAINS)))
    return re.sub(
        r"(?<= : )(?:-?\d+ to -?\d+|\[[^\[\]\n]*\])(?: mixed)?(?: or none)?$", lambda _: new, text, flags=re.M
    )


def vocabulary(text: str, random: Random) -> str:
    new = random.choice(DOMAINS)
    return re.sub(r"(?<=vocab )(?:-?\d+ to -?\d+|\[[^\[\]\n]*\]|[if]64 \"0x\w*\")", lambda _: new, text)


def matrix(text: str, random: Random) -> str:
    if random.random() < 0.6:
        pattern = r"\d+ by \d+ (?:identity|at \"\w*\" \"\w*\" \"\w*\"|\[(?:\[[^\[\]]*\](?:, )?)*\])"
        return _replace_match(text, random, pattern, random.choice(MATRICES))
    return _replace_match(text, random, r"\d+(?= by)|(?<=by )\d+", random.choice(NUMBERS))


def expression(text: str, random: Random) -> str:
    """Another expression, quoted as text is here, in the place of an expression or of a function."""
    new = random.choice(EXPRESSIONS)
    quoted = '"' + new.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\0A") + '"'
    pattern = r"\"[^\"\n]*->[^\"\n]*\"|(?<=\) )affine \[[^\]]*\](?: \+ \S+)?|\b(?:eq|ne|lt|le|gt|ge|true)\b(?=[\n>])"
    for _ in range(random.choice((1, 1, 4))):
        text = _replace_match(text, random, pattern, quoted)
    return text


def operators(text: str, random: Random) -> str:
    """The parts of an expression changed."""
    matches = list(re.finditer(r"(?<=-> )[^\"\n]+(?=\")", text))
    if not matches:
        return expression(text, random)
    match = random.choice(matches)
    parts = _tokens(match[0])
    parts[random.randrange(len(parts))] = random.choice(
        (
            "**",
            "<<",
            "*",
            "+",
            "-",
            "//",
            "%",
            "x",
            "9**9",
            "10**9",
            "'a'",
            "(1, 2)",
            "1e400",
            "not",
            "==",
            "[0]",
            "str",
        )
    )
    return text[: match.start()] + "".join(parts) + text[match.end() :]


def string(text: str, random: Random) -> str:
    new = random.choice(TEXTS)
    return _replace(text, random, '"', f'"{new}"')


def hexadecimal(text: str, random: Random) -> str:
    """Other bytes in a hexadecimal string: cut, doubled, or with other elements."""
    matches = list(re.finditer(r"(?<=\"0x)[0-9A-F]*(?=\")", text))
    if not matches:
        return string(text, random)
    match = random.choice(matches)
    digits = match[0]
    match random.randrange(5):
        case 0:
            digits = digits[: random.randrange(len(digits) + 1)]
        case 1:
            digits *= 2
        case 2:
            digits = random.choice(("FF", "00", "7F")) * (len(digits) // 2)
        case _:
            place = 8 * random.randrange(len(digits) // 8 + 1)
            word = random.choice(("0000807F", "0000C07F", "FFFF7F7F", "FFFFFFFF", "000000F0", "01000080", "00000000"))
            digits = digits[:place] + word + digits[place + 8 :]
    return text[: match.start()] + digits + text[match.end() :]


def unclosed_string(text: str, random: Random) -> str:
    place = random.randrange(len(text) + 1)
    return text[:place] + '"' + random.choice(("", "a" * 50_000, "\\")) + text[place:]


def nest(text: str, random: Random) -> str:
    opening, closing = random.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("((", "))"), ("[{", "}]"), ("tensor<", ">"))
    )
    depth = random.choice((20, 100, 1000, 20_000))
    parts = _tokens(text)
    place = random.randrange(len(parts))
    middle = random.choice((parts[place], "1", ""))
    parts[place] = opening * depth + middle + closing * random.choice((depth, 0))
    return "".join(parts)


def nest_regions(text: str, random: Random) -> str:
    depth = random.choice((10, 200, 3000))
    if random.random() < 0.5:
        return "builtin.module {\n" * depth + text + "\n}" * depth
    return '"foo.bar"() ({\n' * depth + text + "\n}) : () -> ()" * depth


def nest_attributes(text: str, random: Random) -> str:
    """An attribute that is nested deeply, or shared exponentially through aliases."""
    if random.random() < 0.5:
        depth = random.choice((30, 300, 5000))
        attribute = random.choice(("[" * depth + "]" * depth, "{a = " * depth + "1" + "}" * depth, "#a<" * depth))
        return _replace_match(text, random, r"(?= \{\n|\n)", " attributes {a = " + attribute + "}")
    doubled = ["#a0 = [1, 2]", *(f"#a{i} = [#a{i - 1}, #a{i - 1}]" for i in range(1, 40))]
    return "\n".join(doubled) + "\n" + _replace_match(text, random, r"(?= \{\n)", " attributes {a = #a39}")


def shared(text: str, random: Random) -> str:
    """An s-op that is doubled over and over: exponential for whoever walks the program as a tree."""
    depth = random.choice((8, 30, 200))
    function = random.choice(
        (
            '"x, y -> x + y"',
            "affine [1, 1]",
            '"x, y -> (x, y)"',
            '"x, y -> x * y"',
            '"x, y -> x - y"',
            '"x, y -> x == y"',
        )
    )
    found = re.search(r"^( *)(%\w+) = rasp\.(?:tokens|indices)\b.*\n", text, flags=re.M)
    if not found:
        return lines(text, random)
    indent, name = found[1], found[2]
    ops: list[str] = []
    for step in range(depth):
        ops.append(f"{indent}%s{step} = rasp.map({name}, {name}) {function} : ?\n")
        name = f"%s{step}"
    text = text[: found.end()] + "".join(ops) + text[found.end() :]
    return re.sub(r"rasp\.return %\w+", f"rasp.return {name}", text)


def shared_selectors(text: str, random: Random) -> str:
    """The same with selectors."""
    depth = random.choice((6, 16, 60))
    found = re.search(r"^( *)(%\w+) = rasp\.select\b.*\n", text, flags=re.M)
    if not found:
        return lines(text, random)
    every = re.findall(r"(%\w+) = rasp\.select\b", text[: found.end()])
    indent, name = found[1], found[2]
    ops: list[str] = []
    for step in range(depth):
        one, other = random.choice((name, random.choice(every))), name
        match random.randrange(4):
            case 0:
                ops.append(f"{indent}%s{step} = rasp.selector_not {name}\n")
            case 1:
                ops.append(f"{indent}%s{step} = rasp.selector_and {one}, {other}\n")
            case _:
                ops.append(f"{indent}%s{step} = rasp.selector_or {one}, {other}\n")
        name = f"%s{step}"
    rest = re.sub(
        r"(rasp\.(?:aggregate|selector_width) )%\w+", rf"\g<1>{name}", text[found.end() :], count=random.choice((0, 1))
    )
    return text[: found.end()] + "".join(ops) + rest


def word(text: str, random: Random) -> str:
    """A name in the place of another one, or one that doesn't exist."""
    parts = _tokens(text)
    places = _places(parts, r"[%@!#^]?[A-Za-z_]")
    for _ in range(random.choice((1, 1, 2, 4))):
        parts[random.choice(places)] = random.choice(
            (
                parts[random.choice(places)],
                "none",
                "true",
                "inf",
                "%nothing",
                "@x",
                "rasp.nothing",
                "foo",
                "_",
                "?",
                "#rasp.value<1>",
            )
        )
    return "".join(parts)


def op(text: str, random: Random) -> str:
    """An op that doesn't belong there."""
    parts = text.splitlines(keepends=True)
    parts.insert(random.randrange(len(parts) + 1), random.choice(INSERTED_OPS) + "\n")
    return "".join(parts)


def attribute(text: str, random: Random) -> str:
    """An attribute that no op has, or a property of another kind."""
    new = random.choice(ATTRIBUTES)
    if random.random() < 0.5:
        return _replace_match(text, random, r"(?= : )", f" {new}")
    return _replace_match(text, random, r"(?<== )(?:#[\w.]+<[^<>]*>|\"[^\"\n]*\"|unit)", new[new.index("=") + 2 : -1])


def repeat(text: str, random: Random) -> str:
    """One token or line, many times."""
    if random.random() < 0.5:
        parts = _tokens(text)
        place = random.randrange(len(parts))
        parts[place] = (parts[place] + random.choice(("", " ", ", "))) * random.choice((30, 3000))
        return "".join(parts)
    parts = text.splitlines(keepends=True)
    place = random.randrange(len(parts))
    parts[place] *= random.choice((30, 500))
    return "".join(parts)


def result_counts(text: str, random: Random) -> str:
    """Results and operands more or fewer than an op has."""
    match random.randrange(3):
        case 0:
            return _replace_match(
                text, random, r"(?<=\w)(?= = )", random.choice((":2", ":1000000", ":0", ", %other", ":99999999999999"))
            )
        case 1:
            return _replace_match(
                text,
                random,
                r"(?<=[( ])%\w+(?=[,)])",
                random.choice(("", "%x, %x", "%tokens#1", "%tokens#99999999999")),
            )
        case _:
            return _replace_match(
                text,
                random,
                r"(?<=\()(?:%\w+(?:, )?)+(?=\))",
                random.choice(("", "%tokens", "%indices, %tokens, %tokens")),
            )


MUTATIONS: tuple[Mutation, ...] = (
    *(truncate, flip_bytes, insert_bytes, delete_span, tokens, tokens, lines, number, number, length, shape, splat),
    *(domain, domain, every_domain, vocabulary, matrix, matrix, expression, expression, expression, operators, string),
    *(hexadecimal, hexadecimal, unclosed_string, nest, nest_regions, nest_attributes, shared, shared_selectors, word),
    *(op, attribute, attribute, repeat, result_counts),
)


def mutate(data: bytes, random: Random) -> tuple[str, bytes]:
    """A mutant of a text, and how it was made; some are mutated more than once."""
    kinds = [random.choice(MUTATIONS) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    for kind in kinds:
        mutant = kind(data.decode("utf-8", "replace"), random) if data else b""
        data = mutant if isinstance(mutant, bytes) else mutant.encode("utf-8", "replace")
    return kinds[-1].__name__, data
