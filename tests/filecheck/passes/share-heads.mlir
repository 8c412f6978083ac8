// RUN: rasp-opt %s --split-input-file -p share-heads | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p share-heads -o %t.mlir && rasp-opt %t.mlir --split-input-file -p share-heads | diff %t.mlir -

// Two heads with the same scores, whose columns have another order, are one that reads what both read.

transformer.model @same_scores(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x4xf32>) w_pos(dense<0.0> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [3.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 4.0], [5.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]], [[0.0], [1.0], [0.0], [0.0]]]> : tensor<2x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]]]> : tensor<2x1x4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %a : tensor<?x?x4xf32>
  %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @same_scores(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_v(dense<[[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]> : tensor<1x2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %y = transformer.add %x, %a : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// What both read is read once, and written twice.

transformer.model @same_values(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x4xf32>) w_pos(dense<0.0> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]], [[1.0], [0.0], [0.0], [0.0]]]> : tensor<2x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]]]> : tensor<2x1x4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %a : tensor<?x?x4xf32>
  %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @same_values(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]]]> : tensor<1x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 1.0]]]> : tensor<1x1x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %y = transformer.add %x, %a : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// If both write to the same direction, numbers would be added up: two columns are left.

transformer.model @same_direction(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x4xf32>) w_pos(dense<0.0> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]], [[1.0], [0.0], [0.0], [0.0]]]> : tensor<2x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0, 0.0]]]> : tensor<2x1x4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %a : tensor<?x?x4xf32>
  %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @same_direction(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_v(dense<[[[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<1x4x2xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0]]]> : tensor<1x2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %y = transformer.add %x, %a : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// Left alone: other scores.

transformer.model @other_scores(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x4xf32>) w_pos(dense<0.0> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 7.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]], [[0.0], [1.0], [0.0], [0.0]]]> : tensor<2x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]]]> : tensor<2x1x4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %a : tensor<?x?x4xf32>
  %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @other_scores(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 3.0], [0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [2.0, 7.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_k(dense<[[[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<2x4x2xf32>) w_v(dense<[[[1.0], [0.0], [0.0], [0.0]], [[0.0], [1.0], [0.0], [0.0]]]> : tensor<2x4x1xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]]]> : tensor<2x1x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %y = transformer.add %x, %a : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// Left alone: a head of twice the width would make another one wider, for more parameters.

transformer.model @too_wide(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x4xf32>) w_pos(dense<0.0> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0], [2.0], [0.0], [0.0]], [[1.0], [2.0], [0.0], [0.0]], [[2.0], [2.0], [0.0], [0.0]]]> : tensor<3x4x1xf32>) w_k(dense<[[[3.0], [0.0], [0.0], [0.0]], [[3.0], [0.0], [0.0], [0.0]], [[3.0], [0.0], [0.0], [0.0]]]> : tensor<3x4x1xf32>) w_v(dense<[[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<3x4x2xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]> : tensor<3x2x4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %a : tensor<?x?x4xf32>
  %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @too_wide(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
// CHECK-NEXT:   %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %a = transformer.attention %x mask %mask w_q(dense<[[[1.0], [2.0], [0.0], [0.0]], [[1.0], [2.0], [0.0], [0.0]], [[2.0], [2.0], [0.0], [0.0]]]> : tensor<3x4x1xf32>) w_k(dense<[[[3.0], [0.0], [0.0], [0.0]], [[3.0], [0.0], [0.0], [0.0]], [[3.0], [0.0], [0.0], [0.0]]]> : tensor<3x4x1xf32>) w_v(dense<[[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]]]> : tensor<3x4x2xf32>) w_o(dense<[[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]> : tensor<3x2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:   %y = transformer.add %x, %a : tensor<?x?x4xf32>
// CHECK-NEXT:   %logits = transformer.unembed %y w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }
