// RUN: rasp-opt %s --split-input-file -p infer-values | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values -o %t.mlir && rasp-opt %t.mlir --split-input-file -p infer-values | diff %t.mlir -

// The inputs, and what is computed of them. An index is less than the length, so `l - i - 1` can't be negative.

rasp.program @reverse vocab ["a", "b"] max_seq_len 4 {
// CHECK: rasp.program @reverse vocab ["a", "b"] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ["a", "b"]
  %indices = rasp.indices : ?
  // CHECK-NEXT: %indices = rasp.indices : 0 to 3
  %length = rasp.length : ?
  // CHECK-NEXT: %length = rasp.length : 1 to 4
  %one = rasp.constant 1 : ?
  // CHECK-NEXT: %one = rasp.constant 1 : [1]
  %opposite = rasp.map(%length, %indices, %one) "l, i, one -> l - i - one" : ?
  // CHECK-NEXT: %opposite = rasp.map(%length, %indices, %one) "l, i, one -> l - i - one" : 0 to 3
  %flip = rasp.select %indices, %opposite eq
  // CHECK-NEXT: %flip = rasp.select %indices, %opposite eq
  %reverse = rasp.aggregate %flip, %tokens : ?
  // CHECK-NEXT: %reverse = rasp.aggregate %flip, %tokens : ["a", "b"]
  rasp.return %reverse
  // CHECK-NEXT: rasp.return %reverse
}
// CHECK-NEXT: }

// -----

// A domain that is written already is narrowed to what is inferred; an encoding stays as it is.

rasp.program @narrowed vocab [1, 2] max_seq_len 2 {
// CHECK: rasp.program @narrowed vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1, 2]
  // CHECK-NEXT: %tokens = rasp.tokens : categorical [1, 2]
  %double = rasp.map(%tokens) "x -> 2 * x" : numerical 0 to 4 or none
  // CHECK-NEXT: %double = rasp.map(%tokens) "x -> 2 * x" : numerical [2, 4]
  rasp.return %double
  // CHECK-NEXT: rasp.return %double
}
// CHECK-NEXT: }

// -----

// Maps of one source are evaluated together: `10 x + y` is 11 or 22 and never 12.

rasp.program @jointly vocab [1, 2] max_seq_len 2 {
// CHECK: rasp.program @jointly vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : [1, 2]
  %tens = rasp.map(%tokens) affine [10] : ?
  // CHECK-NEXT: %tens = rasp.map(%tokens) affine [10] : [10, 20]
  %sum = rasp.map(%tens, %tokens) affine [1, 1] : ?
  // CHECK-NEXT: %sum = rasp.map(%tens, %tokens) affine [1, 1] : [11, 22]
  %same = rasp.map(%tens, %sum) lt : ?
  // CHECK-NEXT: %same = rasp.map(%tens, %sum) lt : [true]
  rasp.return %sum
  // CHECK-NEXT: rasp.return %sum
}
// CHECK-NEXT: }

// -----

// A map is undefined where it raises an ArithmeticError or a ValueError, where it gives None, and where an operand is undefined.

rasp.program @undefined vocab [0, 1, 2] max_seq_len 1 {
// CHECK: rasp.program @undefined vocab [0, 1, 2] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : [0, 1, 2]
  %inverse = rasp.map(%tokens) "x -> 1 / x" : ?
  // CHECK-NEXT: %inverse = rasp.map(%tokens) "x -> 1 / x" : [0.5, 1.0] or none
  %none = rasp.map(%tokens) "x -> None if x == 1 else x" : ?
  // CHECK-NEXT: %none = rasp.map(%tokens) "x -> None if x == 1 else x" : [0, 2] or none
  %sum = rasp.map(%inverse, %none) affine [1, 1] : ?
  // CHECK-NEXT: %sum = rasp.map(%inverse, %none) affine [1, 1] : [2.5] or none
  %table = rasp.map(%tokens) table (0 to 4) -> ["a", none, "b", _, _] : ?
  // CHECK-NEXT: %table = rasp.map(%tokens) table (0 to 4) -> ["a", none, "b", _, _] : ["a", "b"] or none
  %defined = rasp.constant none : ?
  // CHECK-NEXT: %defined = rasp.constant none : [] or none
  rasp.return %sum
  // CHECK-NEXT: rasp.return %sum
}
// CHECK-NEXT: }

