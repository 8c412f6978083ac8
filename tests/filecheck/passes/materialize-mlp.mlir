// RUN: rasp-opt %s --split-input-file -p materialize-mlp | filecheck %s --match-full-lines

// A map of a one-hot: values with the same result share a hidden unit. Units stand in the order of the values: odd, then even.

rasp.program @lookup vocab [1, 2, 3] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %parity = rasp.map(%tokens) "x -> x % 2" : categorical [0, 1]
  rasp.return %parity
}

// CHECK: rasp.program @lookup vocab [1, 2, 3] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2, 3]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [1, 2, 3]> to !craft.vec<"tokens" [1, 2, 3]>
// CHECK-NEXT:   %parity = craft.mlp(%tokens_1) w_in(3 by 2 [[1, 0], [0, 1], [1, 0]]) bias [0, 0] w_out(2 by 2 [[0, 1], [1, 0]]) : "parity" [0, 1]
// CHECK-NEXT:   %parity_1 = builtin.unrealized_conversion_cast %parity : !craft.vec<"parity" [0, 1]> to !rasp.sop<categorical [0, 1]>
// CHECK-NEXT:   rasp.return %parity_1
// CHECK-NEXT: }

// -----

// A value without a result has no unit: the result is the null vector there, as where an operand is null.

rasp.program @partial vocab [1, 2, 3] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %partial = rasp.map(%tokens) "x -> None if x == 2 else 10 * x" : categorical [10, 30] or none
  %again = rasp.map(%partial) "x -> x == 10" : categorical [false, true] or none
  rasp.return %again
}

// CHECK: rasp.program @partial vocab [1, 2, 3] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2, 3]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [1, 2, 3]> to !craft.vec<"tokens" [1, 2, 3]>
// CHECK-NEXT:   %partial = craft.mlp(%tokens_1) w_in(3 by 2 [[1, 0], [0, 0], [0, 1]]) bias [0, 0] w_out(2 by 2 identity) : "partial" [10, 30] or none
// CHECK-NEXT:   %again = craft.mlp(%partial) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0, 1], [1, 0]]) : "again" [false, true] or none
// CHECK-NEXT:   %again_1 = builtin.unrealized_conversion_cast %again : !craft.vec<"again" [false, true] or none> to !rasp.sop<categorical [false, true] or none>
// CHECK-NEXT:   rasp.return %again_1
// CHECK-NEXT: }

// -----

// A numerical result is written as a number, with a second direction that is 1 where it is defined.

rasp.program @numerical_results vocab [1, 2, 3] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %partial = rasp.map(%tokens) "x -> None if x == 2 else 10 * x" : numerical [10, 30] or none
  rasp.return %partial
}

// CHECK: rasp.program @numerical_results vocab [1, 2, 3] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2, 3]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [1, 2, 3]> to !craft.vec<"tokens" [1, 2, 3]>
// CHECK-NEXT:   %partial = craft.mlp(%tokens_1) w_in(3 by 2 [[1, 0], [0, 0], [0, 1]]) bias [0, 0] w_out(2 by 2 [[10, 1], [30, 1]]) : "partial" numerical [10, 30] or none
// CHECK-NEXT:   %partial_1 = builtin.unrealized_conversion_cast %partial : !craft.vec<"partial" numerical [10, 30] or none> to !rasp.sop<numerical [10, 30] or none>
// CHECK-NEXT:   rasp.return %partial_1
// CHECK-NEXT: }

// -----

// Two operands: a unit tests `x in S and y in T` with the bias -1, for each pair of classes that has a result.

rasp.program @two_operands vocab [1, 2, 3] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [1, 2, 3]
  %indices = rasp.indices : categorical [0, 1]
  %sum = rasp.map(%tokens, %indices) "x, i -> 'large' if x + i > 3 else None if x < 2 else 'small'" : categorical ["large", "small"] or none
  rasp.return %sum
}

