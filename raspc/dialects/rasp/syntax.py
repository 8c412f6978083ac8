"""How values, domains and functions are written in the IR.

value    ::= integer | float | `true` | `false` | string | `(` value (`,` value)* `,`? `)` | `inf` | `-` `inf`
domain   ::= (`[` values `]` | integer `to` integer | packed) (`mixed`)? (`or` `none`)?
packed   ::= (`i64` | `f64`) bytes                        -- little-endian, in hexadecimal
function ::= comparison | string | `affine` `[` numbers `]` (`+` number)? | `table` `(` domains `)` `->` results
results  ::= (`[` (value | `none` | `_`)* `]` | domain `at` bytes) (`raising` `[` tuples `]`)? (`forms` `[` pairs `]`)?
comparison ::= `eq` | `ne` | `lt` | `le` | `gt` | `ge` | `true` | `false`
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from xdsl.parser import AttrParser
from xdsl.printer import Printer

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import UNREACHABLE, Affine, Function, Opaque, Table, Unreachable
from raspc.algebra.values import MAX_NESTING, MaybeValue, Value, exact_form
from raspc.dialects.text import ModuleParser
from raspc.errors import CompileError

PACK_THRESHOLD = 64
"""Homogeneous lists of more than this many values are printed packed."""

VALUE_EXPECTED = " or another value (a string, true, false, inf or a tuple)"


def print_value(printer: Printer, value: MaybeValue | Unreachable) -> None:
    """Print one value; `None` prints as `none`."""
    match value:
        case None:
            printer.print_string("none")
        case Unreachable():
            printer.print_string("_")
        case bool():
            printer.print_string("true" if value else "false")
        case int():
            printer.print_string(str(value))
        case float():
            printer.print_string(_float_text(value))
        case str():
            print_text(printer, value)
        case tuple():
            printer.print_string("(")
            printer.print_list(value, lambda item: print_value(printer, item))
            printer.print_string(",)" if len(value) == 1 else ")")


def _float_text(value: float) -> str:
    """The shortest text that reads back as the same float and that MLIR's lexer takes for a float."""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    mantissa, _, exponent = repr(value).partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}e{exponent}" if exponent else mantissa