// -----

// Equal values of different types are one value, in the form with the simplest type; the domain is mixed.

rasp.program @mixed vocab [0, 1, 2] max_seq_len 1 {
// CHECK: rasp.program @mixed vocab [0, 1, 2] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : [0, 1, 2]
  %mixed = rasp.map(%tokens) "x -> True if x == 1 else 1.0 if x == 2 else 1" : ?
  // CHECK-NEXT: %mixed = rasp.map(%tokens) "x -> True if x == 1 else 1.0 if x == 2 else 1" : [true] mixed
  %half = rasp.map(%tokens) "x -> x / 2" : ?
  // CHECK-NEXT: %half = rasp.map(%tokens) "x -> x / 2" : [0.0, 0.5, 1.0]
  rasp.return %mixed
  // CHECK-NEXT: rasp.return %mixed
}
// CHECK-NEXT: }

// -----

// Widths: a position that selects itself has at least 1; of distinct keys at most one is equal; a predicate that never holds selects
// nothing, and one that never holds for a position and itself not everything.

rasp.program @widths vocab ["a", "b"] max_seq_len 4 {
// CHECK: rasp.program @widths vocab ["a", "b"] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ["a", "b"]
  %indices = rasp.indices : ?
  // CHECK-NEXT: %indices = rasp.indices : 0 to 3
  %previous_index = rasp.map(%indices) "i -> i - 1" : ?
  // CHECK-NEXT: %previous_index = rasp.map(%indices) "i -> i - 1" : -1 to 2
  %same = rasp.select %tokens, %tokens eq
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens eq
  %histogram = rasp.selector_width %same : ?
  // CHECK-NEXT: %histogram = rasp.selector_width %same : 1 to 4
  %other = rasp.selector_not %same
  // CHECK-NEXT: %other = rasp.selector_not %same
  %others = rasp.selector_width %other : ?
  // CHECK-NEXT: %others = rasp.selector_width %other : 0 to 3
  %previous = rasp.select %indices, %previous_index eq
  // CHECK-NEXT: %previous = rasp.select %indices, %previous_index eq
  %at_most_one = rasp.selector_width %previous : ?
  // CHECK-NEXT: %at_most_one = rasp.selector_width %previous : [0, 1]
  %itself = rasp.select %indices, %indices eq
  // CHECK-NEXT: %itself = rasp.select %indices, %indices eq
  %one = rasp.selector_width %itself : ?
  // CHECK-NEXT: %one = rasp.selector_width %itself : [1]
  %never = rasp.select %tokens, %tokens false
  // CHECK-NEXT: %never = rasp.select %tokens, %tokens false
  %zero = rasp.selector_width %never : ?
  // CHECK-NEXT: %zero = rasp.selector_width %never : [0]
  %every = rasp.select %tokens, %indices true
  // CHECK-NEXT: %every = rasp.select %tokens, %indices true
  %all = rasp.selector_width %every : ?
  // CHECK-NEXT: %all = rasp.selector_width %every : 1 to 4
  %both = rasp.selector_and %same, %itself
  // CHECK-NEXT: %both = rasp.selector_and %same, %itself
  %intersection = rasp.selector_width %both : ?
  // CHECK-NEXT: %intersection = rasp.selector_width %both : [1]
  %either = rasp.selector_or %same, %previous
  // CHECK-NEXT: %either = rasp.selector_or %same, %previous
  %union = rasp.selector_width %either : ?
  // CHECK-NEXT: %union = rasp.selector_width %either : 1 to 4
  rasp.return %union
  // CHECK-NEXT: rasp.return %union
}
// CHECK-NEXT: }

// -----

// Means of at most 3 values of 0 and 1 are the fractions with denominators up to 3. One of equal values is the value itself, an int,
// and the others are floats: the domain is mixed.

