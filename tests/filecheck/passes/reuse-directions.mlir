// RUN: rasp-opt %s --split-input-file -p 'reuse-directions{objective=width}' | filecheck %s --match-full-lines

// The MLP is the last that reads "a", and erases it: "b" moves there. A one-hot that is only embedded takes one unit.

transformer.model @embedded(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [3.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %m : tensor<?x?x4xf32>
  %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 1.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %z = transformer.add %y, %n : tensor<?x?x4xf32>
  %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @embedded(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a | b"] {
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]> : tensor<2x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %m = transformer.mlp %x w_in(dense<[[-1.0, 0.0], [0.0, 0.0], [3.0, 1.0]]> : tensor<3x2xf32>) b_in(dense<[0.0, 0.0]> : tensor<2xf32>) w_out(dense<[[0.0, 1.0, 0.0], [0.0, 0.0, -1.0]]> : tensor<2x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %y = transformer.add %x, %m : tensor<?x?x3xf32>
// CHECK-NEXT:   %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0]]> : tensor<3x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 1.0]]> : tensor<1x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %z = transformer.add %y, %n : tensor<?x?x3xf32>
// CHECK-NEXT:   %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<3x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x3xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// A unit holds twice what is in "a" already, and is off at the BOS position, where that is 0: it erases it.

transformer.model @held(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [2.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %m : tensor<?x?x4xf32>
  %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 1.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %z = transformer.add %y, %n : tensor<?x?x4xf32>
  %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @held(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a | b"] {
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]> : tensor<2x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [2.0]]> : tensor<3x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 1.0, -0.5]]> : tensor<1x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %y = transformer.add %x, %m : tensor<?x?x3xf32>
// CHECK-NEXT:   %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0]]> : tensor<3x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 1.0]]> : tensor<1x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %z = transformer.add %y, %n : tensor<?x?x3xf32>
// CHECK-NEXT:   %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<3x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x3xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// "a" may be negative: two units erase it.

transformer.model @signed(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b"] {
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, -1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : tensor<2x4xf32>) : tensor<?x?x4xf32>
  %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [-1.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 1.0, 0.0, 0.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %y = transformer.add %x, %m : tensor<?x?x4xf32>
  %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0], [0.0]]> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 1.0]]> : tensor<1x4xf32>) b_out(dense<0.0> : tensor<4xf32>) : tensor<?x?x4xf32>
  %z = transformer.add %y, %n : tensor<?x?x4xf32>
  %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<4x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x4xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @signed(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a | b"] {
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, -1.0], [1.0, 0.0, 0.0]]> : tensor<2x3xf32>) w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %m = transformer.mlp %x w_in(dense<[[-1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 1.0, -1.0]]> : tensor<3x3xf32>) b_in(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) w_out(dense<[[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]> : tensor<3x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %y = transformer.add %x, %m : tensor<?x?x3xf32>
// CHECK-NEXT:   %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0]]> : tensor<3x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 1.0]]> : tensor<1x3xf32>) b_out(dense<[0.0, 0.0, 0.0]> : tensor<3xf32>) : tensor<?x?x3xf32>
// CHECK-NEXT:   %z = transformer.add %y, %n : tensor<?x?x3xf32>
// CHECK-NEXT:   %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]]> : tensor<3x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x3xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }

// -----

// "b" is written by the MLP that would have to erase "a", and "c" is read before anything is written to it: both stay.

transformer.model @too_early(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b", "c"] {
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) : tensor<?x?x5xf32>
  %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [1.0], [0.0], [1.0]]> : tensor<5x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 1.0, 0.0]]> : tensor<1x5xf32>) b_out(dense<0.0> : tensor<5xf32>) : tensor<?x?x5xf32>
  %y = transformer.add %x, %m : tensor<?x?x5xf32>
  %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0], [0.0], [0.0]]> : tensor<5x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<1x5xf32>) b_out(dense<0.0> : tensor<5xf32>) : tensor<?x?x5xf32>
  %z = transformer.add %y, %n : tensor<?x?x5xf32>
  %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]> : tensor<5x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x5xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: transformer.model @too_early(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "one", "a", "b", "c"] {
// CHECK-NEXT:   %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) w_pos(dense<[[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]]> : tensor<2x5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %m = transformer.mlp %x w_in(dense<[[-1.0], [0.0], [1.0], [0.0], [1.0]]> : tensor<5x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 1.0, 0.0]]> : tensor<1x5xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %y = transformer.add %x, %m : tensor<?x?x5xf32>
// CHECK-NEXT:   %n = transformer.mlp %y w_in(dense<[[-1.0], [1.0], [0.0], [0.0], [0.0]]> : tensor<5x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>) w_out(dense<[[0.0, 0.0, 0.0, 0.0, 1.0]]> : tensor<1x5xf32>) b_out(dense<[0.0, 0.0, 0.0, 0.0, 0.0]> : tensor<5xf32>) : tensor<?x?x5xf32>
// CHECK-NEXT:   %z = transformer.add %y, %n : tensor<?x?x5xf32>
// CHECK-NEXT:   %logits = transformer.unembed %z w_u(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]> : tensor<5x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x5xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:   transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT: }
