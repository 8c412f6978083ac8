// RUN: rasp-opt %s --split-input-file -p infer-encodings | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-encodings -o %t.mlir && rasp-opt %t.mlir --split-input-file -p infer-encodings | diff %t.mlir -

// What can't be averaged is categorical.

rasp.program @categorical vocab ["a", "b"] max_seq_len 2 {
// CHECK: rasp.program @categorical vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : ["a", "b"]
  // CHECK-NEXT: %tokens = rasp.tokens : categorical ["a", "b"]
  %indices = rasp.indices : [0, 1]
  // CHECK-NEXT: %indices = rasp.indices : categorical [0, 1]
  %one = rasp.constant 1 : [1]
  // CHECK-NEXT: %one = rasp.constant 1 : categorical [1]
  %next = rasp.map(%indices, %one) affine [1, 1] : [1, 2]
  // CHECK-NEXT: %next = rasp.map(%indices, %one) affine [1, 1] : categorical [1, 2]
  %previous = rasp.select %next, %indices eq
  // CHECK-NEXT: %previous = rasp.select %next, %indices eq
  %shift = rasp.aggregate %previous, %tokens default "-" : ["-", "a", "b"]
  // CHECK-NEXT: %shift = rasp.aggregate %previous, %tokens default "-" : categorical ["-", "a", "b"]
  %width = rasp.selector_width %previous : [0, 1]
  // CHECK-NEXT: %width = rasp.selector_width %previous : categorical [0, 1]
  rasp.return %shift
  // CHECK-NEXT: rasp.return %shift
}
// CHECK-NEXT: }

// -----

// A mean is numerical; what reads it one-hot gets a cast, each mean one cast: keys, queries, and a map of several operands.

rasp.program @mean vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : [0, 0.5, 1] mixed
  %same = rasp.select %mean, %mean eq
  %width = rasp.selector_width %same : [1, 2]
  %product = rasp.map(%mean, %width) "x, y -> x * y" : [0, 0.5, 1, 2]
  rasp.return %product
}

// CHECK: rasp.program @mean vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = rasp.cast %mean : categorical [0, 0.5, 1] mixed
// CHECK-NEXT:   %same = rasp.select %mean_1, %mean_1 eq
// CHECK-NEXT:   %width = rasp.selector_width %same : categorical [1, 2]
// CHECK-NEXT:   %product = rasp.map(%mean_1, %width) "x, y -> x * y" : categorical [0, 0.5, 1, 2]
// CHECK-NEXT:   rasp.return %product
// CHECK-NEXT: }

// -----

// Affine combinations of means are numerical, other maps aren't: a map of one number alone reads it without a cast.

rasp.program @affine vocab [0, 1] max_seq_len 2 {
// CHECK: rasp.program @affine vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  // CHECK-NEXT: %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  // CHECK-NEXT: %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : [0, 0.5, 1] mixed
  // CHECK-NEXT: %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %double = rasp.map(%mean) "x -> 2 * x" : [0, 1, 2] mixed
  // CHECK-NEXT: %double = rasp.map(%mean) "x -> 2 * x" : numerical [0, 1, 2] mixed
  %sum = rasp.map(%mean, %double) affine [1, 1] : [0, 1.5, 3]
  // CHECK-NEXT: %sum = rasp.map(%mean, %double) affine [1, 1] : numerical [0, 1.5, 3]
  %positive = rasp.map(%mean) "x -> x > 0" : [false, true]
  // CHECK-NEXT: %positive = rasp.map(%mean) "x -> x > 0" : categorical [false, true]
  %asked = rasp.map(%mean) "x -> 3 * x" : categorical [0, 1.5, 3]
  // CHECK-NEXT: %asked = rasp.map(%mean) "x -> 3 * x" : categorical [0, 1.5, 3]
  rasp.return %sum
  // CHECK-NEXT: rasp.return %sum
}
// CHECK-NEXT: }

// -----

// An aggregate that can't average has the encoding of its values; it can't be numerical where its default isn't a number.

rasp.program @unaveraged vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : [0, 1]
  %numbers = rasp.map(%tokens) "x -> x" : numerical [0, 1]
  %zero = rasp.constant 0 : [0]
  %first = rasp.select %indices, %zero eq
  %number = rasp.aggregate %first, %numbers : [0, 1]
  %one_hot = rasp.aggregate %first, %tokens : [0, 1]
  %named = rasp.aggregate %first, %numbers default "none" : [0, 1, "none"]
  rasp.return %number
}

// CHECK: rasp.program @unaveraged vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %numbers = rasp.map(%tokens) "x -> x" : numerical [0, 1]
// CHECK-NEXT:   %numbers_1 = rasp.cast %numbers : categorical [0, 1]
// CHECK-NEXT:   %zero = rasp.constant 0 : categorical [0]
// CHECK-NEXT:   %first = rasp.select %indices, %zero eq
// CHECK-NEXT:   %number = rasp.aggregate %first, %numbers : numerical [0, 1]
// CHECK-NEXT:   %one_hot = rasp.aggregate %first, %tokens : categorical [0, 1]
// CHECK-NEXT:   %named = rasp.aggregate %first, %numbers_1 default "none" : categorical [0, 1, "none"]
// CHECK-NEXT:   rasp.return %number
// CHECK-NEXT: }

// -----

// An encoding that was asked for is kept where it is possible. Tokens, indices, constants and widths are one-hot, a mean is a number: who
// wanted a mean one-hot gets a cast of it.

rasp.program @asked vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : numerical [0, 1]
  %constant = rasp.constant 3 : numerical [3]
  %every = rasp.select %tokens, %tokens true
  %length = rasp.selector_width %every : numerical [1, 2]
  %mean = rasp.aggregate %every, %tokens : categorical [0, 0.5, 1] mixed
  %squared = rasp.map(%tokens) "x -> x * x" : numerical [0, 1]
  rasp.return %mean
}

// CHECK: rasp.program @asked vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %constant = rasp.constant 3 : categorical [3]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %length = rasp.selector_width %every : categorical [1, 2]
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = rasp.cast %mean : categorical [0, 0.5, 1] mixed
// CHECK-NEXT:   %squared = rasp.map(%tokens) "x -> x * x" : numerical [0, 1]
// CHECK-NEXT:   rasp.return %mean_1
// CHECK-NEXT: }

// -----

// `x + y` and `z` differ by rounding alone (0.1 + 0.2 isn't 0.3), which a scalar in the residual stream can't tell. Where a reader has to tell
// them, the combination is looked up.

rasp.program @twins vocab [0.0, 0.1, 0.2, 0.3] max_seq_len 1 {
  %tokens = rasp.tokens : [0.0, 0.1, 0.2, 0.3]
  %x = rasp.map(%tokens) "x -> x" : numerical [0.0, 0.1, 0.2, 0.3]
  %y = rasp.map(%tokens) "x -> 0.2 if x == 0.1 else 0.0" : numerical [0.0, 0.2]
  %sum = rasp.map(%x, %y) affine [1, 1] : [0.0, 0.2, 0.3, 0.30000000000000004]
  rasp.return %sum
}

// CHECK: rasp.program @twins vocab [0.0, 0.1, 0.2, 0.3] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0.0, 0.1, 0.2, 0.3]
// CHECK-NEXT:   %x = rasp.map(%tokens) "x -> x" : numerical [0.0, 0.1, 0.2, 0.3]
// CHECK-NEXT:   %x_1 = rasp.cast %x : categorical [0.0, 0.1, 0.2, 0.3]
// CHECK-NEXT:   %y = rasp.map(%tokens) "x -> 0.2 if x == 0.1 else 0.0" : numerical [0.0, 0.2]
// CHECK-NEXT:   %y_1 = rasp.cast %y : categorical [0.0, 0.2]
// CHECK-NEXT:   %sum = rasp.map(%x_1, %y_1) table ([0.0, 0.1, 0.2, 0.3], [0.0, 0.2]) -> [0.0, _, _, 0.30000000000000004, 0.2, _, 0.3, _] : categorical [0.0, 0.2, 0.3, 0.30000000000000004]
// CHECK-NEXT:   rasp.return %sum
// CHECK-NEXT: }

// -----

// ... and not where none has to.

rasp.program @twins_unread vocab [0.0, 0.1, 0.2, 0.3] max_seq_len 1 {
// CHECK: rasp.program @twins_unread vocab [0.0, 0.1, 0.2, 0.3] max_seq_len 1 {
  %tokens = rasp.tokens : [0.0, 0.1, 0.2, 0.3]
  // CHECK-NEXT: %tokens = rasp.tokens : categorical [0.0, 0.1, 0.2, 0.3]
  %x = rasp.map(%tokens) "x -> x" : numerical [0.0, 0.1, 0.2, 0.3]
  // CHECK-NEXT: %x = rasp.map(%tokens) "x -> x" : numerical [0.0, 0.1, 0.2, 0.3]
  %y = rasp.map(%tokens) "x -> 0.2 if x == 0.1 else 0.0" : numerical [0.0, 0.2]
  // CHECK-NEXT: %y = rasp.map(%tokens) "x -> 0.2 if x == 0.1 else 0.0" : numerical [0.0, 0.2]
  %sum = rasp.map(%x, %y) affine [1, 1] : [0.0, 0.2, 0.3, 0.30000000000000004]
  // CHECK-NEXT: %sum = rasp.map(%x, %y) affine [1, 1] : numerical [0.0, 0.2, 0.3, 0.30000000000000004]
  %large = rasp.map(%sum) "x -> x > 0.25" : [false, true]
  // CHECK-NEXT: %large = rasp.map(%sum) "x -> x > 0.25" : categorical [false, true]
  rasp.return %large
  // CHECK-NEXT: rasp.return %large
}
// CHECK-NEXT: }

// -----

// A mean whose default is not a number is computed without it, and filled with it afterwards: each position aggregates itself.

rasp.program @default vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : [0, 1]
  %indices = rasp.indices : [0, 1, 2]
  %later = rasp.select %indices, %indices gt
  %mean = rasp.aggregate %later, %tokens default "none" : [0, 0.5, 1, "none"] mixed
  rasp.return %mean
}

// CHECK: rasp.program @default vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1, 2]
// CHECK-NEXT:   %later = rasp.select %indices, %indices gt
// CHECK-NEXT:   %mean_mean = rasp.aggregate %later, %tokens : numerical [0, 0.5, 1] mixed or none
// CHECK-NEXT:   %mean_mean_1 = rasp.cast %mean_mean : categorical [0, 0.5, 1] mixed or none
// CHECK-NEXT:   %indices_1 = rasp.indices : categorical [0, 1, 2]
// CHECK-NEXT:   %itself = rasp.select %indices_1, %indices_1 eq
// CHECK-NEXT:   %mean = rasp.aggregate %itself, %mean_mean_1 default "none" : categorical [0, 0.5, 1, "none"] mixed
// CHECK-NEXT:   rasp.return %mean
// CHECK-NEXT: }
