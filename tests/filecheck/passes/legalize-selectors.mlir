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
  %table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, none, true]
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
// CHECK-NEXT:   %not_table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [false, true, true, false]
// CHECK-NEXT:   %2 = rasp.selector_width %not_table : [0, 1, 2]
// CHECK-NEXT:   %sum = rasp.map(%0, %1, %2) affine [1, 1, 1] : 0 to 6
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

rasp.program @negate_what_never_occurs vocab [1, 2] max_seq_len 1 {
  %tokens = rasp.tokens : [1, 2]
  %table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, _, _, none]
  %not_table = rasp.selector_not %table
  %width = rasp.selector_width %not_table : [0, 1]
  rasp.return %width
}

// CHECK: rasp.program @negate_what_never_occurs vocab [1, 2] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %not_table = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [false, _, _, true]
// CHECK-NEXT:   %width = rasp.selector_width %not_table : [0, 1]
// CHECK-NEXT:   rasp.return %width
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
// CHECK-NEXT:   %not_not_same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %0 = rasp.selector_width %not_not_same : [1, 2]
// CHECK-NEXT:   %neither = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, false, true]
// CHECK-NEXT:   %1 = rasp.selector_width %neither : [0, 1, 2]
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
// CHECK-NEXT:   %not_and = rasp.select %tokens, %tokens ne
// CHECK-NEXT:   %not_or = rasp.select %indices, %indices ge
// CHECK-NEXT:   %not_or_1 = rasp.selector_and %not_and, %not_or
// CHECK-NEXT:   %0 = rasp.selector_width %not_or_1 : [0, 1]
// CHECK-NEXT:   %not_and_1 = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, true, true, true]
// CHECK-NEXT:   %1 = rasp.selector_width %not_and_1 : [1, 2]
// CHECK-NEXT:   %sum = rasp.map(%0, %1) affine [1, 1] : [1, 2, 3]
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// Selects of the same keys and queries are one select. Rows of the table are keys: 1 selects 2 (lt), and 2 selects 2 (eq).

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

// Selects of different s-ops may be one select over tuples: of keys here, as the queries are the same.

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
// CHECK-NEXT:   %tuple = rasp.map(%tokens, %indices) table ([0, 1], [0, 1]) -> [(0, 0), (0, 1), (0, 1), (1, 1)] : [(0, 0), (0, 1), (1, 1)]
// CHECK-NEXT:   %or = rasp.select %tuple, %tokens table ([(0, 0), (0, 1), (1, 1)], [0, 1]) -> [true, false, true, true, false, true]
// CHECK-NEXT:   %width = rasp.selector_width %or : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// An operand that can be undefined is filled first: a tuple would be undefined if either part is, but the disjunction may hold.

rasp.program @filled vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : [0, 1]
  %one = rasp.constant 1 : [1]
  %before = rasp.select %indices, %indices lt
  %previous = rasp.aggregate %before, %tokens : [0, 1] or none
  %same = rasp.select %tokens, %one eq
  %same_previous = rasp.select %previous, %one eq
  %or = rasp.selector_or %same, %same_previous
  %index = rasp.aggregate %or, %indices : [0, 0.5, 1] or none
  rasp.return %index
}

// CHECK: rasp.program @filled vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %before = rasp.select %indices, %indices lt
// CHECK-NEXT:   %previous = rasp.aggregate %before, %tokens : [0, 1] or none
// CHECK-NEXT:   %indices_1 = rasp.indices : [0, 1]
// CHECK-NEXT:   %itself = rasp.select %indices_1, %indices_1 eq
// CHECK-NEXT:   %previous_filled = rasp.aggregate %itself, %previous default "undefined" : [0, 1, "undefined"]
// CHECK-NEXT:   %tuple = rasp.map(%tokens, %previous_filled) table ([0, 1], [0, 1, "undefined"]) -> [none, (0, 1), none, (0, 1), (0, 1), (0, 1)] : [(0, 1)] or none
// CHECK-NEXT:   %or = rasp.select %tuple, %one table ([(0, 1)], [1]) -> [true]
// CHECK-NEXT:   %index = rasp.aggregate %or, %indices : [0, 0.5, 1] or none
// CHECK-NEXT:   rasp.return %index
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

// A conjunction within a disjunction of the same s-ops is merged with it; around it, it is left as it is.

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
// CHECK-NEXT:   %and = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, false, true]
// CHECK-NEXT:   %and_1 = rasp.selector_and %and, %later
// CHECK-NEXT:   %width = rasp.selector_width %and_1 : [0, 1]
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

// Atoms that occur several times are one, and a conjunction of clauses is cheaper than tuples: same and (less or greater), with `or` of the same s-ops.