// CHECK: rasp.program @two_operands vocab [1, 2, 3] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [1, 2, 3]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [1, 2, 3]> to !craft.vec<"tokens" [1, 2, 3]>
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1]
// CHECK-NEXT:   %indices_1 = builtin.unrealized_conversion_cast %indices : !rasp.sop<categorical [0, 1]> to !craft.vec<"indices" [0, 1]>
// CHECK-NEXT:   %sum = craft.mlp(%tokens_1, %indices_1) w_in(3 by 4 [[0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]], 2 by 4 [[1, 0, 1, 0], [0, 1, 0, 1]]) bias [-1, -1, -1, -1] w_out(4 by 2 [[0, 1], [0, 1], [0, 1], [1, 0]]) : "sum" ["large", "small"] or none
// CHECK-NEXT:   %sum_1 = builtin.unrealized_conversion_cast %sum : !craft.vec<"sum" ["large", "small"] or none> to !rasp.sop<categorical ["large", "small"] or none>
// CHECK-NEXT:   rasp.return %sum_1
// CHECK-NEXT: }

// -----

// Step decoder: two units per threshold, whose slope is the smallest power of two that is at least 4 / gap, read from the side on which they stay
// smaller. Here the gaps are 1/2: the units are 2 - 8 x and 1 - 8 x below the first threshold, 8 x - 6 and 8 x - 7 above the second one. A last unit
// is always on and writes the class between.

rasp.program @steps vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %one_hot = rasp.cast %mean : categorical [0, 0.5, 1] mixed
  rasp.return %one_hot
}

// CHECK: rasp.program @steps vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [0, 0.5, 1] mixed> to !craft.vec<"mean" numerical [0, 0.5, 1] mixed>
// CHECK-NEXT:   %one_hot = craft.mlp(%mean_1) w_in(1 by 5 [[-8, -8, 8, 8, 0]]) bias [2, 1, -6, -7, 1] w_out(5 by 3 [[1, -1, 0], [-1, 1, 0], [0, -1, 1], [0, 1, -1], [0, 1, 0]]) : "one_hot" [0, 0.5, 1] mixed
// CHECK-NEXT:   %one_hot_1 = builtin.unrealized_conversion_cast %one_hot : !craft.vec<"one_hot" [0, 0.5, 1] mixed> to !rasp.sop<categorical [0, 0.5, 1] mixed>
// CHECK-NEXT:   rasp.return %one_hot_1
// CHECK-NEXT: }

// -----

// Neighbours of one class have no threshold between them.

rasp.program @fewer_steps vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %positive = rasp.map(%mean) "x -> x > 0" : categorical [false, true]
  rasp.return %positive
}

// CHECK: rasp.program @fewer_steps vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [0, 0.5, 1] mixed> to !craft.vec<"mean" numerical [0, 0.5, 1] mixed>
// CHECK-NEXT:   %positive = craft.mlp(%mean_1) w_in(1 by 3 [[-8, -8, 0]]) bias [2, 1, 1] w_out(3 by 2 [[1, -1], [-1, 1], [0, 1]]) : "positive" [false, true]
// CHECK-NEXT:   %positive_1 = builtin.unrealized_conversion_cast %positive : !craft.vec<"positive" [false, true]> to !rasp.sop<categorical [false, true]>
// CHECK-NEXT:   rasp.return %positive_1
// CHECK-NEXT: }

// -----

// A class without a result is the null vector.

rasp.program @partial_steps vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %doubled_half = rasp.map(%mean) "x -> 2 * x if x == 0.5 else None" : categorical [1.0] or none
  rasp.return %doubled_half
}

// CHECK: rasp.program @partial_steps vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [0, 0.5, 1] mixed> to !craft.vec<"mean" numerical [0, 0.5, 1] mixed>
// CHECK-NEXT:   %doubled_half = craft.mlp(%mean_1) w_in(1 by 5 [[-8, -8, 8, 8, 0]]) bias [2, 1, -6, -7, 1] w_out(5 by 1 [[-1], [1], [-1], [1], [1]]) : "doubled_half" [1.0] or none
// CHECK-NEXT:   %doubled_half_1 = builtin.unrealized_conversion_cast %doubled_half : !craft.vec<"doubled_half" [1.0] or none> to !rasp.sop<categorical [1.0] or none>
// CHECK-NEXT:   rasp.return %doubled_half_1
// CHECK-NEXT: }

// -----

// The same with negative numbers: -4 x - 4 is on below the first threshold, 4 x above the second one.

rasp.program @negative_steps vocab [-2, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [-2, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [-2, -0.5, 1] mixed
  %one_hot = rasp.cast %mean : categorical [-2, -0.5, 1] mixed
  rasp.return %one_hot
}

// CHECK: rasp.program @negative_steps vocab [-2, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [-2, 1]
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [-2, -0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [-2, -0.5, 1] mixed> to !craft.vec<"mean" numerical [-2, -0.5, 1] mixed>
// CHECK-NEXT:   %one_hot = craft.mlp(%mean_1) w_in(1 by 5 [[-4, -4, 4, 4, 0]]) bias [-4, -5, 0, -1, 1] w_out(5 by 3 [[1, -1, 0], [-1, 1, 0], [0, -1, 1], [0, 1, -1], [0, 1, 0]]) : "one_hot" [-2, -0.5, 1] mixed
// CHECK-NEXT:   %one_hot_1 = builtin.unrealized_conversion_cast %one_hot : !craft.vec<"one_hot" [-2, -0.5, 1] mixed> to !rasp.sop<categorical [-2, -0.5, 1] mixed>
// CHECK-NEXT:   rasp.return %one_hot_1
// CHECK-NEXT: }

// -----

// A number that may be undefined is zero there: its steps are read from zero outwards, so that all units are off at zero. The last unit is on where
// the second direction is 1.

rasp.program @undefined_steps vocab [0, 1] max_seq_len 3 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical [0, 1, 2]
  %later = rasp.select %indices, %indices gt
  %mean = rasp.aggregate %later, %tokens : numerical [0, 0.5, 1] mixed or none
  %positive = rasp.map(%mean) "x -> x > 0" : categorical [false, true] or none
  rasp.return %positive
}

// CHECK: rasp.program @undefined_steps vocab [0, 1] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : categorical [0, 1, 2]
// CHECK-NEXT:   %later = rasp.select %indices, %indices gt
// CHECK-NEXT:   %mean = rasp.aggregate %later, %tokens : numerical [0, 0.5, 1] mixed or none
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [0, 0.5, 1] mixed or none> to !craft.vec<"mean" numerical [0, 0.5, 1] mixed or none>
// CHECK-NEXT:   %positive = craft.mlp(%mean_1) w_in(2 by 3 [[8, 8, 0], [0, 0, 1]]) bias [-2, -3, 0] w_out(3 by 2 [[-1, 1], [1, -1], [1, 0]]) : "positive" [false, true] or none
// CHECK-NEXT:   %positive_1 = builtin.unrealized_conversion_cast %positive : !craft.vec<"positive" [false, true] or none> to !rasp.sop<categorical [false, true] or none>
// CHECK-NEXT:   rasp.return %positive_1
// CHECK-NEXT: }

// -----

// Affine combinations of numbers: relu(z) - relu(-z), where z is 2 x - y + 3.

rasp.program @affine vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %number = rasp.map(%tokens) "x -> x" : numerical [0, 1]
  %affine = rasp.map(%mean, %number) affine [2, -1] + 3 : numerical [2, 3, 4, 5]
  rasp.return %affine
}

// CHECK: rasp.program @affine vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [0, 1]> to !craft.vec<"tokens" [0, 1]>
// CHECK-NEXT:   %every = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   %mean_1 = builtin.unrealized_conversion_cast %mean : !rasp.sop<numerical [0, 0.5, 1] mixed> to !craft.vec<"mean" numerical [0, 0.5, 1] mixed>
// CHECK-NEXT:   %number = craft.mlp(%tokens_1) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 1 [[0], [1]]) : "number" numerical [0, 1]
// CHECK-NEXT:   %affine = craft.mlp(%mean_1, %number) w_in(1 by 3 [[2, -2, 0]], 1 by 3 [[-1, 1, 0]]) bias [3, -3, 1] w_out(3 by 1 [[1], [-1], [0]]) : "affine" numerical 2 to 5
// CHECK-NEXT:   %affine_1 = builtin.unrealized_conversion_cast %affine : !craft.vec<"affine" numerical 2 to 5> to !rasp.sop<numerical 2 to 5>
// CHECK-NEXT:   rasp.return %affine_1
// CHECK-NEXT: }

// -----

// ... both off where an operand is undefined, and a third unit that tells where all are defined.

rasp.program @undefined_affine vocab [0, 1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [0, 1]
  %x = rasp.map(%tokens) "x -> None if x == 0 else 5" : numerical [5] or none
  %y = rasp.map(%tokens) "x -> None if x == 1 else 1" : numerical [1] or none
  %sum = rasp.map(%x, %y) affine [1, 1] : numerical [6] or none
  rasp.return %sum
}

// CHECK: rasp.program @undefined_affine vocab [0, 1] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [0, 1]> to !craft.vec<"tokens" [0, 1]>
// CHECK-NEXT:   %x = craft.mlp(%tokens_1) w_in(2 by 1 [[0], [1]]) bias [0] w_out(1 by 2 [[5, 1]]) : "x" numerical [5] or none
// CHECK-NEXT:   %y = craft.mlp(%tokens_1) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 2 [[1, 1]]) : "y" numerical [1] or none
// CHECK-NEXT:   %sum = craft.mlp(%x, %y) w_in(2 by 3 [[1, -1, 0], [16, 16, 1]], 2 by 3 [[1, -1, 0], [16, 16, 1]]) bias [-32, -32, -1] w_out(3 by 2 [[1, 0], [-1, 0], [0, 1]]) : "sum" numerical [6] or none
// CHECK-NEXT:   %sum_1 = builtin.unrealized_conversion_cast %sum : !craft.vec<"sum" numerical [6] or none> to !rasp.sop<numerical [6] or none>
// CHECK-NEXT:   rasp.return %sum_1
// CHECK-NEXT: }

// -----

// A cast to a number is a lookup.

rasp.program @cast vocab [3, 4] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [3, 4]
  %number = rasp.cast %tokens : numerical [3, 4]
  rasp.return %number
}

// CHECK: rasp.program @cast vocab [3, 4] max_seq_len 1 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [3, 4]
// CHECK-NEXT:   %tokens_1 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [3, 4]> to !craft.vec<"tokens" [3, 4]>
// CHECK-NEXT:   %number = craft.mlp(%tokens_1) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 1 [[3], [4]]) : "number" numerical [3, 4]
// CHECK-NEXT:   %number_1 = builtin.unrealized_conversion_cast %number : !craft.vec<"number" numerical [3, 4]> to !rasp.sop<numerical [3, 4]>
// CHECK-NEXT:   rasp.return %number_1
// CHECK-NEXT: }

// -----

// A width is read from the weight on BOS, 1 / (1 + width): 1/3 for two positions and 1/2 for one. The gap is 1/6 and the slope 32.

rasp.program @width vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : categorical [1, 2]
  rasp.return %width
}

// CHECK: rasp.program @width vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical ["a", "b"]
// CHECK-NEXT:   %same = rasp.select %tokens, %tokens eq
// CHECK-NEXT:   %width_inverse = rasp.bos_weight %same : numerical [0.3333333333333333, 0.5]
// CHECK-NEXT:   %width_inverse_1 = builtin.unrealized_conversion_cast %width_inverse : !rasp.sop<numerical [0.3333333333333333, 0.5]> to !craft.vec<"width_inverse" numerical [0.3333333333333333, 0.5]>
// CHECK-NEXT:   %width = craft.mlp(%width_inverse_1) w_in(1 by 3 [[32, 32, 0]]) bias [-13, -14, 1] w_out(3 by 2 [[1, -1], [-1, 1], [0, 1]]) : "width" [1, 2]
// CHECK-NEXT:   %width_1 = builtin.unrealized_conversion_cast %width : !craft.vec<"width" [1, 2]> to !rasp.sop<categorical [1, 2]>
// CHECK-NEXT:   rasp.return %width_1
// CHECK-NEXT: }

// -----

// Selectors and encodings are legalised first; aggregates, selects and inputs are left to materialize-attention.

rasp.program @legalised vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %others = rasp.selector_not %same
  %constant = rasp.constant 7 : [7]
  %aggregate = rasp.aggregate %others, %constant default 8 : [7, 8]
  rasp.return %aggregate
}

// CHECK: rasp.program @legalised vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : categorical [0, 1]
// CHECK-NEXT:   %others = rasp.select %tokens, %tokens ne
// CHECK-NEXT:   %constant = rasp.constant 7 : categorical [7]
// CHECK-NEXT:   %aggregate = rasp.aggregate %others, %constant default 8 : categorical [7, 8]
// CHECK-NEXT:   rasp.return %aggregate
// CHECK-NEXT: }
