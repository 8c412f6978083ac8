// RUN: rasp-opt %s --split-input-file -p materialize-attention | filecheck %s --match-full-lines

// An aggregate is a head. The bilinear form of the score has a 1 where the predicate holds, queries by rows and keys by columns. BOS scores 1/2:
// half-way between a selected key and the others. Nothing is written at BOS unless there is a default.

rasp.program @aggregate vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %indices = rasp.indices : categorical [0, 1]
  %earlier = rasp.select %indices, %indices lt
  %shift = rasp.aggregate %earlier, %tokens : categorical ["a", "b"] or none
  rasp.return %shift
}

// CHECK: craft.model @aggregate vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %shift = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "shift" ["a", "b"] or none
// CHECK-NEXT:   craft.unembed %shift
// CHECK-NEXT: }

// -----

// A default is the direction of its value, which is in the domain of the result and perhaps not in that of the values.

rasp.program @default vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %indices = rasp.indices : categorical [0, 1]
  %earlier = rasp.select %indices, %indices lt
  %shift = rasp.aggregate %earlier, %tokens default "-" : categorical ["-", "a", "b"]
  rasp.return %shift
}

// CHECK: craft.model @default vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %shift = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%tokens) ov(2 by 3 [[0, 1, 0], [0, 0, 1]]) bos [1, 0, 0] score 0.5 temperature 100.0 : "shift" ["-", "a", "b"]
// CHECK-NEXT:   craft.unembed %shift
// CHECK-NEXT: }

// -----

// A selector that selects everything needs no operands: every position scores 1 for every other.

rasp.program @everything vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  rasp.return %mean
}

// CHECK: craft.model @everything vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %mean = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "mean" numerical [0, 0.5, 1] mixed
// CHECK-NEXT:   craft.unembed %mean
// CHECK-NEXT: }

// -----

// ... unless an operand can be undefined: the form is 1 where both are defined.

rasp.program @every_defined vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical [0, 1]
  %earlier = rasp.select %indices, %indices lt
  %shift = rasp.aggregate %earlier, %tokens : categorical [0, 1] or none
  %defined = rasp.select %shift, %tokens true
  %mean = rasp.aggregate %defined, %tokens : numerical [0, 0.5, 1] mixed or none
  rasp.return %mean
}

// CHECK: craft.model @every_defined vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %shift = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "shift" [0, 1] or none
// CHECK-NEXT:   %mean = craft.head query(%tokens) key(%shift) qk(2 by 2 [[1, 1], [1, 1]]) value(%tokens) ov(2 by 2 [[0, 1], [1, 1]]) bos [0, 0] score 0.5 temperature 100.0 : "mean" numerical [0, 0.5, 1] mixed or none
// CHECK-NEXT:   craft.unembed %mean
// CHECK-NEXT: }

// -----

// A conjunction is the sum of its terms; BOS scores 3/2 where two have to hold. A predicate without a result (`none`) doesn't hold.

rasp.program @conjunction vocab [0, 1] max_seq_len 2 causal {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical [0, 1]
  %earlier = rasp.select %indices, %indices lt
  %like = rasp.select %tokens, %tokens table ([0, 1], [0, 1]) -> [true, none, none, true]
  %both = rasp.selector_and %earlier, %like
  %previous = rasp.aggregate %both, %tokens : categorical [0, 1] or none
  rasp.return %previous
}

// CHECK: craft.model @conjunction vocab [0, 1] max_seq_len 2 causal {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %previous = craft.head query(%indices, %tokens) key(%indices, %tokens) qk(2 by 2 [[0, 0], [1, 0]], 2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 : "previous" [0, 1] or none
// CHECK-NEXT:   craft.unembed %previous
// CHECK-NEXT: }

// -----

// That the values are defined is one more conjunct.

rasp.program @undefined_values vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %indices = rasp.indices : categorical [0, 1]
  %earlier = rasp.select %indices, %indices lt
  %shift = rasp.aggregate %earlier, %tokens : categorical [0, 1] or none
  %same = rasp.select %tokens, %tokens eq
  %again = rasp.aggregate %same, %shift default 1 : categorical [0, 1]
  rasp.return %again
}