rasp.program @means vocab [0, 1] max_seq_len 3 {
// CHECK: rasp.program @means vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : ?
  // CHECK-NEXT: %indices = rasp.indices : [0, 1, 2]
  %every = rasp.select %indices, %indices true
  // CHECK-NEXT: %every = rasp.select %indices, %indices true
  %mean = rasp.aggregate %every, %tokens : ?
  // CHECK-NEXT: %mean = rasp.aggregate %every, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
  %numerical = rasp.aggregate %every, %tokens : numerical ?
  // CHECK-NEXT: %numerical = rasp.aggregate %every, %tokens : numerical [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
  %later = rasp.select %indices, %indices gt
  // CHECK-NEXT: %later = rasp.select %indices, %indices gt
  %mean_of_later = rasp.aggregate %later, %tokens : ?
  // CHECK-NEXT: %mean_of_later = rasp.aggregate %later, %tokens : [0, 0.5, 1] mixed or none
  %with_default = rasp.aggregate %later, %tokens default 7 : ?
  // CHECK-NEXT: %with_default = rasp.aggregate %later, %tokens default 7 : [0, 0.5, 1, 7] mixed
  %same = rasp.select %tokens, %tokens eq
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens eq
  %token_again = rasp.aggregate %same, %tokens : ?
  // CHECK-NEXT: %token_again = rasp.aggregate %same, %tokens : [0, 1]
  %next_index = rasp.map(%indices) "i -> i + 1" : ?
  // CHECK-NEXT: %next_index = rasp.map(%indices) "i -> i + 1" : [1, 2, 3]
  %next = rasp.select %indices, %next_index eq
  // CHECK-NEXT: %next = rasp.select %indices, %next_index eq
  %next_token = rasp.aggregate %next, %tokens default "end" : ?
  // CHECK-NEXT: %next_token = rasp.aggregate %next, %tokens default "end" : [0, 1, "end"]
  rasp.return %mean
  // CHECK-NEXT: rasp.return %mean
}
// CHECK-NEXT: }

// -----

// In a causal program the length counts the positions up to the query's: it is the index plus 1. Nothing is selected later.

rasp.program @causal vocab ["a", "b"] max_seq_len 3 causal {
// CHECK: rasp.program @causal vocab ["a", "b"] max_seq_len 3 causal {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ["a", "b"]
  %indices = rasp.indices : ?
  // CHECK-NEXT: %indices = rasp.indices : [0, 1, 2]
  %length = rasp.length : ?
  // CHECK-NEXT: %length = rasp.length : [1, 2, 3]
  %difference = rasp.map(%length, %indices) "l, i -> l - i" : ?
  // CHECK-NEXT: %difference = rasp.map(%length, %indices) "l, i -> l - i" : [1]
  %previous_index = rasp.map(%indices) "i -> i - 1" : ?
  // CHECK-NEXT: %previous_index = rasp.map(%indices) "i -> i - 1" : [-1, 0, 1]
  %previous = rasp.select %indices, %previous_index eq
  // CHECK-NEXT: %previous = rasp.select %indices, %previous_index eq
  %shifted = rasp.aggregate %previous, %tokens : ?
  // CHECK-NEXT: %shifted = rasp.aggregate %previous, %tokens : ["a", "b"] or none
  rasp.return %difference
  // CHECK-NEXT: rasp.return %difference
}
// CHECK-NEXT: }

// -----

// A cast has the values of its operand, what attention leaves on BOS is 1 / (1 + width), and an attenuated width is
// width / (1 + width / e**lead).

rasp.program @bos_weight vocab ["a", "b"] max_seq_len 3 {
// CHECK: rasp.program @bos_weight vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ["a", "b"]
  %same = rasp.select %tokens, %tokens eq
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens eq
  %weight = rasp.bos_weight %same : numerical [0.25, 0.3333333333333333, 0.5]
  // CHECK-NEXT: %weight = rasp.bos_weight %same : numerical [0.25, 0.3333333333333333, 0.5]
  %most = rasp.attenuated_width %same lead 2.0 : ?
  // CHECK-NEXT: %most = rasp.attenuated_width %same lead 2.0 : [0.8807970779778823, 1.573972084323197, 2.133703782682782]
  %cast = rasp.cast %weight : categorical ?
  // CHECK-NEXT: %cast = rasp.cast %weight : categorical [0.25, 0.3333333333333333, 0.5]
  rasp.return %cast
  // CHECK-NEXT: rasp.return %cast
}
// CHECK-NEXT: }

// -----

// It doesn't fire on what isn't a program.

craft.model @craft vocab [1] max_seq_len 1 {
// CHECK: craft.model @craft vocab [1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [1]
  // CHECK-NEXT: %tokens = craft.embed_tokens : "tokens" [1]
  craft.unembed %tokens
  // CHECK-NEXT: craft.unembed %tokens
}
// CHECK-NEXT: }