rasp.program @factored vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1, 2]
  %same = rasp.select %tokens, %tokens eq
  %same_again = rasp.select %tokens, %tokens "k, q -> q == k"
  %earlier = rasp.select %indices, %indices lt
  %later = rasp.select %indices, %indices gt
  %before = rasp.selector_and %same, %earlier
  %after = rasp.selector_and %same_again, %later
  %or = rasp.selector_or %before, %after
  %width = rasp.selector_width %or : [0, 1, 2]
  rasp.return %width
}

// CHECK: rasp.program @factored vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %or = rasp.select %indices, %indices table ([0, 1, 2], [0, 1, 2]) -> [false, true, true, true, false, true, true, true, false]
// CHECK-NEXT:   %or_1 = rasp.selector_and %same, %or
// CHECK-NEXT:   %width = rasp.selector_width %or_1 : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// Operands that are functions of one s-op: the select is one of that s-op. A map that nothing else reads vanishes.

rasp.program @sources vocab [1, 2] max_seq_len 2 {
  %indices = rasp.indices : [0, 1]
  %next = rasp.map(%indices) "i -> i + 1" : [1, 2]
  %previous = rasp.map(%indices) "i -> i - 1" : [-1, 0]
  %a = rasp.select %next, %indices eq
  %b = rasp.select %previous, %indices eq
  %or = rasp.selector_or %a, %b
  %width = rasp.selector_width %or : [0, 1]
  rasp.return %width
}

// CHECK: rasp.program @sources vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %or = rasp.select %indices, %indices table ([0, 1], [0, 1]) -> [false, true, true, false]
// CHECK-NEXT:   %width = rasp.selector_width %or : [0, 1]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// A conjunction of selects of the same s-ops is one select where that takes fewer dimensions, as it does for a window ...

rasp.program @window vocab [1, 2] max_seq_len 4 {
  %indices = rasp.indices : 0 to 3
  %to_here = rasp.select %indices, %indices le
  %near = rasp.select %indices, %indices "k, q -> k >= q - 1"
  %and = rasp.selector_and %to_here, %near
  %width = rasp.selector_width %and : [1, 2]
  rasp.return %width
}

// CHECK: rasp.program @window vocab [1, 2] max_seq_len 4 {
// CHECK-NEXT:   %indices = rasp.indices : 0 to 3
// CHECK-NEXT:   %and = rasp.select %indices, %indices table (0 to 3, 0 to 3) -> [true, true, false, false, false, true, true, false, false, false, true, true, false, false, false, true]
// CHECK-NEXT:   %width = rasp.selector_width %and : [1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// ... and is left alone where it takes more: 2 + 3 against 6.

rasp.program @not_merged vocab [1, 2] max_seq_len 6 {
  %indices = rasp.indices : 0 to 5
  %even = rasp.select %indices, %indices "k, q -> k % 2 == q % 2"
  %third = rasp.select %indices, %indices "k, q -> k % 3 == q % 3"
  %and = rasp.selector_and %even, %third
  %width = rasp.selector_width %and : [1]
  rasp.return %width
}

// CHECK: rasp.program @not_merged vocab [1, 2] max_seq_len 6 {
// CHECK-NEXT:   %indices = rasp.indices : 0 to 5
// CHECK-NEXT:   %even = rasp.select %indices, %indices "k, q -> k % 2 == q % 2"
// CHECK-NEXT:   %third = rasp.select %indices, %indices "k, q -> k % 3 == q % 3"
// CHECK-NEXT:   %and = rasp.selector_and %even, %third
// CHECK-NEXT:   %width = rasp.selector_width %and : [1]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// Selects of which never two hold at once are a clause: one head adds up their scores. The tuples would take more.

rasp.program @disjoint vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1, 2]
  %ones = rasp.select %tokens, %indices "k, q -> k == 1 and q > 0"
  %first = rasp.select %indices, %indices "k, q -> k == q == 0"
  %or = rasp.selector_or %ones, %first
  %mean = rasp.aggregate %or, %indices : [0, 0.5, 1, 1.5, 2] or none
  rasp.return %mean
}

// CHECK: rasp.program @disjoint vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %ones = rasp.select %tokens, %indices "k, q -> k == 1 and q > 0"
// CHECK-NEXT:   %first = rasp.select %indices, %indices "k, q -> k == q == 0"
// CHECK-NEXT:   %or = rasp.selector_or %ones, %first disjoint
// CHECK-NEXT:   %mean = rasp.aggregate %or, %indices : [0, 0.5, 1, 1.5, 2] or none
// CHECK-NEXT:   rasp.return %mean
// CHECK-NEXT: }

// -----

// Values that no select tells apart are one class, and what is never selected is undefined.