// CHECK: craft.model @undefined_values vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %shift = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "shift" [0, 1] or none
// CHECK-NEXT:   %again = craft.head query(%tokens, %one) key(%tokens, %shift) qk(2 by 2 identity, 1 by 2 [[1, 1]]) value(%shift) ov(2 by 2 identity) bos [0, 1] score 1.5 temperature 100.0 : "again" [0, 1]
// CHECK-NEXT:   craft.unembed %again
// CHECK-NEXT: }

// -----

// Numerical values: read from a one-hot, and copied from a number.

rasp.program @numerical vocab [3, 5] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [3, 5]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [3, 4.0, 5] mixed
  %mean_of_means = rasp.aggregate %every, %mean : numerical [3, 4.0, 5] mixed
  rasp.return %mean_of_means
}

// CHECK: craft.model @numerical vocab [3, 5] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [3, 5]
// CHECK-NEXT:   %mean = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%tokens) ov(2 by 1 [[3], [5]]) bos [0] score 0.5 temperature 100.0 : "mean" numerical [3, 4.0, 5] mixed
// CHECK-NEXT:   %mean_of_means = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%mean) ov(1 by 1 [[1]]) bos [0] score 0.5 temperature 100.0 : "mean_of_means" numerical [3, 4.0, 5] mixed
// CHECK-NEXT:   craft.unembed %mean_of_means
// CHECK-NEXT: }

// -----

// ... with a direction for "defined" where the result may be undefined: the constant one, or that of the values, or a column of ones.

rasp.program @numerical_or_none vocab [3, 5] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [3, 5]
  %indices = rasp.indices : categorical [0, 1]
  %number = rasp.constant 4 : numerical [4]
  %earlier = rasp.select %indices, %indices lt
  %from_one_hot = rasp.aggregate %earlier, %tokens : numerical [3, 4.0, 5] mixed or none
  %from_number = rasp.aggregate %earlier, %number : numerical [4] or none
  %same = rasp.select %indices, %indices eq
  %copy = rasp.aggregate %same, %from_one_hot : numerical [3, 4.0, 5] mixed or none
  %copied = rasp.select %tokens, %tokens true
  %0 = rasp.aggregate %copied, %from_number default 7 : numerical [4, 7]
  %1 = rasp.aggregate %copied, %copy default 8 : numerical [3, 4.0, 5, 8] mixed
  %2 = builtin.unrealized_conversion_cast %0 : !rasp.sop<numerical [4, 7]> to !craft.vec<"x" numerical [4, 7]>
  %3 = builtin.unrealized_conversion_cast %1 : !rasp.sop<numerical [3, 4.0, 5, 8] mixed> to !craft.vec<"y" numerical [3, 4.0, 5, 8] mixed>
  %sum = craft.mlp(%2, %3) w_in(1 by 2 [[1, -1]], 1 by 2 [[1, -1]]) bias [0, 0] w_out(2 by 1 [[1], [-1]]) : "sum" numerical [7, 8.0, 9, 10, 11.0, 12, 15]
  %4 = builtin.unrealized_conversion_cast %sum : !craft.vec<"sum" numerical [7, 8.0, 9, 10, 11.0, 12, 15]> to !rasp.sop<numerical [7, 8.0, 9, 10, 11.0, 12, 15]>
  rasp.return %4
}

