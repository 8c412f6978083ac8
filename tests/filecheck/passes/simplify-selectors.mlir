// RUN: rasp-opt %s --split-input-file -p infer-values,simplify-selectors | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,simplify-selectors -o %t.mlir && rasp-opt %t.mlir --split-input-file -p simplify-selectors | diff %t.mlir -
// Only the key matters: it is read at its source, whatever map and constant stand between.

rasp.program @count vocab ["a", "b", "c"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %is_a = rasp.map(%tokens) "x -> x == 'a'" : ?
  %true = rasp.constant true : ?
  %a = rasp.select %is_a, %true eq
  %b = rasp.constant "b" : ?
  %not_b = rasp.select %tokens, %b ne
  %first = rasp.select %tokens, %indices "k, q -> q == 0"
  %either = rasp.selector_or %a, %first
  %both = rasp.selector_and %not_b, %either
  %width = rasp.selector_width %both : ?
  rasp.return %width
}

// CHECK: rasp.program @count vocab ["a", "b", "c"] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b", "c"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %a = rasp.select %tokens, %one "k, q -> k == 'a'"
// CHECK-NEXT:   %not_b = rasp.select %tokens, %one "k, q -> k != 'b'"
// CHECK-NEXT:   %first = rasp.select %one, %indices "k, q -> q == 0"
// CHECK-NEXT:   %either = rasp.selector_or %a, %first
// CHECK-NEXT:   %both = rasp.selector_and %not_b, %either
// CHECK-NEXT:   %width = rasp.selector_width %both : 0 to 3
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// True, false, and the same twice.

rasp.program @constants vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %all = rasp.select %tokens, %indices "k, q -> k + q < 5"
  %nothing = rasp.select %tokens, %indices "k, q -> k > q + 1"
  %same = rasp.select %tokens, %tokens eq
  %same_1 = rasp.selector_and %same, %all
  %same_2 = rasp.selector_or %nothing, %same_1
  %same_3 = rasp.selector_or %same_2, %same_2
  %not_all = rasp.selector_not %all
  %same_4 = rasp.selector_or %same_3, %not_all
  %width = rasp.selector_width %same_4 : ?
  %no_width = rasp.selector_and %nothing, %same
  %none = rasp.selector_width %no_width : ?
  %result = rasp.map(%width, %none) "x, y -> x + y" : ?
  rasp.return %result
}

// CHECK: rasp.program @constants vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %nothing = rasp.select %tokens, %indices false
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %width = rasp.selector_width %same : [1, 2, 3]
// CHECK-NEXT:   %none = rasp.selector_width %nothing : [0]
// CHECK-NEXT:   %result = rasp.map(%width, %none) "x, y -> x + y" : [1, 2, 3]
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// Where a query is undefined nothing is selected, even by `true`; and a map may be undefined where its operand isn't.

rasp.program @undefined vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %half = rasp.map(%tokens) "x -> x if x < 2 else None" : ?
  %zeros = rasp.select %tokens, %half "k, q -> k == 0"
  %all = rasp.select %tokens, %half true
  %both = rasp.selector_and %zeros, %all
  %width = rasp.selector_width %both : ?
  %one = rasp.constant 1 : ?
  %keys = rasp.select %half, %one eq
  %others = rasp.selector_not %keys
  %n_others = rasp.selector_width %others : ?
  %result = rasp.map(%width, %n_others) "x, y -> x + y" : ?
  rasp.return %result
}

