"""The selectors of generated programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from raspc import rasp
from raspc.algebra.comparison import Comparison
from raspc.testing import extremes, functions
from raspc.testing.functions import Kind, Template
from raspc.testing.nodes import SelectorNode
from raspc.testing.parts import MAX_COMPARED, REUSED, Parts

PREDICATE_PARAMETERS = ("k", "q")

DEPTH = 6
"""How deep a nest of selectors is at most."""

_COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "True": Comparison.TRUE,
        "False": Comparison.FALSE,
        "k == q": Comparison.EQ,
        "k != q": Comparison.NEQ,
        "k < q": Comparison.LT,
        "k <= q": Comparison.LEQ,
        "k > q": Comparison.GT,
        "k >= q": Comparison.GEQ,
    }
)
"""The predicates that can be given as comparisons too."""


class Selectors(Parts):
    """Builds selectors of what is defined so far and of new parts."""

    def selector(self, size: int) -> SelectorNode:
        """A selector of at most `size` new operations, at least one."""
        return self.choices.part(lambda: self._selector(size))

    def _selector(self, size: int) -> SelectorNode:
        if self.selectors and self._may_reuse(size) and self.choices.flag(REUSED):
            return self.choices.pick(self.selectors)
        weights = {
            "select": 1,
            "selector_not": size >= 2,
            "selector_and": size >= 3,
            "selector_or": size >= 3,
            "selector_nest": size >= 4,
            "constant_selector": 1,
        }
        options = [(name, self.mix[name] * possible) for name, possible in weights.items()]
        if not any(weight for _, weight in options):
            options = [("select", 1.0)]
        match self.choices.weighted(options):
            case "select":
                node = self._select(size)
            case "selector_not":
                inner = self.selector(size - 1)
                node = SelectorNode(~inner.selector, inner.cells)
            case "constant_selector":
                node = self._constant_selector()
            case "selector_nest":
                node = self._nest(size)
            case name:
                node = self._joined(name, size)
        self.selectors.append(node)
        return node

    def _joined(self, name: str, size: int) -> SelectorNode:
        fst, snd = (self.selector(part + 1) for part in self._split(size - 3, 2))
        cells = fst.cells * snd.cells
        if cells > self.max_cells:  # a disjunction is tabulated over all its operands
            return fst
        if name == "selector_or":
            return SelectorNode(fst.selector | snd.selector, cells)
        return SelectorNode(fst.selector & snd.selector, cells, fst.single or snd.single)

    def _nest(self, size: int) -> SelectorNode:
        """And, or and not of a few selectors, each of which it may contain several times."""
        bases: list[SelectorNode] = []
        cells = 1
        for part in self._split(size - 4, self.choices.integer(1, 3)):
            base = self.selector(part + 1)
            if cells * base.cells <= self.max_cells:
                bases.append(base)
                cells *= base.cells
        if not bases:
            return self.selector(1)
        return SelectorNode(self._nested(bases, self.choices.integer(2, DEPTH)), cells)

    def _nested(self, bases: Sequence[SelectorNode], depth: int) -> rasp.Selector:
        if depth == 0:
            return self.choices.pick(bases).selector
        match self.choices.weighted([("not", 1.0), ("and", 1.0), ("or", 1.0)]):
            case "not":
                return ~self._nested(bases, depth - 1)
            case "and":
                return self._nested(bases, depth - 1) & self._nested(bases, self.choices.integer(0, depth - 1))
            case _:
                return self._nested(bases, depth - 1) | self._nested(bases, self.choices.integer(0, depth - 1))

    def _select(self, size: int) -> SelectorNode:
        template = self.choices.pick(
            [
                template
                for template in self._any_of(
                    functions.PREDICATES, functions.RISKY_PREDICATES, extremes.EXTREME_PREDICATES
                )
                if sum(not self._has(kind) for kind in template.operands) < size
            ]
        )
        keys, queries = self._operands(template.operands, size - 1)
        if keys.most * queries.most > (MAX_COMPARED if template.text in _COMPARISONS else self.max_cells):
            affordable = self._affordable([keys, queries], template.operands)
            keys, queries = affordable or (self.leaves[1], self.leaves[1])
        predicate = self._predicate(template)
        return SelectorNode(rasp.Select(keys.sop, queries.sop, predicate), keys.most * queries.most)

    def single_selector(self, size: int) -> SelectorNode:
        """A selector of at most one position for each query, of at most `size` new operations, at least one."""
        return self.choices.part(lambda: self._single_selector(size))

    def _single_selector(self, size: int) -> SelectorNode:
        usable = [node for node in self.selectors if node.single]
        if usable and self.choices.flag(REUSED):
            return self.choices.pick(usable)
        narrowed = size >= 3 and self.mix["selector_and"] > 0 and self.choices.flag(0.2)
        queries = self.sop(Kind.NUMBER, 0 if narrowed else size - 1)
        body = self._filled(self.choices.pick(functions.SINGLE_PREDICATES))
        predicate = Comparison.EQ if body == "k == q" else functions.lambda_of(PREDICATE_PARAMETERS, body)
        cells = queries.most * self.max_seq_len
        node = SelectorNode(rasp.Select(rasp.indices, queries.sop, predicate), cells, single=True)
        if narrowed:
            other = self.selector(size - 2)
            node = SelectorNode(node.selector & other.selector, cells * other.cells, single=True)
        self.selectors.append(node)
        return node

    def _predicate(self, template: Template) -> rasp.Predicate:
        if template.text in _COMPARISONS and self.choices.flag(0.5):
            return _COMPARISONS[template.text]
        return self._function(template, PREDICATE_PARAMETERS)

    def _constant_selector(self) -> SelectorNode:
        positions = range(self.max_seq_len)
        matrix = [[self.choices.flag(0.5) for _ in positions] for _ in positions]
        return SelectorNode(rasp.ConstantSelector(matrix, check_length=False), self.max_seq_len**2)