def print_text(printer: Printer, text: str) -> None:
    """Print a string in quotes; what isn't printable is escaped, byte for byte of its UTF-8."""
    printer.print_string('"')
    for character in text:
        if character in '"\\' or not character.isprintable():
            escaped = "".join(f"\\{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
            printer.print_string("\\\\" if character == "\\" else escaped)
        else:
            printer.print_string(character)
    printer.print_string('"')


def parse_optional_text(parser: AttrParser) -> str | None:
    """Parse what `print_text` prints, if it is there."""
    position = parser.pos
    if (text := parser.parse_optional_str_literal()) is not None:
        return text
    if (data := parser.parse_optional_bytes_literal()) is not None:
        try:
            return data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            parser.raise_error("a string must be UTF-8", position, parser.pos)
    return None


def parse_text(parser: AttrParser, context: str = "") -> str:
    """Parse what `print_text` prints."""
    return parser.expect(lambda: parse_optional_text(parser), f"expected a string{context}")


def parse_number(parser: AttrParser) -> int | float:
    """Parse a finite number."""
    position = parser.pos
    try:
        number = parser.parse_number(context_msg=VALUE_EXPECTED)
    except ValueError:
        parser.raise_error("the number has too many digits", position, position + 1)
    if isinstance(number, float) and math.isinf(number):
        parser.raise_error("the number is beyond the 64-bit floats", position, position + 1)
    return number


def parse_value(parser: AttrParser, depth: int = 0) -> Value:
    """Parse one defined value."""
    position = parser.pos
    if (text := parse_optional_text(parser)) is not None:
        return text
    if (boolean := parser.parse_optional_boolean()) is not None:
        return boolean
    if parser.parse_optional_keyword("inf"):
        return math.inf
    if parser.parse_optional_punctuation("-"):
        return -math.inf if parser.parse_optional_keyword("inf") else 0 - parse_number(parser)
    if parser.parse_optional_punctuation("("):
        if depth == MAX_NESTING:
            parser.raise_error(f"tuples may be nested {MAX_NESTING} deep at most", position, parser.pos)
        items: list[Value] = []
        while not parser.parse_optional_punctuation(")"):
            items.append(parse_value(parser, depth + 1))
            if not parser.parse_optional_punctuation(","):
                parser.parse_punctuation(")")
                break
        return tuple(items)
    return parse_number(parser) + 0  # the float -0.0, which equals 0.0, can't come in


def parse_maybe_value(parser: AttrParser) -> MaybeValue:
    """Parse one value or `none`."""
    if parser.parse_optional_keyword("none"):
        return None
    return parse_value(parser)


def _pack(values: Sequence[Value]) -> tuple[str, bytes] | None:
    """The element type and bytes of a long list of plain ints or of plain floats."""
    if len(values) <= PACK_THRESHOLD:
        return None
    if all(type(value) is int for value in values) and all(-(2**63) <= value < 2**63 for value in values):  # type: ignore[operator]
        return "i64", np.array(values, dtype="<i8").tobytes()
    if all(type(value) is float for value in values):
        return "f64", np.array(values, dtype="<f8").tobytes()
    return None


def print_hex(printer: Printer, data: bytes) -> None:
    """Print bytes as a string of hexadecimal digits."""
    printer.print_string(f'"0x{data.hex().upper()}"')


def parse_hex(parser: AttrParser, item_size: int) -> bytes:
    """Parse what `print_hex` prints, a whole number of items of `item_size` bytes."""
    position = parser.pos
    text = parser.parse_str_literal(" (packed values in hexadecimal)")
    try:
        if not text.startswith("0x"):
            raise ValueError
        data = bytes.fromhex(text[2:])
    except ValueError:
        parser.raise_error('packed values must be written "0x…" in hexadecimal digits', position, parser.pos)
    if len(data) % item_size:
        parser.raise_error(f"packed values must be a multiple of {item_size} bytes", position, parser.pos)
    return data


def print_values(printer: Printer, values: Sequence[Value]) -> None:
    """Print an ordered list of values: as a range, packed, or in full."""
    int_range = Domain(tuple(values)).int_range
    packed = _pack(values)
    if int_range is not None and len(values) > 3:
        printer.print_string(f"{int_range[0]} to {int_range[1]}")
    elif packed is not None:
        printer.print_string(f"{packed[0]} ")
        print_hex(printer, packed[1])
    else:
        printer.print_string("[")
        printer.print_list(values, lambda value: print_value(printer, value))
        printer.print_string("]")


MAX_RANGE = 1 << 24
"""Ranges of more values than this are refused by the parser."""


def claim(parser: AttrParser, count: int) -> None:
    """Note that a text stands for `count` numbers without writing them out, which may be too many."""
    if isinstance(parser, ModuleParser):
        parser.claim(count)


def parse_values(parser: AttrParser) -> tuple[Value, ...]:
    """Parse what `print_values` prints."""
    return tuple(_parse_values(parser))


def _parse_values(parser: AttrParser) -> Sequence[Value]:
    position = parser.pos
    if parser.parse_optional_keyword("i64"):
        return tuple(np.frombuffer(parse_hex(parser, 8), dtype="<i8").tolist())
    if parser.parse_optional_keyword("f64"):
        numbers = np.frombuffer(parse_hex(parser, 8), dtype="<f8") + 0.0  # no -0.0
        if np.isnan(numbers).any():
            parser.raise_error("NaN is not a value", position, position + 1)
        return tuple(numbers.tolist())
    if parser.parse_optional_punctuation("["):
        values: list[Value] = []
        while not parser.parse_optional_punctuation("]"):
            values.append(parse_value(parser))
            if not parser.parse_optional_punctuation(","):
                parser.parse_punctuation("]")
                break
        return tuple(values)
    first = parser.parse_integer(allow_boolean=False, context_msg=", a list of values or packed values")
    parser.parse_keyword("to")
    last = parser.parse_integer(allow_boolean=False)
    if not first <= last < first + MAX_RANGE:
        parser.raise_error(f"a range must ascend and hold {MAX_RANGE} values at most", position, position + 1)
    claim(parser, last - first + 1)
    return range(first, last + 1)


def print_domain(printer: Printer, domain: Domain) -> None:
    """Print a domain."""
    print_values(printer, domain.values)
    if domain.mixed:
        printer.print_string(" mixed")
    if domain.undefined:
        printer.print_string(" or none")


def parse_domain(parser: AttrParser) -> Domain:
    """Parse a domain; its values may stand in any order but must be distinct."""
    position = parser.pos
    values = _parse_values(parser)
    mixed = parser.parse_optional_keyword("mixed") is not None
    undefined = parser.parse_optional_keyword("or") is not None
    if undefined:
        parser.parse_keyword("none")
    domain = Domain(tuple(values)) if isinstance(values, range) else Domain.of(values)
    if len(domain) != len(values):
        parser.raise_error("the values of a domain must be distinct", position, parser.pos)
    return Domain(domain.values, undefined, mixed)


def print_function(printer: Printer, function: Function) -> None:
    """Print a function attribute.

    Raises:
        CompileError: the function is an opaque Python callable, which has no text.
    """
    match function:
        case Comparison():
            printer.print_string(function.mnemonic)
        case Expression():
            print_text(printer, str(function))
        case Affine():
            printer.print_string("affine [")
            printer.print_list(function.coefficients, lambda number: print_value(printer, number))
            printer.print_string("]")
            if function.constant:
                printer.print_string(" + ")
                print_value(printer, function.constant)
        case Table():
            printer.print_string("table (")
            printer.print_list(function.arguments, lambda values: print_values(printer, values))
            printer.print_string(") -> ")
            _print_results(printer, function.results)
            if function.raising:
                printer.print_string(" raising [")
                printer.print_list(function.raising, lambda operands: print_value(printer, operands))
                printer.print_string("]")
            if function.forms:
                printer.print_string(" forms [")
                printer.print_list(function.forms, lambda form: print_value(printer, form))
                printer.print_string("]")
        case Opaque():
            raise CompileError(
                f"the Python function {function.name} can't be printed",
                where=function.where,
                expected="a function that can be written as an expression, or a module whose values are inferred",
                help="run the pass infer-values first: it turns the function into a table",
            )


def _print_results(printer: Printer, results: Sequence[MaybeValue | Unreachable]) -> None:
    if len(results) <= PACK_THRESHOLD:
        printer.print_string("[")
        printer.print_list(results, lambda value: print_value(printer, value))
        printer.print_string("]")
        return
    defined: dict[object, Value] = {}
    for value in results:
        if value is not None and not isinstance(value, Unreachable):
            defined.setdefault(exact_form(value), value)
    keys = {key: code for code, key in enumerate(defined)}
    codes = [
        -1 if value is None else -2 if isinstance(value, Unreachable) else keys[exact_form(value)] for value in results
    ]
    print_values(printer, tuple(defined.values()))
    printer.print_string(" at ")
    print_hex(printer, np.array(codes, dtype="<i4").tobytes())


def _parse_results(parser: AttrParser) -> tuple[MaybeValue | Unreachable, ...]:
    position = parser.pos
    if parser.parse_optional_punctuation("["):
        results: list[MaybeValue | Unreachable] = []
        while not parser.parse_optional_punctuation("]"):
            results.append(UNREACHABLE if parser.parse_optional_keyword("_") else parse_maybe_value(parser))
            if not parser.parse_optional_punctuation(","):
                parser.parse_punctuation("]")
                break
        if parser.parse_optional_keyword("at") is None:
            return tuple(results)
        values: Sequence[MaybeValue | Unreachable] = results
    else:
        values = parse_values(parser)
        parser.parse_keyword("at")
    codes = _parse_codes(parser)
    if codes.size and (codes.max() >= len(values) or codes.min() < -2):
        parser.raise_error("a code of the table's results is out of range", position, position + 1)
    lookup: list[MaybeValue | Unreachable] = [*values, UNREACHABLE, None]
    indices: list[int] = codes.tolist()
    return tuple(lookup[index] for index in indices)


def _parse_tuple(parser: AttrParser) -> tuple[Value, ...]:
    position = parser.pos
    value = parse_value(parser)
    if not isinstance(value, tuple):
        parser.raise_error("expected a tuple of operands", position, parser.pos)
    return value


def _parse_form(parser: AttrParser) -> tuple[tuple[Value, ...], Value]:
    position = parser.pos
    form = _parse_tuple(parser)
    if len(form) != 2 or not isinstance(form[0], tuple):
        parser.raise_error("expected a tuple of operands and a result", position, parser.pos)
    operands, result = form
    assert isinstance(operands, tuple)
    return operands, result


def _parse_codes(parser: AttrParser) -> NDArray[np.int32]:
    return np.frombuffer(parse_hex(parser, 4), dtype="<i4").astype(np.int32)


def parse_function(parser: AttrParser) -> Function:
    """Parse a function attribute."""
    position = parser.pos
    if (text := parse_optional_text(parser)) is not None:
        try:
            return Expression.parse(text)
        except ValueError as error:
            parser.raise_error(str(error), position, parser.pos)
    if parser.parse_optional_keyword("affine"):
        coefficients = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: parse_number(parser))
        constant = parse_number(parser) if parser.parse_optional_punctuation("+") else 0
        return Affine(tuple(coefficients), constant)
    if parser.parse_optional_keyword("table"):
        arguments = parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: parse_values(parser))
        parser.parse_punctuation("->")
        results = _parse_results(parser)
        raising: list[tuple[Value, ...]] = []
        if parser.parse_optional_keyword("raising"):
            raising = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: _parse_tuple(parser))
        forms: list[tuple[tuple[Value, ...], Value]] = []
        if parser.parse_optional_keyword("forms"):
            forms = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: _parse_form(parser))
        try:
            return Table(tuple(arguments), results, tuple(raising), tuple(forms))
        except ValueError as error:
            parser.raise_error(str(error), position, parser.pos)
    if (boolean := parser.parse_optional_boolean()) is not None:
        return Comparison.TRUE if boolean else Comparison.FALSE
    mnemonics: Iterable[str] = [comparison.mnemonic for comparison in Comparison]
    word = parser.parse_optional_keyword_in(tuple(mnemonics))
    if word is None:
        parser.raise_error(
            "expected a function: a comparison (eq, ne, lt, le, gt, ge, true, false), an expression in quotes, "
            "'affine' or 'table'",
            position,
            position + 1,
        )
    return Comparison.from_mnemonic(word)
