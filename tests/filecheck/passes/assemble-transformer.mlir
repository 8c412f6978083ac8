// RUN: rasp-opt %s --split-input-file -p assemble-transformer | filecheck %s --match-full-lines

// The embedding. The token embedding has a row for each token and one for BOS, which has 1 in the direction "bos"; the position embedding has a
// row for BOS and one for each position, with 1 in the direction "one". The logit of a value is its direction, that of undefined 1/2.

craft.model @identity vocab ["a", "b"] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  craft.unembed %tokens
}

// CHECK: transformer.model @identity(%ids, %padding) vocab ["a", "b"] max_seq_len 1 output categorical ["a", "b"] residual ["bos", "one", "tokens:a", "tokens:b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<4x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x4xf32> -> tensor<?x?x3xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x3xf32>
// CHECK-NEXT: }

// -----

// Positions, and linear maps of embeddings: they are part of the embedding. The constant one is the direction "one", under its own name.

craft.model @embeddings vocab ["a", "b"] max_seq_len 2 causal {
  %one = craft.one : "unit" numerical [1]
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %indices = craft.embed_positions : "indices" [0, 1]
  %five = craft.linear %one (1 by 1 [[5]]) : "five" numerical [5]
  %number = craft.linear %tokens (2 by 1 [[3], [4]]) : "number" numerical [3, 4]
  %double = craft.linear %number (1 by 1 [[2]]) : "double" numerical [6, 8]
  %next = craft.linear %indices (2 by 1 [[1], [2]]) : "next" numerical [1, 2]
  craft.unembed %double
}

// CHECK: transformer.model @embeddings(%ids, %padding) vocab ["a", "b"] max_seq_len 2 output numerical [6, 8] residual ["bos", "unit", "five", "double", "next"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding causal : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 6.0, 0.0], [0.0, 0.0, 0.0, 8.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<3x5xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 5.0, 0.0, 1.0], [0.0, 1.0, 5.0, 0.0, 2.0]]> : tensor<3x5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<5x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x5xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// A numerical output has two columns, the number and how much it is defined: always 1 here,

craft.model @number vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %number = craft.linear %tokens (2 by 1 [[3], [4]]) : "number" numerical [3, 4]
  craft.unembed %number
}

// CHECK: transformer.model @number(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [3, 4] residual ["bos", "one", "number"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 3.0], [0.0, 0.0, 4.0], [1.0, 0.0, 0.0]]> : tensor<3x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<3x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x3xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// ... and its own direction here.

craft.model @number_or_none vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %number = craft.linear %tokens (2 by 2 [[3, 1], [0, 0]]) : "number" numerical [3] or none
  craft.unembed %number
}

// CHECK: transformer.model @number_or_none(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [3] or none residual ["bos", "one", "number", "number:defined"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 3.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.0]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// Of numbers that differ by rounding alone, the output decodes to one.

craft.model @twins vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %number = craft.linear %tokens (2 by 1 [[0.3], [0.30000000000000004]]) : "number" numerical [0.3, 0.30000000000000004]
  craft.unembed %number
}

// CHECK: transformer.model @twins(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [0.3] residual ["bos", "one", "number"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.3], [0.0, 0.0, 0.3], [1.0, 0.0, 0.0]]> : tensor<3x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<3x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x3xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// A head. Queries: the bilinear form times the inverse temperature, and in the last column what BOS scores, 100 * 1/2, at every position. Keys: the
// one-hots, and in the last column the direction "bos". Values: the map, with BOS's own value in the row of "bos".

craft.model @head vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0, 1]
  %h = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 [[0, 1], [1, 0]]) value(%tokens) ov(2 by 1 [[3], [4]]) bos [7] score 0.5 temperature 100.0 : "h" numerical [3, 4, 7]
  craft.unembed %h
}

// CHECK: transformer.model @head(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [3, 4, 7] residual ["bos", "one", "t:0", "t:1", "h"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<3x5xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[0.0, 0.0, 50.0], [0.0, 0.0, 50.0], [100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<1x5x3xf32>) w_k(dense<[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<1x5x3xf32>) w_v(dense<[[[7.0], [0.0], [3.0], [4.0], [0.0]]]> : tensor<1x5x1xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 0.0, 1.0]]]> : tensor<1x1x5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %a : tensor<?x?x5xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_1 w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<5x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x5xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// A bilinear form of rank 1 needs one direction of the head, whether by rows or by columns: any key but 0 for queries 1 and 2. The constant one
// is a query, and nothing is read, at BOS either.

