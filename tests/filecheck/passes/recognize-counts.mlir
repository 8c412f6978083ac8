// RUN: rasp-opt %s --split-input-file -p infer-values,recognize-counts | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,recognize-counts -o %t.mlir && rasp-opt %t.mlir --split-input-file -p recognize-counts | diff %t.mlir -
// A mean of booleans up to here, times their number, is a count: the value holds where the select of its source does.

rasp.program @prefix_count vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %is_a = rasp.map(%tokens) "x -> x == 'a'" : ?
  %so_far = rasp.select %indices, %indices le
  %mean = rasp.aggregate %so_far, %is_a : ?
  %n = rasp.map(%indices) "i -> i + 1" : ?
  %count = rasp.map(%mean, %n) "x, y -> x * y" : ?
  rasp.return %count
}

// CHECK: rasp.program @prefix_count vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %so_far = rasp.select %indices, %indices le
// CHECK-NEXT:   %count_counted = rasp.select %tokens, %one "k, q -> k == 'a'"
// CHECK-NEXT:   %count_selected = rasp.selector_and %so_far, %count_counted
// CHECK-NEXT:   %count = rasp.selector_width %count_selected : 0 to 3
// CHECK-NEXT:   rasp.return %count
// CHECK-NEXT: }

// -----

// The factor is a width of the same selector, written twice; the mean is one of 0 and 2. The values are floats, which the map keeps.

rasp.program @floats vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
  %same = rasp.select %tokens, %tokens "k, q -> k + q < 2"
  %width = rasp.selector_width %same : ?
  %twice = rasp.map(%tokens) "x -> 2 * x" : ?
  %mean = rasp.aggregate %few, %twice default 0 : ?
  %sum = rasp.map(%width, %mean) "x, y -> float(x * y)" : ?
  rasp.return %sum
}

// CHECK: rasp.program @floats vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
// CHECK-NEXT:   %sum_counted = rasp.select %tokens, %one "k, q -> k == 1"
// CHECK-NEXT:   %sum_selected = rasp.selector_and %few, %sum_counted
// CHECK-NEXT:   %sum_count = rasp.selector_width %sum_selected : [0, 1, 2]
// CHECK-NEXT:   %sum = rasp.map(%sum_count) table ([0, 1, 2]) -> [0.0, 2.0, 4.0] : [0.0, 2.0, 4.0, 6.0]
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// Any function of the count will do, and any default that it has for the count 0. In a causal program the length is the index and one.

rasp.program @causal vocab [0, 1] max_seq_len 3 causal {
  %tokens = rasp.tokens : ?
  %length = rasp.length : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %odd = rasp.map(%mean, %length) "x, y -> round(x * y) % 2 == 1" : ?
  rasp.return %odd
}

// CHECK: rasp.program @causal vocab [0, 1] max_seq_len 3 causal {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %odd_counted = rasp.select %tokens, %one "k, q -> k == 1"
// CHECK-NEXT:   %odd_selected = rasp.selector_and %all, %odd_counted
// CHECK-NEXT:   %odd_count = rasp.selector_width %odd_selected : 0 to 3
// CHECK-NEXT:   %odd = rasp.map(%odd_count) table (0 to 3) -> [false, true, false, true] : [false, true]
// CHECK-NEXT:   rasp.return %odd
// CHECK-NEXT: }

// -----

// 15 / 22 * 22 is not 15, as floats go: a table has what the interpreter computes.

rasp.program @rounding vocab [0, 1] max_seq_len 22 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %so_far = rasp.select %indices, %indices le
  %mean = rasp.aggregate %so_far, %tokens : ?
  %n = rasp.map(%indices) "i -> i + 1" : ?
  %product = rasp.map(%mean, %n) "x, y -> x * y" : ?
  rasp.return %product
}

// CHECK: rasp.program @rounding vocab [0, 1] max_seq_len 22 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : 0 to 21
// CHECK-NEXT:   %so_far = rasp.select %indices, %indices le
// CHECK-NEXT:   %n = rasp.map(%indices) "i -> i + 1" : 1 to 22
// CHECK-NEXT:   %product_counted = rasp.select %tokens, %one "k, q -> k == 1"
// CHECK-NEXT:   %product_selected = rasp.selector_and %so_far, %product_counted
// CHECK-NEXT:   %product_count = rasp.selector_width %product_selected : 0 to 22
// CHECK-NEXT:   %product = rasp.map(%product_count, %n) {{.*}}
// CHECK-NEXT:   rasp.return %product
// CHECK-NEXT: }

// -----

// Where nothing is selected the product is undefined; the count would be 0.

rasp.program @undefined vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
  %width = rasp.selector_width %few : ?
  %mean = rasp.aggregate %few, %tokens : ?
  %product = rasp.map(%width, %mean) "x, y -> x * y" : ?
  rasp.return %product
}

// CHECK: rasp.program @undefined vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
// CHECK-NEXT:   %width = rasp.selector_width %few : 0 to 3
// CHECK-NEXT:   %mean = rasp.aggregate %few, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed or none
// CHECK-NEXT:   %product = rasp.map(%width, %mean) "x, y -> x * y" : 0 to 3 mixed or none
// CHECK-NEXT:   rasp.return %product
// CHECK-NEXT: }