// CHECK: craft.model @numerical_or_none vocab [3, 5] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [3, 5]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %number = craft.linear %one (1 by 1 [[4]]) : "number" numerical [4]
// CHECK-NEXT:   %from_one_hot = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%tokens) ov(2 by 2 [[3, 1], [5, 1]]) bos [0, 0] score 0.5 temperature 100.0 : "from_one_hot" numerical [3, 4.0, 5] mixed or none
// CHECK-NEXT:   %from_number = craft.head query(%indices) key(%indices) qk(2 by 2 [[0, 0], [1, 0]]) value(%number, %one) ov(1 by 2 [[1, 0]], 1 by 2 [[0, 1]]) bos [0, 0] score 0.5 temperature 100.0 : "from_number" numerical [4] or none
// CHECK-NEXT:   %copy = craft.head query(%indices, %one) key(%indices, %from_one_hot) qk(2 by 2 identity, 1 by 2 [[0, 1]]) value(%from_one_hot) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 : "copy" numerical [3, 4.0, 5] mixed or none
// CHECK-NEXT:   %0 = craft.head query(%one, %one) key(%one, %from_number) qk(1 by 1 [[1]], 1 by 2 [[0, 1]]) value(%from_number) ov(2 by 1 [[1], [0]]) bos [7] score 1.5 temperature 100.0 : "x" numerical [4, 7]
// CHECK-NEXT:   %1 = craft.head query(%one, %one) key(%one, %copy) qk(1 by 1 [[1]], 1 by 2 [[0, 1]]) value(%copy) ov(2 by 1 [[1], [0]]) bos [8] score 1.5 temperature 100.0 : "y" numerical [3, 4.0, 5, 8] mixed
// CHECK-NEXT:   %sum = craft.mlp(%0, %1) w_in(1 by 2 [[1, -1]], 1 by 2 [[1, -1]]) bias [0, 0] w_out(2 by 1 [[1], [-1]]) : "sum" numerical [7, 8.0, 9, 10, 11.0, 12, 15]
// CHECK-NEXT:   craft.unembed %sum
// CHECK-NEXT: }

// -----

// The weight that attention leaves on BOS: BOS scores as much as a selected key, and is the only one that isn't read as 0.

rasp.program @bos_weight vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %indices = rasp.indices : categorical [0, 1]
  %same = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %both = rasp.selector_and %same, %earlier
  %weight = rasp.bos_weight %both : numerical [0.5, 1.0]
  rasp.return %weight
}

// CHECK: craft.model @bos_weight vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1]
// CHECK-NEXT:   %weight = craft.head query(%tokens, %indices) key(%tokens, %indices) qk(2 by 2 identity, 2 by 2 [[0, 0], [1, 0]]) value() ov() bos [1] score 2.0 temperature 100.0 : "weight" numerical [0.5, 1.0]
// CHECK-NEXT:   craft.unembed %weight
// CHECK-NEXT: }

// -----

// A constant is a linear map of the constant one.

rasp.program @constant vocab ["a", "b"] max_seq_len 2 {
  %five = rasp.constant 5 : categorical [5]
  %tokens = rasp.tokens : categorical ["a", "b"]
  %not_five = rasp.select %tokens, %five ne
  %five_or_six = rasp.aggregate %not_five, %five default 6 : categorical [5, 6]
  rasp.return %five_or_six
}

// CHECK: craft.model @constant vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %five = craft.linear %one (1 by 1 [[1]]) : "five" [5]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %five_or_six = craft.head query(%one) key(%one) qk(1 by 1 [[1]]) value(%five) ov(1 by 2 [[1, 0]]) bos [0, 1] score 0.5 temperature 100.0 : "five_or_six" [5, 6]
// CHECK-NEXT:   craft.unembed %five_or_six
// CHECK-NEXT: }

// -----

// ... and undefined is the null vector, here of no directions at all.

rasp.program @none vocab ["a", "b"] max_seq_len 2 {
  %none = rasp.constant none : categorical [] or none
  %number = rasp.constant none : numerical [] or none
  %tokens = rasp.tokens : categorical ["a", "b"]
  %every = rasp.select %tokens, %tokens true
  %nothing = rasp.aggregate %every, %none : categorical [] or none
  %unselected = rasp.select %nothing, %tokens true
  %number_again = rasp.aggregate %unselected, %number : numerical [] or none
  rasp.return %number_again
}

// CHECK: craft.model @none vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %none = craft.linear %one (1 by 0 [[]]) : "none" [] or none
// CHECK-NEXT:   %number = craft.linear %one (1 by 2 [[0, 0]]) : "number" numerical [] or none
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %nothing = craft.head query(%one, %one) key(%one, %none) qk(1 by 1 [[1]], 1 by 0 [[]]) value(%none) ov(0 by 0 []) bos [] score 1.5 temperature 100.0 : "nothing" [] or none
// CHECK-NEXT:   %number_again = craft.head query(%tokens, %one) key(%nothing, %number) qk(2 by 0 [[], []], 1 by 2 [[0, 1]]) value(%number) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 : "number_again" numerical [] or none
// CHECK-NEXT:   craft.unembed %number_again
// CHECK-NEXT: }

// -----

