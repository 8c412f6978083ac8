// RUN: rasp-opt %s --split-input-file -p shrink-attention | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p shrink-attention -o %t.mlir && rasp-opt %t.mlir --split-input-file | diff %t.mlir -
// RUN: rasp-opt %s --split-input-file -p shrink-attention -o %t.mlir && rasp-opt %t.mlir --split-input-file -p shrink-attention | diff %t.mlir -
// RUN: rasp-opt %s --split-input-file -p shrink-attention -o %t.mlir && rasp-opt %t.mlir --split-input-file --print-op-generic | rasp-opt --split-input-file | diff %t.mlir -

// The key before the query: the score is 1 - (k - j)**2 for the number j of the selected key. No query selects the last key.

craft.model @shift vocab ["a", "b"] max_seq_len 6 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %indices = craft.embed_positions : "indices" 0 to 5
  %shift = craft.head layer 0 query(%indices) key(%indices) qk(6 by 6 [[0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 at_most_one : "shift" ["a", "b"] or none
  craft.unembed %shift
}

// CHECK: craft.model @shift vocab ["a", "b"] max_seq_len 6 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b"]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" 0 to 5
// CHECK-NEXT:   %shift = craft.head layer 0 query(%indices) key(%indices) qk(product(6 by 3 [[0, 0, 0], [-3, -4, -1], [0, -2, -1], [1, 0, -1], [0, 2, -1], [-3, 4, -1]], 3 by 6 [[1, 1, 1, 1, 1, 0], [-2, -1, 0, 1, 2, 0], [4, 1, 0, 1, 4, 0]])) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 128.0 at_most_one : "shift" ["a", "b"] or none
// CHECK-NEXT:   craft.unembed %shift
// CHECK-NEXT: }

// -----

// A query and the one before it: the score is 1 - (k - q) (k - q + 1) / 2. Heads of an attention are found, too.

craft.model @window vocab [0, 1] max_seq_len 5 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" 0 to 4
  %window = craft.attention layer 0 {
    %window_1 = craft.head query(%indices) key(%indices) qk(5 by 5 [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 100.0 : "window" numerical [0, 0.5, 1]
    craft.yield(%window_1)
  } : "window" numerical [0, 0.5, 1]
  craft.unembed %window
}

// CHECK: craft.model @window vocab [0, 1] max_seq_len 5 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" [0, 1]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" 0 to 4
// CHECK-NEXT:   %window = craft.attention layer 0 {
// CHECK-NEXT:     %window_1 = craft.head query(%indices) key(%indices) qk(product(5 by 3 [[-1, -1, 0], [0, -2, -1], [1, -1, -1], [1, 0, -1], [0, 1, -1]], 3 by 5 [[1, 1, 1, 1, 1], [-2, -1, 0, 1, 2], [3, 1, 0, 0, 1]])) value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 0.5 temperature 128.0 : "window" numerical [0, 0.5, 1]
// CHECK-NEXT:     craft.yield(%window_1)
// CHECK-NEXT:   } : "window" numerical [0, 0.5, 1]
// CHECK-NEXT:   craft.unembed %window
// CHECK-NEXT: }

// -----

// Equal strings, for a width, whose BOS scores as much as they do; and one term of two. A temperature that is a power of two stays.

craft.model @equal vocab ["a", "b", "c", "d", "e"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b", "c", "d", "e"]
  %indices = craft.embed_positions : "indices" 0 to 2
  %width = craft.head layer 0 query(%tokens) key(%tokens) qk(5 by 5 identity) value() ov() bos [1] score 1.0 temperature 64.0 : "width" numerical [0.25, 0.3333333333333333, 0.5]
  %both = craft.head layer 0 query(%tokens, %indices) key(%tokens, %indices) qk(5 by 5 identity, 3 by 3 identity) value(%tokens) ov(5 by 5 identity) bos [0, 0, 0, 0, 0] score 1.5 temperature 100.0 : "both" ["a", "b", "c", "d", "e"]
  craft.unembed %both
}

// CHECK: craft.model @equal vocab ["a", "b", "c", "d", "e"] max_seq_len 3 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" ["a", "b", "c", "d", "e"]
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1, 2]
// CHECK-NEXT:   %width = craft.head layer 0 query(%tokens) key(%tokens) qk(product(5 by 3 [[-3, -4, -1], [0, -2, -1], [1, 0, -1], [0, 2, -1], [-3, 4, -1]], 3 by 5 [[1, 1, 1, 1, 1], [-2, -1, 0, 1, 2], [4, 1, 0, 1, 4]])) value() ov() bos [1] score 1.0 temperature 64.0 : "width" numerical [0.25, 0.3333333333333333, 0.5]
// CHECK-NEXT:   %both = craft.head layer 0 query(%tokens, %indices) key(%tokens, %indices) qk(product(5 by 3 [[-3, -4, -1], [0, -2, -1], [1, 0, -1], [0, 2, -1], [-3, 4, -1]], 3 by 5 [[1, 1, 1, 1, 1], [-2, -1, 0, 1, 2], [4, 1, 0, 1, 4]]), 3 by 3 identity) value(%tokens) ov(5 by 5 identity) bos [0, 0, 0, 0, 0] score 1.5 temperature 128.0 : "both" ["a", "b", "c", "d", "e"]
// CHECK-NEXT:   craft.unembed %both
// CHECK-NEXT: }

// -----

// A small table, one that only an order describes, a head of which BOS has another score, and one with a term that isn't 0 or 1: all stay.

craft.model @stay vocab [0, 1, 2, 3] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" [0, 1, 2, 3]
  %indices = craft.embed_positions : "indices" [0, 1, 2]
  %small = craft.head layer 0 query(%indices) key(%indices) qk(3 by 3 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "small" numerical [0.25, 0.3333333333333333, 0.5]
  %order = craft.head layer 0 query(%tokens) key(%tokens) qk(4 by 4 [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]) value() ov() bos [1] score 1.0 temperature 100.0 : "order" numerical [0.25, 0.3333333333333333, 0.5, 1]
  %either = craft.head layer 0 query(%tokens, %indices) key(%tokens, %indices) qk(4 by 4 identity, 3 by 3 [[0, 1, 1], [1, 0, 1], [1, 1, 0]]) value() ov() bos [1] score 1.0 temperature 100.0 : "either" numerical [0.25, 0.3333333333333333, 0.5, 1]
  %twice = craft.head layer 0 query(%tokens) key(%tokens) qk(4 by 4 [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]]) value() ov() bos [1] score 1.0 temperature 100.0 : "twice" numerical [0, 1]
  craft.unembed %order
}

// CHECK: craft.model @stay vocab 0 to 3 max_seq_len 3 {
// CHECK-NEXT:   %tokens = craft.embed_tokens : "tokens" 0 to 3
// CHECK-NEXT:   %indices = craft.embed_positions : "indices" [0, 1, 2]
// CHECK-NEXT:   %small = craft.head layer 0 query(%indices) key(%indices) qk(3 by 3 identity) value() ov() bos [1] score 1.0 temperature 100.0 : "small" numerical [0.25, 0.3333333333333333, 0.5]
// CHECK-NEXT:   %order = craft.head layer 0 query(%tokens) key(%tokens) qk(4 by 4 [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]) value() ov() bos [1] score 1.0 temperature 100.0 : "order" numerical [0.25, 0.3333333333333333, 0.5, 1]
// CHECK-NEXT:   %either = craft.head layer 0 query(%tokens, %indices) key(%tokens, %indices) qk(4 by 4 identity, 3 by 3 [[0, 1, 1], [1, 0, 1], [1, 1, 0]]) value() ov() bos [1] score 1.0 temperature 100.0 : "either" numerical [0.25, 0.3333333333333333, 0.5, 1]
// CHECK-NEXT:   %twice = craft.head layer 0 query(%tokens) key(%tokens) qk(4 by 4 [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2]]) value() ov() bos [1] score 1.0 temperature 100.0 : "twice" numerical [0, 1]
// CHECK-NEXT:   craft.unembed %order
// CHECK-NEXT: }
