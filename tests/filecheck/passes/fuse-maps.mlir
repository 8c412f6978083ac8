// RUN: rasp-opt %s --split-input-file -p fuse-maps | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p fuse-maps -o %t.mlir && rasp-opt %t.mlir --split-input-file -p fuse-maps | diff %t.mlir -

// A width and what is computed from it and the index are read at once: one layer instead of two.

rasp.program @opposite vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1, 2]
  %indices = rasp.indices : categorical 0 to 1
  %all = rasp.select %tokens, %tokens true
  %length_inverse = rasp.bos_weight %all : numerical [0.3333333333333333, 0.5]
  %length = rasp.map(%length_inverse) "x -> round(1 / x) - 1" : categorical 1 to 2
  %opposite = rasp.map(%length, %indices) "l, i -> l - i - 1" : categorical 0 to 1
  rasp.return %opposite
}

// CHECK: rasp.program @opposite vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %length_inverse = rasp.bos_weight %all : numerical [0.3333333333333333, 0.5]
// CHECK-NEXT:   %opposite = rasp.map(%indices, %length_inverse) jointly table ([0, 1], [0.3333333333333333, 0.5]) -> [1, 0, 0, _] : categorical [0, 1]
// CHECK-NEXT:   rasp.return %opposite
// CHECK-NEXT: }

// -----

// Of one-hot sources it is a lookup.

rasp.program @lookup vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical 0 to 1
  %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical 0 to 2
  %again = rasp.map(%sum, %indices) "s, i -> s * 2 + i" : categorical [0, 2, 3, 5]
  rasp.return %again
}

// CHECK: rasp.program @lookup vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %again = rasp.map(%tokens, %indices) table ([0, 1], [0, 1]) -> [0, 3, 2, 5] : categorical [0, 2, 3, 5]
// CHECK-NEXT:   rasp.return %again
// CHECK-NEXT: }

// -----

// A function of one one-hot operand is linear and costs nothing: it stays.

rasp.program @chain vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %common = rasp.aggregate %same, %tokens : categorical [0, 1]
  %twice = rasp.map(%common) "x -> 2 * x" : categorical [0, 2]
  rasp.return %twice
}

// CHECK: rasp.program @chain vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %common = rasp.aggregate %same, %tokens : categorical [0, 1]
// CHECK-NEXT:   %twice = rasp.map(%common) "x -> 2 * x" : categorical [0, 2]
// CHECK-NEXT:   rasp.return %twice
// CHECK-NEXT: }

// -----

// A layer is worth some units.

rasp.program @layer vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical 0 to 1
  %same = rasp.select %indices, %tokens eq
  %found = rasp.aggregate %same, %tokens default 0 : categorical [0, 1]
  %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical 0 to 2
  %out = rasp.map(%sum, %found) "s, f -> f if s > 0 else 0" : categorical [0, 1]
  rasp.return %out
}

// CHECK: rasp.program @layer vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %same = rasp.select %indices, %tokens eq
// CHECK-NEXT:   %found = rasp.aggregate %same, %tokens default 0 : categorical [0, 1]
// CHECK-NEXT:   %out = rasp.map(%tokens, %indices, %found) table ([0, 1], [0, 1], [0, 1]) -> [0, 0, 0, 1, 0, 1, 0, 1] : categorical [0, 1]
// CHECK-NEXT:   rasp.return %out
// CHECK-NEXT: }

// -----

// Here it would save none, as the sum is needed by a head before: it stays.

rasp.program @no_layer vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical 0 to 1
  %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical 0 to 2
  %same = rasp.select %sum, %tokens eq
  %found = rasp.aggregate %same, %sum default 0 : categorical [0, 1]
  %out = rasp.map(%sum, %found) "s, f -> f if s > 0 else 0" : categorical [0, 1]
  rasp.return %out
}

// CHECK: rasp.program @no_layer vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical [0, 1, 2]
// CHECK-NEXT:   %same = rasp.select %sum, %tokens eq
// CHECK-NEXT:   %found = rasp.aggregate %same, %sum default 0 : categorical [0, 1]
// CHECK-NEXT:   %out = rasp.map(%sum, %found) "s, f -> f if s > 0 else 0" : categorical [0, 1]
// CHECK-NEXT:   rasp.return %out
// CHECK-NEXT: }

// -----

// What is told by the difference of two attenuated widths is read from that: the steps of `jointly` are those of the
// difference, four for its sign.

rasp.program @difference vocab [0, 1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [0, 1, 2]
  %less = rasp.select %tokens, %tokens lt
  %more = rasp.select %tokens, %tokens gt
  %less_attenuated = rasp.attenuated_width %less lead 5.0 : numerical [0.0, 0.9933071490757153, 1.973406582084536]
  %more_attenuated = rasp.attenuated_width %more lead 5.0 : numerical [0.0, 0.9933071490757153, 1.973406582084536]
  %below = rasp.map(%less_attenuated) "x -> round(x)" : categorical [0, 1, 2]
  %above = rasp.map(%more_attenuated) "x -> round(x)" : categorical [0, 1, 2]
  %balance = rasp.map(%below, %above) "b, a -> (b > a) - (b < a)" : categorical [-1, 0, 1]
  rasp.return %balance
}

// CHECK: rasp.program @difference vocab [0, 1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1, 2]
// CHECK-NEXT:   %less = rasp.select %tokens, %tokens lt
// CHECK-NEXT:   %more = rasp.select %tokens, %tokens gt
// CHECK-NEXT:   %less_attenuated = rasp.attenuated_width %less lead 5.0 : numerical [0.0, 0.9933071490757153, 1.973406582084536]
// CHECK-NEXT:   %more_attenuated = rasp.attenuated_width %more lead 5.0 : numerical [0.0, 0.9933071490757153, 1.973406582084536]
// CHECK-NEXT:   %balance = rasp.map(%less_attenuated, %more_attenuated) jointly table ([0.0, 0.9933071490757153, 1.973406582084536], [0.0, 0.9933071490757153, 1.973406582084536]) -> [0, -1, -1, 1, 0, -1, 1, 1, 0] : categorical [-1, 0, 1]
// CHECK-NEXT:   rasp.return %balance
// CHECK-NEXT: }