// A perceptron stands already: the casts at its borders vanish. Its inputs keep the names that it knows them by.

rasp.program @after_materialize_mlp vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %0 = builtin.unrealized_conversion_cast %tokens : !rasp.sop<categorical [0, 1]> to !craft.vec<"letters" [0, 1]>
  %not = craft.mlp(%0) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0, 1], [1, 0]]) : "not" [0, 1]
  %1 = builtin.unrealized_conversion_cast %not : !craft.vec<"not" [0, 1]> to !rasp.sop<categorical [0, 1]>
  %opposite = rasp.select %tokens, %1 eq
  %aggregate = rasp.aggregate %opposite, %1 : categorical [0, 1] or none
  rasp.return %aggregate
}

// CHECK: craft.model @after_materialize_mlp vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "letters" [0, 1]
// CHECK-NEXT:   %not = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0, 1], [1, 0]]) : "not" [0, 1]
// CHECK-NEXT:   %aggregate = craft.head query(%not) key(%tokens) qk(2 by 2 identity) value(%not) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "aggregate" [0, 1] or none
// CHECK-NEXT:   craft.unembed %aggregate
// CHECK-NEXT: }

// -----

// Names of subspaces are those of the values; where one is taken, it gets a number.

rasp.program @names vocab [0, 1] max_seq_len 2 {
  %0 = rasp.tokens : categorical [0, 1]
  %1 = rasp.tokens : categorical [0, 1]
  %one = rasp.indices : categorical [0, 1]
  %every = rasp.select %0, %1 true
  %same = rasp.select %0, %one eq
  %both = rasp.selector_and %every, %same
  %2 = rasp.aggregate %both, %1 : categorical [0, 1] or none
  rasp.return %2
}

// CHECK: craft.model @names vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one_1" numerical [1]
// CHECK-NEXT:   %0 = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %1 = craft.embed_tokens : "tokens_1" [0, 1]
// CHECK-NEXT:   %one_1 = craft.embed_positions : "one" [0, 1]
// CHECK-NEXT:   %2 = craft.head query(%one, %one_1) key(%one, %0) qk(1 by 1 [[1]], 2 by 2 identity) value(%1) ov(2 by 2 identity) bos [0, 0] score 1.5 temperature 100.0 : "aggregate" [0, 1] or none
// CHECK-NEXT:   craft.unembed %2
// CHECK-NEXT: }

// -----

// An attenuated width is what the selected keys get beside BOS, which is ahead of them by the lead. Embedded keys and queries are exact, and their
// scores are multiplied by 32.

rasp.program @attenuated_width vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.attenuated_width %same lead 4.0 : numerical [0.9820137900379085, 1.9293263119438075]
  rasp.return %width
}

// CHECK: craft.model @attenuated_width vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %width = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%one) ov(1 by 1 [[54.598150033144236]]) bos [0] score 1.0 lead 4.0 temperature 32.0 : "width" numerical [0.9820137900379085, 1.9293263119438075]
// CHECK-NEXT:   craft.unembed %width
// CHECK-NEXT: }

// -----

// What a head or a perceptron computes may be inexact: the scores are multiplied by no more than is needed.

rasp.program @attenuated_width_of_inexact vocab ["a", "b"] max_seq_len 2 {
  %tokens = rasp.tokens : categorical ["a", "b"]
  %same = rasp.select %tokens, %tokens eq
  %common = rasp.aggregate %same, %tokens : categorical ["a", "b"]
  %alike = rasp.select %common, %common eq
  %width = rasp.attenuated_width %alike lead 4.0 : numerical [0.9820137900379085, 1.9293263119438075]
  rasp.return %width
}

// CHECK: craft.model @attenuated_width_of_inexact vocab ["a", "b"] max_seq_len 2 {
// CHECK-NEXT:   %one = craft.one : "one" numerical [1]
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %common = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "common" ["a", "b"]
// CHECK-NEXT:   %width = craft.head query(%common) key(%common) qk(2 by 2 identity) value(%one) ov(1 by 1 [[54.598150033144236]]) bos [0] score 1.0 lead 4.0 temperature 8.0 : "width" numerical [0.9820137900379085, 1.9293263119438075]
// CHECK-NEXT:   craft.unembed %width
// CHECK-NEXT: }
