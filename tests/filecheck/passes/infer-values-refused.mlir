// RUN: rasp-opt %s --split-input-file -p infer-values --verify-diagnostics | filecheck %s

// A domain that is written must contain what is inferred.

rasp.program @domain vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1]
  rasp.return %tokens
}
// CHECK: 'tokens': it can be 2, which is not in its domain
// CHECK-NEXT: help: write ? to have it inferred

// -----

rasp.program @domain_undefined vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %inverse = rasp.map(%tokens) "x -> 1 / x" : [1.0]
  rasp.return %inverse
}
// CHECK: 'inverse': it can be undefined, which is not in its domain
// CHECK-NEXT: help: write ? to have it inferred

// -----

// A function or a predicate that has no meaning on tokens and indices, which certainly occur.

rasp.program @function vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %upper = rasp.map(%tokens) "x -> x.upper()" : ?
  rasp.return %upper
}
// CHECK: 'upper': 'x -> x.upper()' has no meaning on [1]: the function raised AttributeError ('int' object has no attribute 'upper') for 1
// CHECK-NEXT: expected: a function that gives a value for every value of its operands
// CHECK-NEXT: help: return None, or raise an ArithmeticError or a ValueError, to mean undefined

// -----

rasp.program @affine vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %double = rasp.map(%tokens) affine [2] + 1 : ?
  rasp.return %double
}
// CHECK: 'double': an affine combination [2] + 1 has no meaning on ['a']: the function raised TypeError (an affine combination needs numbers, got 'a') for 'a'
// CHECK-NEXT: expected: a function that gives a value for every value of its operands
// CHECK-NEXT: help: return None, or raise an ArithmeticError or a ValueError, to mean undefined

// -----

rasp.program @table vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %missing = rasp.map(%tokens) table ([1]) -> [5] : ?
  rasp.return %missing
}
// CHECK: 'missing': a table has no meaning on [2]: the function raised TypeError (2 is outside the table) for 2
// CHECK-NEXT: expected: a function that gives a value for every value of its operands
// CHECK-NEXT: help: return None, or raise an ArithmeticError or a ValueError, to mean undefined

// -----

rasp.program @unreachable_result vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %hole = rasp.map(%tokens) table ([1, 2]) -> [5, _] : ?
  rasp.return %hole
}
// CHECK: 'hole': a table has no meaning on [2]: the function raised TypeError (the function has no meaning on (2,)) for 2
// CHECK-NEXT: expected: a function that gives a value for every value of its operands
// CHECK-NEXT: help: return None, or raise an ArithmeticError or a ValueError, to mean undefined

// -----

rasp.program @predicate vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %smaller = rasp.select %tokens, %tokens lt
  %width = rasp.selector_width %smaller : ?
  rasp.return %width
}
// CHECK: 'smaller': lt has no meaning on [1, 'a']: the predicate raised TypeError ('<' not supported between instances of 'str' and 'int') for key 'a' and query 1
// CHECK-NEXT: expected: a predicate that holds or doesn't for every key and query

// -----

// An aggregate that averages strings: of the tokens, and at indices that only long inputs have.

rasp.program @average vocab ["a", "b"] max_seq_len 5 {
  %tokens = rasp.tokens : ?
  %every = rasp.select %tokens, %tokens true
  %average = rasp.aggregate %every, %tokens : ?
  rasp.return %average
}
// CHECK: 'average': on ['a', 'b'] it selects the different values 'a', 'b', of which there is no mean
// CHECK-NEXT: expected: equal values, or numbers
// CHECK-NEXT: help: select one position or equal values, or average numbers

// -----

rasp.program @late vocab ["a", "b"] max_seq_len 40 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %zero = rasp.constant 0 : ?
  %two = rasp.select %indices, %zero "k, q -> k == 20 or k == 30"
  %average = rasp.aggregate %two, %tokens : ?
  rasp.return %average
}
// CHECK: 'average': on ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', … (31 tokens)] it selects the different values 'a', 'b', of which there is no mean

// -----

// The length is known as well as tokens and indices are.

rasp.program @length vocab ["a"] max_seq_len 7 {
  %indices = rasp.indices : ?
  %length = rasp.length : ?
  %letter = rasp.map(%length, %indices) "l, i -> 'abcde'[l - i - 1]" : ?
  rasp.return %letter
}
// CHECK: 'letter': 'l, i -> 'abcde'[l - i - 1]' has no meaning on ['a', 'a', 'a', 'a', 'a', 'a']: the function raised IndexError (string index out of range) for 6, 0