craft.model @rank vocab [0, 1, 2] max_seq_len 1 {
  %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "t" [0, 1, 2]
  %h = craft.head layer 0 query(%tokens, %one) key(%tokens, %tokens) qk(3 by 3 [[0, 0, 0], [0, 1, 1], [0, 1, 1]], 1 by 3 [[0, 0, 1]]) value() ov() bos [0] score 1.5 temperature 2.0 : "h" numerical [0]
  craft.unembed %h
}

// CHECK: transformer.model @rank(%ids, %padding) vocab [0, 1, 2] max_seq_len 1 output numerical [0] residual ["bos", "one", "t:0", "t:1", "t:2", "h"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<4x6xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[0.0, 0.0, 3.0], [0.0, 2.0, 3.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<1x6x3xf32>) w_k(dense<[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<1x6x3xf32>) w_v(dense<[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x6x1xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]]> : tensor<1x1x6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %a : tensor<?x?x6xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_1 w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<6x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x6xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// Heads of one layer are stacked. The one with fewer directions, or narrower values, is padded with zeros.

craft.model @heads vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0, 1]
  %a, %b = craft.attention layer 0 {
    %0 = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 2.0 : "a" [0, 1]
    %1 = craft.head query() key() qk() value(%tokens) ov(2 by 1 [[3], [4]]) bos [0] score -1.0 temperature 2.0 : "b" numerical [3, 4]
    craft.yield(%0, %1)
  } : "a" [0, 1], "b" numerical [3, 4]
  craft.unembed %a
}

// CHECK: transformer.model @heads(%ids, %padding) vocab [0, 1] max_seq_len 1 output categorical [0, 1] residual ["bos", "one", "t:0", "t:1", "a:0", "a:1", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<3x7xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[-2.0, 0.0, 0.0], [-2.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<2x7x3xf32>) w_k(dense<[[[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]> : tensor<2x7x3xf32>) w_v(dense<[[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [3.0, 0.0], [4.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x7x2xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]]> : tensor<2x2x7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %a : tensor<?x?x7xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_1 w_u(dense<[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<7x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x7xf32> -> tensor<?x?x3xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x3xf32>
// CHECK-NEXT: }

// -----

// A perceptron. Its units are off at BOS: the row of "bos" takes away twice a positive bias, and 1 to spare.

craft.model @mlp vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0, 1]
  %m = craft.mlp layer 0 (%tokens) w_in(2 by 3 [[1, 0, 2], [0, 1, 2]]) bias [0, -1, 3] w_out(3 by 1 [[4], [5], [6]]) : "m" numerical [30, 34]
  craft.unembed %m
}

// CHECK: transformer.model @mlp(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [30, 34] residual ["bos", "one", "t:0", "t:1", "m"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<3x5xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %m = transformer.mlp %x w_in(dense<[[-1.0, -1.0, -7.0], [0.0, 0.0, 0.0], [1.0, 0.0, 2.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]> : tensor<5x3xf32>) b_in(dense<[0.0, -1.0, 3.0]> : tensor<3xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 4.0], [0.0, 0.0, 0.0, 0.0, 5.0], [0.0, 0.0, 0.0, 0.0, 6.0]]> : tensor<3x5xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %m : tensor<?x?x5xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_1 w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<5x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x5xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// What a subspace holds at BOS (here 7) is cancelled by whoever reads it: as query, key, value, and as the input of a perceptron.

craft.model @bos vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0, 1]
  %h = craft.head layer 0 query() key() qk() value() ov() bos [7] score 0.0 temperature 1.0 : "h" numerical [7]
  %g = craft.head layer 1 query(%h) key(%h) qk(1 by 1 [[2]]) value(%h) ov(1 by 1 [[3]]) bos [0] score 0.5 temperature 10.0 : "g" numerical [0, 21]
  %m = craft.mlp layer 1 (%h) w_in(1 by 1 [[5]]) bias [1] w_out(1 by 1 [[1]]) : "m" numerical [36]
  craft.unembed %m
}

