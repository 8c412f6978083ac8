// RUN: rasp-opt %s --split-input-file -p infer-values,detect-presence | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,detect-presence -o %t.mlir && rasp-opt %t.mlir --split-input-file -p detect-presence | diff %t.mlir -
// Whether there is an earlier token of the same kind.

rasp.program @is_first vocab ["a", "b"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %same = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %both = rasp.selector_and %same, %earlier
  %n_earlier = rasp.selector_width %both : ?
  %is_first = rasp.map(%n_earlier) "x -> x == 0" : ?
  rasp.return %is_first
}

// CHECK: rasp.program @is_first vocab ["a", "b"] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %earlier = rasp.select %indices, %indices lt
// CHECK-NEXT:   %both = rasp.selector_and %same, %earlier
// CHECK-NEXT:   %is_first_value = rasp.constant false : [false]
// CHECK-NEXT:   %is_first = rasp.aggregate %both, %is_first_value default true : [false, true]
// CHECK-NEXT:   rasp.return %is_first
// CHECK-NEXT: }

// -----

// A map of two operands keeps its function if that gives for 1 what it gives for more, and gets a table if it doesn't occur for 1.

rasp.program @two_operands vocab [0, 1, 2] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %two = rasp.constant 2 : ?
  %twos = rasp.select %tokens, %two eq
  %n_twos = rasp.selector_width %twos : ?
  %token = rasp.map(%n_twos, %tokens) "n, x -> x if n >= 1 else None" : ?
  rasp.return %token
}

// CHECK: rasp.program @two_operands vocab [0, 1, 2] max_seq_len 4 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1, 2]
// CHECK-NEXT:   %two = rasp.constant 2 : [2]
// CHECK-NEXT:   %twos = rasp.select %tokens, %two eq
// CHECK-NEXT:   %n_twos_value = rasp.constant 1 : [1]
// CHECK-NEXT:   %n_twos_present = rasp.aggregate %twos, %n_twos_value default 0 : [0, 1]
// CHECK-NEXT:   %token = rasp.map(%n_twos_present, %tokens) "n, x -> x if n >= 1 else None" : [0, 1, 2] or none
// CHECK-NEXT:   rasp.return %token
// CHECK-NEXT: }

// -----

// A mean is 0 where no value but 0 is selected, and 1 where no other than 1 is.

rasp.program @any_and_all vocab [0, 1] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %any = rasp.map(%mean) "x -> x > 0" : ?
  %mean_1 = rasp.aggregate %all, %tokens : ?
  %every = rasp.map(%mean_1, %tokens) "x, y -> y if x == 1 else 2" : ?
  %result = rasp.map(%any, %every) "x, y -> (x, y)" : ?
  rasp.return %result
}

// CHECK: rasp.program @any_and_all vocab [0, 1] max_seq_len 4 {
// CHECK-NEXT:   %one = rasp.constant 1 : [1]
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean_counted = rasp.select %tokens, %one "k, q -> k == 1"
// CHECK-NEXT:   %mean_selected = rasp.selector_and %all, %mean_counted
// CHECK-NEXT:   %any_value = rasp.constant true : [true]
// CHECK-NEXT:   %any = rasp.aggregate %mean_selected, %any_value default false : [false, true]
// CHECK-NEXT:   %mean_counted_1 = rasp.select %tokens, %one "k, q -> k == 0"
// CHECK-NEXT:   %mean_selected_1 = rasp.selector_and %all, %mean_counted_1
// CHECK-NEXT:   %mean_value = rasp.constant 0 : [0]
// CHECK-NEXT:   %mean_present = rasp.aggregate %mean_selected_1, %mean_value default 1 : [0, 1]
// CHECK-NEXT:   %every = rasp.map(%mean_present, %tokens) "x, y -> y if x == 1 else 2" : [0, 1, 2]
// CHECK-NEXT:   %result = rasp.map(%any, %every) "x, y -> (x, y)" : [(false, 2), (true, 0), (true, 1), (true, 2)]
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// At most one position is selected: the width is whether one is, whatever reads it.

rasp.program @at_most_one vocab [0, 1] max_seq_len 4 {
  %indices = rasp.indices : ?
  %previous = rasp.select %indices, %indices "k, q -> k == q - 1"
  %width = rasp.selector_width %previous : ?
  rasp.return %width
}

