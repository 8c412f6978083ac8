"""Reading a Python function as an expression, without running it.

A short function such as `lambda l, i: l - i - 1` is more useful to the compiler as an expression than as something to
call. `trace` reads the function's bytecode as a stack machine would execute it, with syntax trees in place of values:
a subtraction takes two trees from the stack and leaves the tree of their difference. At a conditional jump it goes
both ways and the result is `… if … else …`.

It gives up (and the function stays an opaque callable) at the first thing that isn't provably the same in an
expression: an instruction it doesn't know, a captured value that isn't a plain constant, a loop, a call, or an
operation whose exceptions an expression would raise later or not at all.
"""

from __future__ import annotations

import ast
import dis
import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from raspc.algebra.expression import MAX_LENGTH, Expression, from_tree, literal
from raspc.algebra.guarded import FUNCTIONS
from raspc.algebra.values import sorted_distinct

_MAX_STEPS = 400
"""How many instructions are read, over all paths: enough for what fits on a few lines."""

_BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "<<": ast.LShift,
    ">>": ast.RShift,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
}

_COMPARE: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}

_UNARY: dict[str, type[ast.unaryop]] = {
    "UNARY_NEGATIVE": ast.USub,
    "UNARY_POSITIVE": ast.UAdd,
    "UNARY_INVERT": ast.Invert,
    "UNARY_NOT": ast.Not,
}


class _UntraceableError(Exception):
    """The function isn't provably an expression."""


def trace(function: Callable[..., Any], parameters: Sequence[str]) -> Expression | None:
    """The expression that computes what `function` computes for `len(parameters)` arguments, if that is certain.

    Constants that the function captures from outside are those of this moment.

    Args:
        function: a function of values.
        parameters: names to use where the function's own can't be used in an expression.

    >>> print(trace(lambda l, i: l - i - 1, ["x", "y"]))
    l, i -> l - i - 1
    >>> print(trace(lambda x: "small" if 0 <= x < 3 else None, ["x"]))
    x -> 'small' if 0 <= x and x < 3 else None
    >>> trace(lambda x: print(x), ["x"]) is None
    True
    """
    if type(function) is not types.FunctionType:
        return None
    code = function.__code__
    variadic = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    resumable = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    if code.co_flags & (variadic | resumable) or code.co_kwonlyargcount or code.co_exceptiontable:
        return None
    own = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    required = len(own) - len(defaults)
    if not required <= len(parameters) <= len(own):
        return None
    names = _usable_names(own[: len(parameters)], parameters)
    try:
        variables: dict[str, ast.expr] = {
            variable: ast.Name(name, ast.Load()) for variable, name in zip(own, names, strict=False)
        }
        for variable, default in zip(own[required:], defaults, strict=True):
            variables.setdefault(variable, _constant(default))
        tree = _Machine(function).run(_State(0, (), variables, frozenset()))
    except _UntraceableError:
        return None
    return from_tree(names, tree)


def _usable_names(own: Sequence[str], fallbacks: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name, fallback in zip(own, fallbacks, strict=True):
        usable = name.isascii() and name.isidentifier() and name not in FUNCTIONS
        candidate = name if usable else fallback
        while candidate in names or (not usable and candidate in own):
            candidate += "_"
        names.append(candidate)
    return names


@dataclass(frozen=True)
class _State:
    """The machine between two instructions.

    Attributes:
        position: the index of the next instruction.
        stack: the trees of the values on the stack, the top last.
        variables: the trees of the local variables.
        tested: the dumps of the trees that were evaluated on the way here, and so can't raise any more.
    """

    position: int
    stack: tuple[ast.expr, ...]
    variables: dict[str, ast.expr]
    tested: frozenset[str]

    def push(self, *trees: ast.expr) -> _State:
        for tree in trees:
            _require_small(tree)
        return replace(self, stack=(*self.stack, *trees))

    def pop(self, count: int) -> tuple[_State, tuple[ast.expr, ...]]:
        if count > len(self.stack):
            raise _UntraceableError
        cut = len(self.stack) - count
        return replace(self, stack=self.stack[:cut]), self.stack[cut:]

    def is_settled(self, tree: ast.expr) -> bool:
        """Whether evaluating the tree can't raise here, so that it doesn't matter when or whether that happens."""
        return _is_trivial(tree) or ast.dump(tree) in self.tested


class _Machine:
    """Executes the instructions of one function symbolically."""

    def __init__(self, function: types.FunctionType):
        self._function = function
        self._instructions = list(dis.get_instructions(function))
        self._index = {instruction.offset: i for i, instruction in enumerate(self._instructions)}
        self._steps = 0

    def run(self, state: _State) -> ast.expr:
        """The tree of what the function returns from this state on."""
        while True:
            self._steps += 1
            if self._steps > _MAX_STEPS or state.position >= len(self._instructions):
                raise _UntraceableError
            instruction = self._instructions[state.position]
            state = replace(state, position=state.position + 1)
            match instruction.opname:
                case "RETURN_VALUE":
                    rest, (result,) = state.pop(1)
                    self._require_settled(rest, rest.stack)
                    return result
                case "RETURN_CONST":
                    self._require_settled(state, state.stack)
                    return _constant(instruction.argval)
                case "JUMP_FORWARD":
                    state = replace(state, position=self._index[instruction.argval])
                case "POP_JUMP_IF_FALSE" | "POP_JUMP_FORWARD_IF_FALSE":
                    state, (test,) = state.pop(1)
                    return self._branch(test, state, self._jump(state, instruction))
                case "POP_JUMP_IF_TRUE" | "POP_JUMP_FORWARD_IF_TRUE":
                    state, (test,) = state.pop(1)
                    return self._branch(test, self._jump(state, instruction), state)
                case "JUMP_IF_FALSE_OR_POP":
                    popped, (test,) = state.pop(1)
                    return self._branch(test, popped, self._jump(state, instruction))
                case "JUMP_IF_TRUE_OR_POP":
                    popped, (test,) = state.pop(1)
                    return self._branch(test, self._jump(state, instruction), popped)
                case _:
                    state = self._step(state, instruction)

    def _jump(self, state: _State, instruction: dis.Instruction) -> _State:
        return replace(state, position=self._index[instruction.argval])

    def _branch(self, test: ast.expr, if_true: _State, if_false: _State) -> ast.expr:
        """Go both ways. What is on the stack was evaluated before the test; in the tree it may come after it."""
        test = _without_bool(test)
        results: list[ast.expr] = []
        for state in (if_true, if_false):
            state = replace(state, tested=state.tested | {ast.dump(tree) for tree in _evaluated_parts(test)})
            self._require_settled(state, state.stack)
            results.append(self.run(state))
        return _choice(test, *results)

    def _require_settled(self, state: _State, trees: Sequence[ast.expr]) -> None:
        if not all(state.is_settled(tree) for tree in trees):
            raise _UntraceableError

    def _step(self, state: _State, instruction: dis.Instruction) -> _State:
        """Execute an instruction that neither jumps nor returns."""
        argument = instruction.argval
        match instruction.opname:
            case "RESUME" | "NOP" | "CACHE" | "EXTENDED_ARG" | "COPY_FREE_VARS" | "NOT_TAKEN":
                return state
            case "LOAD_CONST":
                is_container = self._instructions[state.position].opname == "CONTAINS_OP"
                return state.push(_constant(_as_tuple(argument) if is_container else argument))
            case "LOAD_SMALL_INT":
                return state.push(_constant(argument))
            case "LOAD_FAST" | "LOAD_FAST_CHECK" | "LOAD_FAST_BORROW":
                return state.push(_variable(state, argument))
            case "LOAD_FAST_LOAD_FAST" | "LOAD_FAST_BORROW_LOAD_FAST_BORROW":
                return state.push(*(_variable(state, name) for name in argument))
            case "LOAD_GLOBAL" if not (instruction.arg or 0) & 1 and argument in self._function.__globals__:
                return state.push(_constant(self._function.__globals__[argument]))
            case "LOAD_DEREF":
                return state.push(_constant(self._captured(argument)))
            case "STORE_FAST":
                return self._store(state, (argument,))
            case "STORE_FAST_STORE_FAST":
                return self._store(state, argument)
            case "STORE_FAST_LOAD_FAST":
                state = self._store(state, argument[:1])
                return state.push(_variable(state, argument[1]))
            case "POP_TOP":
                rest, dropped = state.pop(1)
                self._require_settled(rest, dropped)
                return rest
            case "COPY":
                _, top = state.pop(instruction.arg or 1)
                return state.push(top[0])
            case "SWAP":
                rest, (first, *middle, last) = state.pop(instruction.arg or 2)
                # What moves up is evaluated later in the tree than it was.
                self._require_settled(rest, (first, *middle, last)[:-1])
                return rest.push(last, *middle, first)
            case _:
                return self._operate(state, instruction)

    def _operate(self, state: _State, instruction: dis.Instruction) -> _State:
        """Execute an instruction that computes a value from those on the stack."""
        match instruction.opname:
            case "UNARY_NEGATIVE" | "UNARY_POSITIVE" | "UNARY_INVERT" | "UNARY_NOT" as name:
                rest, (operand,) = state.pop(1)
                return rest.push(
                    ast.UnaryOp(_UNARY[name](), _without_bool(operand) if name == "UNARY_NOT" else operand)
                )
            case "CALL_INTRINSIC_1" if instruction.argrepr == "INTRINSIC_UNARY_POSITIVE":
                rest, (operand,) = state.pop(1)
                return rest.push(ast.UnaryOp(ast.UAdd(), operand))
            case "TO_BOOL":
                rest, (operand,) = state.pop(1)
                return rest.push(ast.Call(ast.Name("bool", ast.Load()), [operand], []))
            case "BINARY_OP":
                rest, (left, right) = state.pop(2)
                if instruction.argrepr == "[]":
                    return rest.push(ast.Subscript(left, right, ast.Load()))
                operator = _BINARY.get(instruction.argrepr.removesuffix("="))
                if operator is None:
                    raise _UntraceableError
                return rest.push(ast.BinOp(left, operator(), right))
            case "COMPARE_OP" if instruction.argval in _COMPARE:
                rest, (left, right) = state.pop(2)
                return rest.push(ast.Compare(left, [_COMPARE[instruction.argval]()], [right]))
            case "CONTAINS_OP":
                rest, (item, container) = state.pop(2)
                return rest.push(ast.Compare(item, [ast.NotIn() if instruction.arg else ast.In()], [container]))
            case "BINARY_SUBSCR":
                rest, (value, index) = state.pop(2)
                return rest.push(ast.Subscript(value, index, ast.Load()))
            case "BUILD_SLICE":
                rest, bounds = state.pop(instruction.arg or 2)
                return rest.push(_slice(bounds))
            case "BINARY_SLICE":
                rest, (value, *bounds) = state.pop(3)
                return rest.push(ast.Subscript(value, _slice(bounds), ast.Load()))
            case "BUILD_TUPLE":
                rest, items = state.pop(instruction.arg or 0)
                return rest.push(ast.Tuple(list(items), ast.Load()))
            case _:
                raise _UntraceableError

    def _captured(self, name: str) -> object:
        cells = dict(zip(self._function.__code__.co_freevars, self._function.__closure__ or (), strict=True))
        try:
            return cells[name].cell_contents
        except (KeyError, ValueError):  # not captured from outside, or not assigned yet
            raise _UntraceableError from None

    def _store(self, state: _State, names: Sequence[str]) -> _State:
        rest, values = state.pop(len(names))
        self._require_settled(rest, values)
        # The top of the stack goes into the first name.
        return replace(rest, variables={**rest.variables, **dict(zip(names, reversed(values), strict=True))})


def _variable(state: _State, name: str) -> ast.expr:
    if name not in state.variables:
        raise _UntraceableError
    return state.variables[name]


def _require_small(tree: ast.expr) -> None:
    """Give up on a tree with more nodes than an expression can have: one that is in itself twice, and so on, has many.

    Only what is walked here is walked, and no more than the limit.
    """
    nodes = 0
    stack: list[ast.AST] = [tree]
    while stack:
        nodes += 1
        if nodes > MAX_LENGTH:
            raise _UntraceableError
        stack.extend(ast.iter_child_nodes(stack.pop()))


def _constant(value: object) -> ast.expr:
    if isinstance(value, slice):  # Python 3.14 folds constant slices
        bounds = cast("slice[object, object, object]", value)
        return _slice([_constant(bound) for bound in (bounds.start, bounds.stop, bounds.step)])
    tree = ast.Constant(None) if value is None else literal(value)
    if tree is None:
        raise _UntraceableError
    return tree


def _as_tuple(container: object) -> object:
    """The right side of an `in`: a tuple for a set of plain constants, in an order that doesn't depend on hashes."""
    if not isinstance(container, frozenset):
        return container
    items = cast("frozenset[Any]", container)
    if any(literal(item) is None for item in items):
        raise _UntraceableError
    return sorted_distinct(items)


def _slice(bounds: Sequence[ast.expr]) -> ast.Slice:
    given = [None if isinstance(bound, ast.Constant) and bound.value is None else bound for bound in bounds]
    return ast.Slice(*given)


def _is_trivial(tree: ast.expr) -> bool:
    match tree:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
        case ast.Tuple(elts=items):
            return all(_is_trivial(item) for item in items)
        case _:
            return False


def _evaluated_parts(tree: ast.expr) -> Iterator[ast.expr]:
    """The tree and its parts that are evaluated whenever it is."""
    yield tree
    parts: Sequence[ast.expr]
    match tree:
        case ast.UnaryOp(operand=operand):
            parts = (operand,)
        case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
            parts = (left, right)
        case ast.Tuple(elts=items):
            parts = items
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first) | ast.Call(args=[first]):
            parts = (first,)
        case _:
            parts = ()
    for part in parts:
        yield from _evaluated_parts(part)