// CHECK: transformer.model @bos(%ids, %padding) vocab [0, 1] max_seq_len 1 output numerical [36] residual ["bos", "one", "t:0", "t:1", "h", "g", "m"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<3x7xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[0.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x7x1xf32>) w_k(dense<[[[1.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x7x1xf32>) w_v(dense<[[[7.0], [0.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x7x1xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]]]> : tensor<1x1x7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %a : tensor<?x?x7xf32>
// CHECK-NEXT:   %a_1 = transformer.attention %x_1 mask %mask w_q(dense<[[[-70.0, 5.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0], [10.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x7x2xf32>) w_k(dense<[[[-14.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [2.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x7x2xf32>) w_v(dense<[[[-21.0], [0.0], [0.0], [0.0], [3.0], [0.0], [0.0]]]> : tensor<1x7x1xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]]> : tensor<1x1x7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %x_2 = transformer.add %x_1, %a_1 : tensor<?x?x7xf32>
// CHECK-NEXT:   %m = transformer.mlp %x_2 w_in(dense<[[-38.0], [0.0], [0.0], [0.0], [5.0], [0.0], [0.0]]> : tensor<7x1xf32>) b_in(dense<[1.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<1x7xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<7xf32>) : tensor<?x?x7xf32>
// CHECK-NEXT:   %x_3 = transformer.add %x_2, %m : tensor<?x?x7xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_3 w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<7x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x7xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// Components that aren't fused become layers of their own, in the order of their layers.

craft.model @unfused vocab [0] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0]
  %m = craft.mlp layer 0 (%tokens) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[2]]) : "m" numerical [2]
  %n = craft.mlp layer 0 (%tokens) w_in(1 by 1 [[3]]) bias [0] w_out(1 by 1 [[4]]) : "n" numerical [12]
  %h = craft.head layer 0 query() key() qk() value(%tokens) ov(1 by 1 [[5]]) bos [0] score -1.0 temperature 100.0 : "h" numerical [5]
  craft.unembed %h
}

// CHECK: transformer.model @unfused(%ids, %padding) vocab [0] max_seq_len 1 output numerical [5] residual ["bos", "one", "t:0", "h", "m", "n"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x6xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[-100.0], [-100.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x6x1xf32>) w_k(dense<[[[1.0], [0.0], [0.0], [0.0], [0.0], [0.0]]]> : tensor<1x6x1xf32>) w_v(dense<[[[0.0], [0.0], [5.0], [0.0], [0.0], [0.0]]]> : tensor<1x6x1xf32>) w_o(dense<[[[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]]]> : tensor<1x1x6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %x_1 = transformer.add %x, %a : tensor<?x?x6xf32>
// CHECK-NEXT:   %m = transformer.mlp %x_1 w_in(dense<[[-1.0], [0.0], [1.0], [0.0], [0.0], [0.0]]> : tensor<6x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 2.0, 0.0]]> : tensor<1x6xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %x_2 = transformer.add %x_1, %m : tensor<?x?x6xf32>
// CHECK-NEXT:   %m_1 = transformer.mlp %x_2 w_in(dense<[[-1.0], [0.0], [3.0], [0.0], [0.0], [0.0]]> : tensor<6x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 0.0, 4.0]]> : tensor<1x6xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<6xf32>) : tensor<?x?x6xf32>
// CHECK-NEXT:   %x_3 = transformer.add %x_2, %m_1 : tensor<?x?x6xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x_3 w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<6x2xf32>) b_u(dense<[0.0, 1.0]> : tensor<2xf32>) : tensor<?x?x6xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// What writes nothing, or has no units, is left out.

craft.model @nothing vocab [0] max_seq_len 1 {
  %tokens = craft.embed_tokens : "t" [0]
  %h = craft.head layer 0 query() key() qk() value() ov() bos [] score 0.0 temperature 1.0 : "h" [] or none
  %m = craft.mlp layer 0 (%tokens) w_in(1 by 0 [[]]) bias [] w_out(0 by 1 []) : "m" [1] or none
  %n = craft.mlp layer 0 (%tokens) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 0 [[]]) : "n" [] or none
  craft.unembed %h
}

// CHECK: transformer.model @nothing(%ids, %padding) vocab [0] max_seq_len 1 output categorical [] or none residual ["bos", "one", "t:0", "m:1"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0], [0.0], [0.0], [0.0]]> : tensor<4x1xf32>) b_u(dense<[0.5]> : tensor<1xf32>) : tensor<?x?x4xf32> -> tensor<?x?x1xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x1xf32>
// CHECK-NEXT: }

// -----

// Names that the residual stream needs itself.

craft.model @names vocab [0] max_seq_len 1 {
  %tokens = craft.embed_tokens : "bos" [0]
  %number = craft.linear %tokens (1 by 1 [[1]]) : "one" numerical [1]
  craft.unembed %tokens
}

// CHECK: transformer.model @names(%ids, %padding) vocab [0] max_seq_len 1 output categorical [0] residual ["bos_", "one_", "bos:0", "one"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// What isn't a craft model is left alone.

rasp.program @rasp vocab [0, 1] max_seq_len 2 {
// CHECK: rasp.program @rasp vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ?
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
// CHECK-NEXT: }