// CHECK: rasp.program @at_most_one vocab [0, 1] max_seq_len 4 {
// CHECK-NEXT:   %indices = rasp.indices : 0 to 3
// CHECK-NEXT:   %previous = rasp.select %indices, %indices "k, q -> k == q - 1"
// CHECK-NEXT:   %width_value = rasp.constant 1 : [1]
// CHECK-NEXT:   %width_present = rasp.aggregate %previous, %width_value default 0 : [0, 1]
// CHECK-NEXT:   rasp.return %width_present
// CHECK-NEXT: }

// -----

// It matters how many there are; something but a map reads it; there is always one.

rasp.program @counts vocab [0, 1] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %greater = rasp.select %tokens, %tokens gt
  %several = rasp.selector_width %greater : ?
  %is_several = rasp.map(%several) "x -> x > 1" : ?
  %returned = rasp.selector_width %greater : ?
  %is_some = rasp.map(%returned, %is_several) "x, y -> x > 0 and y" : ?
  %some = rasp.select %returned, %is_some eq
  %same = rasp.select %tokens, %tokens eq
  %always = rasp.selector_width %same : ?
  %at_least_one = rasp.map(%always, %is_some) "x, y -> (x > 1, y)" : ?
  %here = rasp.selector_width %some : ?
  %result = rasp.map(%at_least_one, %here) "x, y -> (x, y)" : ?
  rasp.return %result
}

// CHECK: rasp.program @counts vocab [0, 1] max_seq_len 4 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %greater = rasp.select %tokens, %tokens gt
// CHECK-NEXT:   %several = rasp.selector_width %greater : 0 to 3
// CHECK-NEXT:   %is_several = rasp.map(%several) "x -> x > 1" : [false, true]
// CHECK-NEXT:   %returned = rasp.selector_width %greater : 0 to 3
// CHECK-NEXT:   %is_some = rasp.map(%returned, %is_several) "x, y -> x > 0 and y" : [false, true]
// CHECK-NEXT:   %some = rasp.select %returned, %is_some eq
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %always = rasp.selector_width %same : 1 to 4
// CHECK-NEXT:   %at_least_one = rasp.map(%always, %is_some) "x, y -> (x > 1, y)" : [(false, false), (false, true), (true, false), (true, true)]
// CHECK-NEXT:   %here = rasp.selector_width %some : 0 to 4
// CHECK-NEXT:   %result = rasp.map(%at_least_one, %here) "x, y -> (x, y)" : {{.*}}
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// The default is not the value that is told from others.

rasp.program @default vocab [0, 1] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
  %mean = rasp.aggregate %few, %tokens default 1 : ?
  %any = rasp.map(%mean) "x -> x > 0" : ?
  rasp.return %any
}

// CHECK: rasp.program @default vocab [0, 1] max_seq_len 4 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %few = rasp.select %tokens, %tokens "k, q -> k + q < 2"
// CHECK-NEXT:   %mean = rasp.aggregate %few, %tokens default 1 : [0, 0.25, 0.3333333333333333, 0.5, 0.6666666666666666, 0.75, 1] mixed
// CHECK-NEXT:   %any = rasp.map(%mean) "x -> x > 0" : [false, true]
// CHECK-NEXT:   rasp.return %any
// CHECK-NEXT: }

// -----

// An aggregate of a constant is selected or not; where the function of the constant is undefined the default would be taken for it.

rasp.program @constants vocab [0, 1] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %two = rasp.constant 2 : ?
  %greater = rasp.select %tokens, %tokens gt
  %two_or_0 = rasp.aggregate %greater, %two default 0 : ?
  %half = rasp.map(%two_or_0) "x -> x / 2" : ?
  %two_or_1 = rasp.aggregate %greater, %two default 1 : ?
  %undefined = rasp.map(%two_or_1) "x -> None if x == 2 else x" : ?
  %result = rasp.map(%half, %undefined) "x, y -> (x, y)" : ?
  rasp.return %result
}

// CHECK: rasp.program @constants vocab [0, 1] max_seq_len 4 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %two = rasp.constant 2 : [2]
// CHECK-NEXT:   %greater = rasp.select %tokens, %tokens gt
// CHECK-NEXT:   %half_value = rasp.constant 1.0 : [1.0]
// CHECK-NEXT:   %half = rasp.aggregate %greater, %half_value default 0.0 : [0.0, 1.0]
// CHECK-NEXT:   %two_or = rasp.aggregate %greater, %two default 1 : [1, 2]
// CHECK-NEXT:   %undefined = rasp.map(%two_or) "x -> None if x == 2 else x" : [1] or none
// CHECK-NEXT:   %result = rasp.map(%half, %undefined) "x, y -> (x, y)" : [(0.0, 1), (1.0, 1)] or none
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }
