// RUN: rasp-opt %s -p merge-constant | filecheck %s --match-full-lines
// RUN: rasp-opt %s -p merge-constant -o %t.mlir && rasp-opt %t.mlir -p merge-constant | diff %t.mlir -

// The constant is the sum of the tokens' directions. In the second model their weights have no exact sum.

transformer.model @constant(%ids, %padding) vocab ["a", "b"] max_seq_len 1 output categorical [1, 2] residual ["bos", "one", "tokens:a", "tokens:b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids
    w_e(dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>)
    w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 5.0, 0.0]]> : tensor<4x3xf32>)
    b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x4xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}

transformer.model @inexact(%ids, %padding) vocab ["a", "b"] max_seq_len 1 output categorical [1, 2] residual ["bos", "one", "tokens:a", "tokens:b"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids
    w_e(dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>)
    w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0, 0.0], [1.0e-12, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 5.0, 0.0]]> : tensor<4x3xf32>)
    b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x4xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}

// CHECK:   transformer.model @constant(%ids, %padding) vocab ["a", "b"] max_seq_len 1 output categorical [1, 2] residual ["bos", "tokens:a", "tokens:b"] {
// CHECK-NEXT:     %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:     %x = transformer.embed %ids w_e(dense<[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]> : tensor<3x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:     %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [3.0, 5.0, 0.0]]> : tensor<3x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x3xf32> -> tensor<?x?x3xf32>
// CHECK-NEXT:     transformer.return %logits : tensor<?x?x3xf32>
// CHECK-NEXT:   }
// CHECK-NEXT:   transformer.model @inexact(%ids, %padding) vocab ["a", "b"] max_seq_len 1 output categorical [1, 2] residual ["bos", "one", "tokens:a", "tokens:b"] {
// CHECK-NEXT:     %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:     %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<3x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
// CHECK-NEXT:     %logits = transformer.unembed %x w_u(dense<[[0.0, 0.0, 0.0], [1.0e-12, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 5.0, 0.0]]> : tensor<4x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x4xf32> -> tensor<?x?x3xf32>
// CHECK-NEXT:     transformer.return %logits : tensor<?x?x3xf32>
// CHECK-NEXT:   }
// CHECK-NEXT: }