// -----

// A function that has no meaning on any of the inputs that were tried, though it reads a width.

rasp.program @tried vocab ["a", "b", "c"] max_seq_len 30 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : ?
  %many = rasp.map(%width) "w -> w if w == 29 else w.upper()" : ?
  rasp.return %many
}
// CHECK: 'many': 'w -> w if w == 29 else w.upper()' has no meaning on any of {{[0-9]+}} inputs that were tried, such as ['a']: the function raised AttributeError ('int' object has no attribute 'upper') for 1

// -----

// A function that has no meaning on any value, though none of them is certain to occur.

rasp.program @never vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : ?
  %upper = rasp.map(%width) "x -> x.upper()" : ?
  rasp.return %upper
}
// CHECK: 'upper': 'x -> x.upper()' has no meaning on any input, such as [1]: the function raised AttributeError ('int' object has no attribute 'upper') for 1
// CHECK-NEXT: expected: a function that gives a value for every value of its operands
// CHECK-NEXT: help: return None, or raise an ArithmeticError or a ValueError, to mean undefined

// -----

// A function or a predicate that tells 1 from 1.0, where an aggregate may give either.

rasp.program @types vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : ?
  %text = rasp.map(%mean) "x -> str(x)" : ?
  rasp.return %text
}
// CHECK: 'text': 'x -> str(x)' tells equal numbers apart: on (0,) and its equals it gives '0', 'False', '0.0'
// CHECK-NEXT: expected: a function that gives the same for 1, 1.0 and True, of which an aggregate gives any
// CHECK-NEXT: help: convert the argument, with int() or float(), before its type matters

// -----

rasp.program @types_in_predicate vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : ?
  %like = rasp.select %mean, %tokens "k, q -> str(k) == str(q)"
  %width = rasp.selector_width %like : ?
  rasp.return %width
}
// CHECK: 'like': 'k, q -> str(k) == str(q)' tells equal numbers apart: forms of 0 and 0 differ
// CHECK-NEXT: expected: a predicate that gives the same for 1, 1.0 and True, of which an aggregate gives any

// -----

// Too many combinations, values or means.

rasp.program @combinations vocab [1, 2] max_seq_len 400 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %less = rasp.select %tokens, %tokens lt
  %same_width = rasp.selector_width %same : ?
  %less_width = rasp.selector_width %less : ?
  %sum = rasp.map(%same_width, %less_width) affine [1, 1] : ?
  rasp.return %sum
}
// CHECK: 'sum': its operands 'same_width' (400 values) and 'less_width' (400 values) have 160000 combinations of values
// CHECK-NEXT: expected: at most 131072 combinations
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len, or map 'same_width' to fewer values first

// -----

rasp.program @values vocab 0 to 129 max_seq_len 130 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %pair = rasp.map(%tokens, %indices) "x, i -> (x, i)" : ?
  rasp.return %pair
}
// CHECK: 'pair': the domain has 16900 values
// CHECK-NEXT: expected: at most 16384 values
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len

// -----

rasp.program @pairs vocab [0] max_seq_len 1100 {
  %indices = rasp.indices : ?
  %less = rasp.select %indices, %indices lt
  %width = rasp.selector_width %less : ?
  rasp.return %width
}
// CHECK: 'less': its keys and queries 'indices' (1100 values) and 'indices' (1100 values) have 1210000 combinations of values
// CHECK-NEXT: expected: at most 1048576 combinations
// CHECK-NEXT: help: use a smaller vocabulary or max_seq_len, or map 'indices' to fewer values first

// -----

rasp.program @means vocab 0 to 1000 max_seq_len 100 {
  %tokens = rasp.tokens : ?
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : ?
  rasp.return %mean
}
// CHECK: 'mean': a mean of up to 100 of 1001 numbers has over 18001 values
// CHECK-NEXT: expected: at most 16384 values
// CHECK-NEXT: help: average fewer or rounder numbers (a common denominator helps), or reduce max_seq_len

// -----

// What is too large to compute is refused. It isn't undefined.

rasp.program @huge vocab [0, 1] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  %huge = rasp.map(%tokens) "x -> 9**9**9**9" : ?
  rasp.return %huge
}
// CHECK: 'huge': 'x -> 9 ** 9 ** 9 ** 9' can't be evaluated on 0: 9 ** 387420489 would be larger than 65536 bits
// CHECK-NEXT: help: use values that are smaller and less deeply nested
