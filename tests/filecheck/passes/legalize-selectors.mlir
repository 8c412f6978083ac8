// RUN: rasp-opt %s --split-input-file -p legalize-selectors | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p legalize-selectors -o %t.mlir && rasp-opt %t.mlir --split-input-file -p legalize-selectors | diff %t.mlir -

// NegateSelect: a comparison has an opposite; any other predicate becomes a table. `none` is as good as false, so its complement holds;
// where there is no result, there is none of the complement.

rasp.program @negate_select vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %smaller = rasp.select %tokens, %tokens lt
  %not_smaller = rasp.selector_not %smaller
  %0 = rasp.selector_width %not_smaller : [1, 2]
  %next = rasp.select %tokens, %tokens "k, q -> k == q + 1"
  %not_next = rasp.selector_not %next
  %1 = rasp.selector_width %not_next : [1, 2]
  %table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, none, _]
  %not_table = rasp.selector_not %table
  %2 = rasp.selector_width %not_table : [0, 1, 2]
  %sum = rasp.map(%0, %1, %2) affine [1, 1, 1] : 0 to 6
  rasp.return %sum
}

// CHECK: rasp.program @negate_select vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %not_smaller = rasp.select %tokens, %tokens ge
// CHECK-NEXT:   %0 = rasp.selector_width %not_smaller : [1, 2]
// CHECK-NEXT:   %not_next = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, true, false, true]
// CHECK-NEXT:   %1 = rasp.selector_width %not_next : [1, 2]
// CHECK-NEXT:   %not_table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [false, true, true, _]
// CHECK-NEXT:   %2 = rasp.selector_width %not_table : [0, 1, 2]
// CHECK-NEXT:   %sum = rasp.map(%0, %1, %2) affine [1, 1, 1] : 0 to 6
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// NegateNot and DeMorgan: negations move inward until they meet a select.

rasp.program @negate vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %same = rasp.select %tokens, %tokens eq
  %not_same = rasp.selector_not %same
  %not_not_same = rasp.selector_not %not_same
  %0 = rasp.selector_width %not_not_same : [1, 2]
  %less = rasp.select %tokens, %tokens lt
  %or = rasp.selector_or %not_same, %less
  %neither = rasp.selector_not %or
  %1 = rasp.selector_width %neither : [0, 1, 2]
  %sum = rasp.map(%0, %1) affine [1, 1] : 1 to 4
  rasp.return %sum
}

// CHECK: rasp.program @negate vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %neither = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %not_not_same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %0 = rasp.selector_width %not_not_same : [1, 2]
// CHECK-NEXT:   %neither_1 = rasp.select %tokens, %tokens ge
// CHECK-NEXT:   %neither_2 = rasp.selector_and %neither, %neither_1
// CHECK-NEXT:   %1 = rasp.selector_width %neither_2 : [0, 1, 2]
// CHECK-NEXT:   %sum = rasp.map(%0, %1) affine [1, 1] : 1 to 4
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// The negation of a disjunction is a conjunction, whatever the s-ops; that of a conjunction is a disjunction, to be merged.

rasp.program @de_morgan vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %or = rasp.selector_or %same, %earlier
  %not_or = rasp.selector_not %or
  %0 = rasp.selector_width %not_or : [0, 1]
  %less = rasp.select %tokens, %tokens lt
  %and = rasp.selector_and %same, %less
  %not_and = rasp.selector_not %and
  %1 = rasp.selector_width %not_and : [1, 2]
  %sum = rasp.map(%0, %1) affine [1, 1] : [1, 2, 3]
  rasp.return %sum
}

// CHECK: rasp.program @de_morgan vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %not_or = rasp.select %tokens, %tokens ne
// CHECK-NEXT:   %not_or_1 = rasp.select %indices, %indices ge
// CHECK-NEXT:   %not_or_2 = rasp.selector_and %not_or, %not_or_1
// CHECK-NEXT:   %0 = rasp.selector_width %not_or_2 : [0, 1]
// CHECK-NEXT:   %not_and = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, true, true, true]
// CHECK-NEXT:   %1 = rasp.selector_width %not_and : [1, 2]
// CHECK-NEXT:   %sum = rasp.map(%0, %1) affine [1, 1] : [1, 2, 3]
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// MergeDisjunction: selects of the same keys and queries are one select. Rows of the table are keys: 1 selects 2 (lt), and 2 selects 2 (eq).

rasp.program @same_operands vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %same = rasp.select %tokens, %tokens eq
  %less = rasp.select %tokens, %tokens lt
  %or = rasp.selector_or %same, %less
  %width = rasp.selector_width %or : [1, 2]
  rasp.return %width
}

// CHECK: rasp.program @same_operands vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %or = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, true, false, true]
// CHECK-NEXT:   %width = rasp.selector_width %or : [1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// Selects of different s-ops are one select over tuples: of keys here, as the queries are the same.

