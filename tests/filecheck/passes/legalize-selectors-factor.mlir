// RUN: rasp-opt %s --split-input-file -p 'infer-values,legalize-selectors{factor=true}' | filecheck %s --match-full-lines

// The place in a sort: keys made of tokens and indices become selects of both, and the width a sum of two. That only
// one position arrives is recorded before the proof is gone.
rasp.program @sort vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %keys = rasp.map(%tokens, %indices) "t, i -> 2 * t + i" : ?
  %smaller = rasp.select %keys, %keys lt
  %place = rasp.selector_width %smaller : ?
  %arrives = rasp.select %place, %indices eq
  %sort = rasp.aggregate %arrives, %tokens : ?
  rasp.return %sort
}

// CHECK: rasp.program @sort vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %place = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [false, true, false, false]
// CHECK-NEXT:   %place_count = rasp.selector_width %place : [0, 1, 2]
// CHECK-NEXT:   %place_number = rasp.cast %place_count : numerical [0, 1, 2]
// CHECK-NEXT:   %place_1 = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, false, true]
// CHECK-NEXT:   %place_2 = rasp.select %indices, %indices table ([0, 1], [0, 1]) -> [false, true, false, false]
// CHECK-NEXT:   %place_3 = rasp.selector_and %place_1, %place_2
// CHECK-NEXT:   %place_count_1 = rasp.selector_width %place_3 : [0, 1, 2]
// CHECK-NEXT:   %place_number_1 = rasp.cast %place_count_1 : numerical [0, 1, 2]
// CHECK-NEXT:   %place_sum = rasp.map(%place_number, %place_number_1) affine [1, 1] : numerical [0, 1]
// CHECK-NEXT:   %place_4 = rasp.cast %place_sum : categorical [0, 1]
// CHECK-NEXT:   %arrives = rasp.select %place_4, %indices eq
// CHECK-NEXT:   %sort = rasp.aggregate %arrives, %tokens at_most_one : [1, 2] or none
// CHECK-NEXT:   rasp.return %sort
// CHECK-NEXT: }

// -----

// Equal keys: tokens and indices are equal, for every reader.
rasp.program @equal vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %keys = rasp.map(%tokens, %indices) "t, i -> 2 * t + i" : ?
  %same = rasp.select %keys, %keys eq
  %found = rasp.aggregate %same, %tokens : ?
  rasp.return %found
}

// CHECK: rasp.program @equal vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens table ([1, 2], [1, 2]) -> [true, false, false, true]
// CHECK-NEXT:   %same_1 = rasp.select %indices, %indices table ([0, 1], [0, 1]) -> [true, false, false, true]
// CHECK-NEXT:   %same_2 = rasp.selector_and %same, %same_1
// CHECK-NEXT:   %found = rasp.aggregate %same_2, %tokens at_most_one : [1, 2]
// CHECK-NEXT:   rasp.return %found
// CHECK-NEXT: }

// -----

// A mean over smaller keys is no sum of means: the keys stay.
rasp.program @mean vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %keys = rasp.map(%tokens, %indices) "t, i -> 2 * t + i" : ?
  %smaller = rasp.select %keys, %keys lt
  %mean = rasp.aggregate %smaller, %tokens : ?
  rasp.return %mean
}

// CHECK: rasp.program @mean vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %keys = rasp.map(%tokens, %indices) "t, i -> 2 * t + i" : 2 to 5
// CHECK-NEXT:   %smaller = rasp.select %keys, %keys lt
// CHECK-NEXT:   %mean = rasp.aggregate %smaller, %tokens : [1, 2] or none
// CHECK-NEXT:   rasp.return %mean
// CHECK-NEXT: }

// -----

// Sums of tokens and indices are smaller in other ways: the keys stay.
rasp.program @others vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %keys = rasp.map(%tokens, %indices) "t, i -> t + i" : ?
  %smaller = rasp.select %keys, %keys lt
  %width = rasp.selector_width %smaller : ?
  rasp.return %width
}

// CHECK: rasp.program @others vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %keys = rasp.map(%tokens, %indices) "t, i -> t + i" : 1 to 4
// CHECK-NEXT:   %smaller = rasp.select %keys, %keys lt
// CHECK-NEXT:   %width = rasp.selector_width %smaller : [0, 1, 2]
// CHECK-NEXT:   rasp.return %width
// CHECK-NEXT: }

// -----

// A width of selects that never hold both is a sum, without tuples.
rasp.program @union vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %smaller = rasp.select %tokens, %tokens lt
  %equal = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %both = rasp.selector_and %equal, %earlier
  %either = rasp.selector_or %smaller, %both
  %place = rasp.selector_width %either : ?
  rasp.return %place
}

// CHECK: rasp.program @union vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %smaller = rasp.select %tokens, %tokens lt
// CHECK-NEXT:   %equal = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %earlier = rasp.select %indices, %indices lt
// CHECK-NEXT:   %place_count = rasp.selector_width %smaller : [0, 1, 2]
// CHECK-NEXT:   %place_number = rasp.cast %place_count : numerical [0, 1, 2]
// CHECK-NEXT:   %place = rasp.selector_and %equal, %earlier
// CHECK-NEXT:   %place_count_1 = rasp.selector_width %place : [0, 1, 2]
// CHECK-NEXT:   %place_number_1 = rasp.cast %place_count_1 : numerical [0, 1, 2]
// CHECK-NEXT:   %place_sum = rasp.map(%place_number, %place_number_1) affine [1, 1] : numerical [0, 1]
// CHECK-NEXT:   %place_1 = rasp.cast %place_sum : categorical [0, 1]
// CHECK-NEXT:   rasp.return %place_1
// CHECK-NEXT: }