rasp.program @classes vocab [1, 2, 3] max_seq_len 3 {
  %tokens = rasp.tokens : [1, 2, 3]
  %indices = rasp.indices : [0, 1, 2]
  %marked = rasp.select %tokens, %tokens "k, q -> k == 3"
  %first = rasp.select %indices, %tokens "k, q -> k == 0"
  %or = rasp.selector_or %marked, %first
  %mean = rasp.aggregate %or, %indices : [0, 0.5, 1, 1.5, 2] or none
  rasp.return %mean
}

// CHECK: rasp.program @classes vocab [1, 2, 3] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2, 3]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %tuple = rasp.map(%tokens, %indices) table ([1, 2, 3], [0, 1, 2]) -> [(1, 0), none, none, (1, 0), none, none, (1, 0), (1, 0), (1, 0)] : [(1, 0)] or none
// CHECK-NEXT:   %or = rasp.select %tuple, %tokens table ([(1, 0)], [1, 2, 3]) -> [true, true, true]
// CHECK-NEXT:   %mean = rasp.aggregate %or, %indices : [0, 0.5, 1, 1.5, 2] or none
// CHECK-NEXT:   rasp.return %mean
// CHECK-NEXT: }

// -----

// The width of a disjunction that would take many tuples: the length less what isn't selected ...

rasp.program @complement vocab 1 to 5 max_seq_len 5 {
  %tokens = rasp.tokens : 1 to 5
  %indices = rasp.indices : 0 to 4
  %same = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %or = rasp.selector_or %same, %earlier
  %width = rasp.selector_width %or : 1 to 5
  rasp.return %width
}

// CHECK: rasp.program @complement vocab 1 to 5 max_seq_len 5 {
// CHECK-NEXT:   %tokens = rasp.tokens : 1 to 5
// CHECK-NEXT:   %indices = rasp.indices : 0 to 4
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %all = rasp.select %one, %one true
// CHECK-NEXT:   %width_count = rasp.selector_width %all : 1 to 5
// CHECK-NEXT:   %width_number = rasp.cast %width_count : numerical 1 to 5
// CHECK-NEXT:   %width = rasp.select %tokens, %tokens ne
// CHECK-NEXT:   %width_1 = rasp.select %indices, %indices ge
// CHECK-NEXT:   %width_2 = rasp.selector_and %width, %width_1
// CHECK-NEXT:   %width_count_1 = rasp.selector_width %width_2 : 0 to 5
// CHECK-NEXT:   %width_number_1 = rasp.cast %width_count_1 : numerical 0 to 5
// CHECK-NEXT:   %width_sum = rasp.map(%width_number, %width_number_1) affine [1, -1] : numerical 1 to 5
// CHECK-NEXT:   %width_3 = rasp.cast %width_sum : categorical 1 to 5
// CHECK-NEXT:   rasp.return %width_3
// CHECK-NEXT: }

// -----

// What is legal stays as it is.

rasp.program @legal vocab [1, 2] max_seq_len 2 {
// CHECK: rasp.program @legal vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  // CHECK-NEXT: %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1]
  // CHECK-NEXT: %indices = rasp.indices : [0, 1]
  %same = rasp.select %tokens, %tokens "k, q -> k % 2 == q % 2"
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens "k, q -> k % 2 == q % 2"
  %less = rasp.select %indices, %indices lt
  // CHECK-NEXT: %less = rasp.select %indices, %indices lt
  %and = rasp.selector_and %same, %less
  // CHECK-NEXT: %and = rasp.selector_and %same, %less
  %width = rasp.selector_width %and : [0, 1]
  // CHECK-NEXT: %width = rasp.selector_width %and : [0, 1]
  rasp.return %width
  // CHECK-NEXT: rasp.return %width
}
// CHECK-NEXT: }

// -----

// Equal selects are one: the first, which stands before all that reads any of them.

rasp.program @equal_selects vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : [1, 2]
  %indices = rasp.indices : [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %before = rasp.select %indices, %indices lt
  %same_before = rasp.selector_and %same, %before
  %again = rasp.select %tokens, %tokens eq
  %after = rasp.select %indices, %indices gt
  %same_after = rasp.selector_and %again, %after
  %next = rasp.aggregate %same_after, %tokens default 1 : [1, 2]
  %last = rasp.aggregate %same_before, %next default 1 : [1, 2]
  rasp.return %last
}

// CHECK: rasp.program @equal_selects vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %before = rasp.select %indices, %indices lt
// CHECK-NEXT:   %same_before = rasp.selector_and %same, %before
// CHECK-NEXT:   %after = rasp.select %indices, %indices gt
// CHECK-NEXT:   %same_after = rasp.selector_and %same, %after
// CHECK-NEXT:   %next = rasp.aggregate %same_after, %tokens default 1 : [1, 2]
// CHECK-NEXT:   %last = rasp.aggregate %same_before, %next default 1 : [1, 2]
// CHECK-NEXT:   rasp.return %last
// CHECK-NEXT: }