rasp.program @tuples vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : [0, 1]
  %same_token = rasp.select %tokens, %tokens eq
  %same_index = rasp.select %indices, %tokens eq
  %or = rasp.selector_or %same_token, %same_index
  %width = rasp.selector_width %or : [0, 1, 2]
  rasp.return %width
}

// CHECK: rasp.program @tuples vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %tuple = rasp.map(%tokens, %indices) "x0, x1 -> (x0, x1)" : [(0, 0), (0, 1), (1, 0), (1, 1)]
// CHECK-NEXT:   %or = rasp.select %tuple, %tokens table ([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1]) -> [true, false, true, true, true, true, false, true]
// CHECK-NEXT:   %width = rasp.selector_width %or : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// An operand that can be undefined is filled first: a tuple would be undefined if either part is, but the disjunction may hold.

rasp.program @filled vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %inverse = rasp.map(%tokens) "x -> 1 / x" : [1.0] or none
  %one = rasp.constant 1 : [1]
  %same = rasp.select %tokens, %one eq
  %same_inverse = rasp.select %inverse, %one eq
  %or = rasp.selector_or %same, %same_inverse
  %width = rasp.selector_width %or : [0, 1, 2]
  rasp.return %width
}

// CHECK: rasp.program @filled vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %inverse = rasp.map(%tokens) "x -> 1 / x" : [1.0] or none
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %itself = rasp.select %indices, %indices eq
// CHECK-NEXT:   %inverse_1 = rasp.aggregate %itself, %inverse default "undefined" : [1.0, "undefined"]
// CHECK-NEXT:   %tuple = rasp.map(%tokens, %inverse_1) "x0, x1 -> (x0, x1)" : [(0, 1.0), (0, "undefined"), (1, 1.0), (1, "undefined")]
// CHECK-NEXT:   %or = rasp.select %tuple, %one table ([(0, 1.0), (0, "undefined"), (1, 1.0), (1, "undefined")], [1]) -> [true, false, true, true]
// CHECK-NEXT:   %width = rasp.selector_width %or : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// ... but not where it is the only one: then it is undefined in all terms together.

rasp.program @not_filled vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %inverse = rasp.map(%tokens) "x -> 1 / x" : [1.0] or none
  %same = rasp.select %inverse, %tokens eq
  %less = rasp.select %inverse, %tokens lt
  %or = rasp.selector_or %same, %less
  %width = rasp.selector_width %or : [0, 1, 2]
  rasp.return %width
}

// CHECK: rasp.program @not_filled vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %inverse = rasp.map(%tokens) "x -> 1 / x" : [1.0] or none
// CHECK-NEXT:   %or = rasp.select %inverse, %tokens table ([1.0], [0, 1]) -> [false, true]
// CHECK-NEXT:   %width = rasp.selector_width %or : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// A conjunction within a disjunction is merged with it; around it, it is left as it is: one head adds up the scores.

rasp.program @conjunctions vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %less = rasp.select %tokens, %tokens lt
  %greater = rasp.select %tokens, %tokens gt
  %later = rasp.select %indices, %indices gt
  %never = rasp.selector_and %less, %greater
  %or = rasp.selector_or %same, %never
  %and = rasp.selector_and %or, %later
  %width = rasp.selector_width %and : [0, 1]
  rasp.return %width
}

// CHECK: rasp.program @conjunctions vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %later = rasp.select %indices, %indices gt
// CHECK-NEXT:   %or = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, false, true]
// CHECK-NEXT:   %and = rasp.selector_and %or, %later
// CHECK-NEXT:   %width = rasp.selector_width %and : [0, 1]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// ExpandLength: the length is the width of a select of everything, in a causal program too.

rasp.program @length vocab [1, 2] max_seq_len 2 causal {
  %length = rasp.length : [1, 2]
  rasp.return %length
}

// CHECK: rasp.program @length vocab [1, 2] max_seq_len 2 causal {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %all = rasp.select %one, %one true
// CHECK-NEXT:   %length = rasp.selector_width %all : [1, 2]
// CHECK-NEXT:   rasp.return %length
// CHECK-NEXT: }

// -----

// What is legal stays as it is.

rasp.program @legal vocab [1, 2] max_seq_len 2 {
// CHECK: rasp.program @legal vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  // CHECK-NEXT: %tokens = rasp.tokens : [1, 2]
  %same = rasp.select %tokens, %tokens "k, q -> k % 2 == q % 2"
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens "k, q -> k % 2 == q % 2"
  %less = rasp.select %tokens, %tokens lt
  // CHECK-NEXT: %less = rasp.select %tokens, %tokens lt
  %and = rasp.selector_and %same, %less
  // CHECK-NEXT: %and = rasp.selector_and %same, %less
  %width = rasp.selector_width %and : [0, 1]
  // CHECK-NEXT: %width = rasp.selector_width %and : [0, 1]
  rasp.return %width
  // CHECK-NEXT: rasp.return %width
}
// CHECK-NEXT: }