// -----

// The width of another selector.

rasp.program @other_width vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %length = rasp.length : ?
  %so_far = rasp.select %indices, %indices le
  %mean = rasp.aggregate %so_far, %tokens : ?
  %product = rasp.map(%mean, %length) "x, y -> x * y" : ?
  rasp.return %product
}

// CHECK: rasp.program @other_width vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %length = rasp.length : [1, 2, 3]
// CHECK-NEXT:   %so_far = rasp.select %indices, %indices le
// CHECK-NEXT:   %mean = rasp.aggregate %so_far, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
// CHECK-NEXT:   %product = rasp.map(%mean, %length) "x, y -> x * y" : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1, 1.3333333333333333, 1.5, 2, 3] mixed
// CHECK-NEXT:   rasp.return %product
// CHECK-NEXT: }

// -----

// A value that may be undefined is left out of the mean, but not of the width.

rasp.program @undefined_values vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %values = rasp.map(%tokens) "x -> x if x < 2 else None" : ?
  %all = rasp.select %tokens, %tokens true
  %length = rasp.length : ?
  %mean = rasp.aggregate %all, %values default 0 : ?
  %product = rasp.map(%mean, %length) "x, y -> x * y" : ?
  rasp.return %product
}

// CHECK: rasp.program @undefined_values vocab [0, 1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1, 2]
// CHECK-NEXT:   %values = rasp.map(%tokens) "x -> x if x < 2 else None" : [0, 1] or none
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %length = rasp.length : [1, 2, 3]
// CHECK-NEXT:   %mean = rasp.aggregate %all, %values default 0 : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
// CHECK-NEXT:   %product = rasp.map(%mean, %length) "x, y -> x * y" : [0, 1, 1.5, 2, 3] mixed
// CHECK-NEXT:   rasp.return %product
// CHECK-NEXT: }

// -----

// One position always adds another value to the mean, as the paper's BOS does: a width of the others.

rasp.program @with_bos vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %zero = rasp.constant 0 : ?
  %same = rasp.select %tokens, %tokens eq
  %first = rasp.select %indices, %zero eq
  %both = rasp.selector_or %same, %first
  %is_first = rasp.map(%indices) "i -> i == 0" : ?
  %mean = rasp.aggregate %both, %is_first : ?
  %count = rasp.map(%mean) "x -> round(1 / x) - 1 if x else None" : ?
  rasp.return %count
}

// CHECK: rasp.program @with_bos vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %zero = rasp.constant 0 : [0]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %first = rasp.select %indices, %zero eq
// CHECK-NEXT:   %both = rasp.selector_or %same, %first
// CHECK-NEXT:   %count_counted = rasp.select %indices, %one "k, q -> k != 0"
// CHECK-NEXT:   %count_selected = rasp.selector_and %both, %count_counted
// CHECK-NEXT:   %count = rasp.selector_width %count_selected : [0, 1, 2]
// CHECK-NEXT:   rasp.return %count
// CHECK-NEXT: }

// -----

// The map says something else about the width, and the one value is the smaller one.

rasp.program @not_first vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %zero = rasp.constant 0 : ?
  %same = rasp.select %tokens, %tokens eq
  %first = rasp.select %indices, %zero eq
  %both = rasp.selector_or %same, %first
  %others = rasp.map(%indices) "i -> i != 0" : ?
  %mean = rasp.aggregate %both, %others : ?
  %large = rasp.map(%mean) "x -> x > 0.5" : ?
  rasp.return %large
}

// CHECK: rasp.program @not_first vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %zero = rasp.constant 0 : [0]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %first = rasp.select %indices, %zero eq
// CHECK-NEXT:   %both = rasp.selector_or %same, %first
// CHECK-NEXT:   %large_counted = rasp.select %indices, %one "k, q -> k != 0"
// CHECK-NEXT:   %large_selected = rasp.selector_and %both, %large_counted
// CHECK-NEXT:   %large_count = rasp.selector_width %large_selected : [0, 1, 2]
// CHECK-NEXT:   %large = rasp.map(%large_count) table ([0, 1, 2]) -> [false, false, true] : [false, true]
// CHECK-NEXT:   rasp.return %large
// CHECK-NEXT: }

// -----

// Position 0 isn't selected always: the mean stays.

rasp.program @sometimes vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %same = rasp.select %tokens, %tokens eq
  %is_first = rasp.map(%indices) "i -> i == 0" : ?
  %mean = rasp.aggregate %same, %is_first : ?
  %large = rasp.map(%mean) "x -> x > 0.5" : ?
  rasp.return %large
}

// CHECK: rasp.program @sometimes vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %is_first = rasp.map(%indices) "i -> i == 0" : [false, true]
// CHECK-NEXT:   %mean = rasp.aggregate %same, %is_first : [false, 0.3333333333333333, 0.5, 0.6666666666666666, true] mixed
// CHECK-NEXT:   %large = rasp.map(%mean) "x -> x > 0.5" : [false, true]
// CHECK-NEXT:   rasp.return %large
// CHECK-NEXT: }