// CHECK: rasp.program @undefined vocab [0, 1, 2] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1, 2]
// CHECK-NEXT:   %half = rasp.map(%tokens) "x -> x if x < 2 else None" : [0, 1] or none
// CHECK-NEXT:   %zeros = rasp.select %tokens, %half "k, q -> k == 0"
// CHECK-NEXT:   %all = rasp.select %one, %half true
// CHECK-NEXT:   %both = rasp.selector_and %zeros, %all
// CHECK-NEXT:   %width = rasp.selector_width %both : 0 to 3
// CHECK-NEXT:   %one_1 = rasp.constant 1 : [1]
// CHECK-NEXT:   %keys = rasp.select %half, %one_1 eq
// CHECK-NEXT:   %others = rasp.selector_not %keys
// CHECK-NEXT:   %n_others = rasp.selector_width %others : 0 to 3
// CHECK-NEXT:   %result = rasp.map(%width, %n_others) "x, y -> x + y" : 0 to 6
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// The mean of some numbers would have to be read one-hot to be a key: its map stays.

rasp.program @mean vocab [0, 1, 5] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens le
  %mean = rasp.aggregate %same, %tokens : ?
  %large = rasp.map(%mean) "x -> x > 1" : ?
  %true = rasp.constant true : ?
  %select = rasp.select %large, %true eq
  %width = rasp.selector_width %select : ?
  rasp.return %width
}

// CHECK: rasp.program @mean vocab [0, 1, 5] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1, 5]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens le
// CHECK-NEXT:   %mean = rasp.aggregate %same, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1, 1.6666666666666667, 2.0, 2.3333333333333335, 2.5, 3.0, 3.3333333333333335, 3.6666666666666665, 5] mixed
// CHECK-NEXT:   %large = rasp.map(%mean) "x -> x > 1" : [false, true]
// CHECK-NEXT:   %select = rasp.select %large, %one "k, q -> k == True"
// CHECK-NEXT:   %width = rasp.selector_width %select : 0 to 3
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// What is constant where the other part holds, or where it doesn't; a select of an s-op that may be undefined stays.

rasp.program @within vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %half = rasp.map(%tokens) "x -> x if x < 2 else None" : ?
  %zero = rasp.constant 0 : ?
  %same = rasp.select %tokens, %tokens eq
  %first = rasp.select %indices, %zero eq
  %later = rasp.select %indices, %zero gt
  %either = rasp.selector_or %same, %first
  %not_first = rasp.selector_and %either, %later
  %n = rasp.selector_width %not_first : ?
  %smaller = rasp.select %tokens, %tokens lt
  %not_smaller = rasp.selector_not %smaller
  %never = rasp.selector_and %same, %smaller
  %always = rasp.selector_or %not_smaller, %smaller
  %m = rasp.selector_width %never : ?
  %k = rasp.selector_width %always : ?
  %equal = rasp.select %half, %tokens eq
  %unequal = rasp.select %half, %tokens ne
  %unknown = rasp.selector_or %equal, %unequal
  %u = rasp.selector_width %unknown : ?
  %sum = rasp.map(%n, %m, %k, %u) "a, b, c, d -> a + b + c + d" : ?
  rasp.return %sum
}

// CHECK: rasp.program @within vocab [0, 1, 2] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %half = rasp.map(%tokens) "x -> x if x < 2 else None" : [0, 1] or none
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %later = rasp.select %indices, %one "k, q -> k != 0"
// CHECK-NEXT:   %not_first = rasp.selector_and %same, %later
// CHECK-NEXT:   %n = rasp.selector_width %not_first : [0, 1, 2]
// CHECK-NEXT:   %never = rasp.select %one, %one false
// CHECK-NEXT:   %always = rasp.select %one, %one true
// CHECK-NEXT:   %m = rasp.selector_width %never : [0]
// CHECK-NEXT:   %k = rasp.selector_width %always : [1, 2, 3]
// CHECK-NEXT:   %equal = rasp.select %half, %tokens eq
// CHECK-NEXT:   %unequal = rasp.select %half, %tokens ne
// CHECK-NEXT:   %unknown = rasp.selector_or %equal, %unequal
// CHECK-NEXT:   %u = rasp.selector_width %unknown : 0 to 3
// CHECK-NEXT:   %sum = rasp.map(%n, %m, %k, %u) "a, b, c, d -> a + b + c + d" : 1 to 8
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }
