// RUN: rasp-opt %s --split-input-file -p fold-linear | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p fold-linear -o %t.mlir && rasp-opt %t.mlir --split-input-file -p fold-linear | diff %t.mlir -

// A map of one-hot vectors is part of the scores that read it.

craft.model @shapes vocab ["lang", "long", "short"] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" ["lang", "long", "short"]
  %shape = craft.linear %tokens (3 by 2 [[1, 0], [1, 0], [0, 1]]) : "shape" ["l", "s"]
  %same = craft.head query(%shape) key(%shape) qk(2 by 2 identity) value(%tokens) ov(3 by 3 identity) bos [0, 0, 0] score 0.5 temperature 100.0 : "same" ["lang", "long", "short"]
  craft.unembed %same
}

// CHECK: craft.model @shapes vocab ["lang", "long", "short"] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["lang", "long", "short"]
// CHECK-NEXT:   %same = craft.head query(%tokens) key(%tokens) qk(3 by 3 [[1, 1, 0], [1, 1, 0], [0, 0, 1]]) value(%tokens) ov(3 by 3 identity) bos [0, 0, 0] score 0.5 temperature 100.0 : "same" ["lang", "long", "short"]
// CHECK-NEXT:   craft.unembed %same
// CHECK-NEXT: }

// -----

// If nothing else is read of a component, it writes what the map makes of it.

craft.model @written vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %found = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 1] score 0.5 temperature 100.0 : "found" [0, 1]
  %name = craft.linear %found (2 by 2 [[0, 1], [1, 0]]) : "name" ["one", "zero"]
  craft.unembed %name
}

// CHECK: craft.model @written vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %name = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 [[0, 1], [1, 0]]) bos [1, 0] score 0.5 temperature 100.0 : "name" ["one", "zero"]
// CHECK-NEXT:   craft.unembed %name
// CHECK-NEXT: }

// -----

// A sum of numbers is read term by term, and its constant is a part of the bias.

craft.model @affine vocab [0, 1] max_seq_len 2 {
  %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "a" numerical [0, 0.5, 1]
  %twice = craft.linear %a (1 by 1 [[2]]) : "twice" numerical [0, 1, 2]
  %three = craft.linear %one (1 by 1 [[3]]) : "three" numerical [3]
  %sum = craft.sum(%twice, %three) : "sum" numerical [3, 4, 5]
  %much = craft.mlp (%sum) w_in(1 by 2 [[4, 0]]) bias [-14, 1] w_out(2 by 1 [[1], [0]]) : "much" [true]
  craft.unembed %much
}

// CHECK: craft.model @affine vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %a = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "a" numerical [0, 0.5, 1]
// CHECK-NEXT:   %much = craft.mlp(%a) w_in(1 by 2 [[8, 0]]) bias [-2, 1] w_out(2 by 1 [[1], [0]]) : "much" [true]
// CHECK-NEXT:   craft.unembed %much
// CHECK-NEXT: }

// -----

// A number that is embedded stays, if nothing else reads the one-hot vector.

craft.model @number vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  %number = craft.linear %tokens (2 by 1 [[1], [2]]) : "number" numerical [1, 2]
  %large = craft.mlp (%number) w_in(1 by 2 [[4, 4]]) bias [-5, -6] w_out(2 by 1 [[1], [-1]]) : "large" [true] or none
  craft.unembed %large
}

// CHECK: craft.model @number vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [1, 2]
// CHECK-NEXT:   %number = craft.linear %tokens (2 by 1 [[1], [2]]) : "number" numerical [1, 2]
// CHECK-NEXT:   %large = craft.mlp(%number) w_in(1 by 2 [[4, 4]]) bias [-5, -6] w_out(2 by 1 [[1], [-1]]) : "large" [true] or none
// CHECK-NEXT:   craft.unembed %large
// CHECK-NEXT: }

// -----

// What reads the terms of a partial sum is partial, if it is no value somewhere. What was partial stays so in the same
// way, and what reads another sum isn't.

craft.model @partial vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" [0, 1]
  %x = craft.mlp(%tokens) w_in(2 by 1 [[0], [1]]) bias [0] w_out(1 by 1 [[1]]) : "x" numerical [0, 1]
  %y = craft.mlp(%indices) w_in(2 by 1 [[0], [1]]) bias [0] w_out(1 by 1 [[1]]) : "y" numerical [0, 1]
  %some = craft.sum(%x, %y) : "some" numerical [0, 1] partial
  %all = craft.sum(%x, %y) : "all" numerical [0, 1, 2]
  %a = craft.mlp(%some) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "a" numerical [0, 1]
  %b = craft.mlp(%some) w_in(1 by 2 [[1, 1]]) bias [0, -1] w_out(2 by 1 [[1], [-1]]) : "b" numerical [0, 1]
  %c = craft.mlp(%all) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [0, 1, 2]
  %d = craft.mlp(%all) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "d" numerical [0, 1] partial
  %r = craft.mlp(%a, %b, %c, %d) w_in(1 by 1 [[1]], 1 by 1 [[1]], 1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "r" numerical [0, 1]
  craft.unembed %r
}

// CHECK: craft.model @partial vocab [0, 1] max_seq_len 2 {
// CHECK: %a = craft.mlp(%x, %y) w_in(1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "a" numerical [0, 1] partial
// CHECK-NEXT: %b = craft.mlp(%x, %y) w_in(1 by 2 [[1, 1]], 1 by 2 [[1, 1]]) bias [0, -1] w_out(2 by 1 [[1], [-1]]) : "b" numerical [0, 1]
// CHECK-NEXT: %c = craft.mlp(%x, %y) w_in(1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "c" numerical [0, 1, 2]
// CHECK-NEXT: %d = craft.mlp(%x, %y) w_in(1 by 1 [[1]], 1 by 1 [[1]]) bias [0] w_out(1 by 1 [[1]]) : "d" numerical [0, 1] partial