def _without_bool(tree: ast.expr) -> ast.expr:
    """A tree with the same truth: `x` for `bool(x)`."""
    match tree:
        case ast.Call(func=ast.Name(id="bool"), args=[operand]):
            return operand
        case _:
            return tree


def _choice(test: ast.expr, if_true: ast.expr, if_false: ast.expr) -> ast.expr:
    """`if_true if test else if_false`, written with `and` and `or` where that says the same."""
    if _same(if_false, test):
        return _joined(ast.And(), test, if_true)
    if _same(if_true, test):
        return _joined(ast.Or(), test, if_false)
    match if_true, if_false:
        case ast.IfExp(), _ if _same(if_true.orelse, if_false):
            return ast.IfExp(_joined(ast.And(), test, if_true.test), if_true.body, if_false)
        case _, ast.IfExp() if _same(if_false.body, if_true):
            return ast.IfExp(_joined(ast.Or(), test, if_false.test), if_true, if_false.orelse)
        case _:
            return ast.IfExp(test, if_true, if_false)


def _joined(operator: ast.And | ast.Or, left: ast.expr, right: ast.expr) -> ast.BoolOp:
    nested = right.values if isinstance(right, ast.BoolOp) and type(right.op) is type(operator) else [right]
    return ast.BoolOp(operator, [left, *nested])


def _same(left: ast.expr, right: ast.expr) -> bool:
    return ast.dump(left) == ast.dump(right)
