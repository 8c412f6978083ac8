// RUN: rasp-opt %s -p pad-uniform | filecheck %s --match-full-lines
// RUN: rasp-opt %s -p pad-uniform -o %t.once.mlir && rasp-opt %t.once.mlir -p pad-uniform | diff %t.once.mlir -

// The first layer has no attention, the second no MLP; the others differ in heads, in hidden units, and in the widths of keys and values. The mask goes
// where the new attention can read it. Only zeros are added: the certificate stays.

transformer.model @layers(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "x"] certified float32 margin 0.5 at "x" scope "rounding" sha256 "69b10e19073cdc763a44fd202d86cf610bda1c549225d757f60c651b7a1119ac" {
  %x = transformer.embed %ids w_e(dense<0.5> : tensor<2x2xf32>) w_pos(dense<0.25> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<[[1.0], [2.0]]> : tensor<2x1xf32>) b_in(dense<[-3.0]> : tensor<1xf32>) w_out(dense<[[4.0, 5.0]]> : tensor<1x2xf32>) b_out(dense<[6.0, 7.0]> : tensor<2xf32>) : tensor<?x?x2xf32>
  %y = transformer.add %x, %m : tensor<?x?x2xf32>
  %mask = transformer.attention_mask %padding causal : tensor<?x?x?xi1>
  %a = transformer.attention %y mask %mask w_q(dense<[[[1.0], [2.0]], [[3.0], [4.0]]]> : tensor<2x2x1xf32>) w_k(dense<[[[5.0], [6.0]], [[7.0], [8.0]]]> : tensor<2x2x1xf32>) w_v(dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>) w_o(dense<0.5> : tensor<2x2x2xf32>) : tensor<?x?x2xf32>
  %z = transformer.add %a, %y : tensor<?x?x2xf32>
  %b = transformer.attention %z mask %mask w_q(dense<[[[1.0, 3.0], [2.0, 4.0]]]> : tensor<1x2x2xf32>) w_k(dense<[[[5.0, 7.0], [6.0, 8.0]]]> : tensor<1x2x2xf32>) w_v(dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>) w_o(dense<[[[3.0, 4.0]]]> : tensor<1x1x2xf32>) : tensor<?x?x2xf32>
  %z_1 = transformer.add %z, %b : tensor<?x?x2xf32>
  %n = transformer.mlp %z_1 w_in(dense<0.5> : tensor<2x2xf32>) b_in(dense<0.5> : tensor<2xf32>) w_out(dense<0.5> : tensor<2x2xf32>) b_out(dense<0.5> : tensor<2xf32>) : tensor<?x?x2xf32>
  %z_2 = transformer.add %z_1, %n : tensor<?x?x2xf32>
  %logits = transformer.unembed %z_2 w_u(dense<1.0> : tensor<2x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}

// CHECK: builtin.module {
// CHECK-NEXT:   transformer.model @layers(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos", "x"] certified float32 margin 0.5 at "x" scope "rounding" sha256 "{{[0-9a-f]+}}" {
// CHECK-NEXT:     %mask = transformer.attention_mask %padding causal : tensor<?x?x?xi1>
// CHECK-NEXT:     %x = transformer.embed %ids w_e(dense<[[0.5, 0.5], [0.5, 0.5]]> : tensor<2x2xf32>) w_pos(dense<[[0.25, 0.25], [0.25, 0.25]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %a = transformer.attention %x mask %mask w_q(dense<[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_k(dense<[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_v(dense<[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_o(dense<[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %x_1 = transformer.add %x, %a : tensor<?x?x2xf32>
// CHECK-NEXT:     %m = transformer.mlp %x_1 w_in(dense<[[1.0, 0.0], [2.0, 0.0]]> : tensor<2x2xf32>) b_in(dense<[-3.0, 0.0]> : tensor<2xf32>) w_out(dense<[[4.0, 5.0], [0.0, 0.0]]> : tensor<2x2xf32>) b_out(dense<[6.0, 7.0]> : tensor<2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %y = transformer.add %x_1, %m : tensor<?x?x2xf32>
// CHECK-NEXT:     %a_1 = transformer.attention %y mask %mask w_q(dense<[[[1.0, 0.0], [2.0, 0.0]], [[3.0, 0.0], [4.0, 0.0]]]> : tensor<2x2x2xf32>) w_k(dense<[[[5.0, 0.0], [6.0, 0.0]], [[7.0, 0.0], [8.0, 0.0]]]> : tensor<2x2x2xf32>) w_v(dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>) w_o(dense<[[[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]]> : tensor<2x2x2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %z = transformer.add %a_1, %y : tensor<?x?x2xf32>
// CHECK-NEXT:     %m_1 = transformer.mlp %z w_in(dense<[[0.0, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>) b_in(dense<[0.0, 0.0]> : tensor<2xf32>) w_out(dense<[[0.0, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>) b_out(dense<[0.0, 0.0]> : tensor<2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %z_1 = transformer.add %z, %m_1 : tensor<?x?x2xf32>
// CHECK-NEXT:     %b = transformer.attention %z_1 mask %mask w_q(dense<[[[1.0, 3.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_k(dense<[[[5.0, 7.0], [6.0, 8.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_v(dense<[[[1.0, 0.0], [2.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) w_o(dense<[[[3.0, 4.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]> : tensor<2x2x2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %z_2 = transformer.add %z_1, %b : tensor<?x?x2xf32>
// CHECK-NEXT:     %n = transformer.mlp %z_2 w_in(dense<[[0.5, 0.5], [0.5, 0.5]]> : tensor<2x2xf32>) b_in(dense<[0.5, 0.5]> : tensor<2xf32>) w_out(dense<[[0.5, 0.5], [0.5, 0.5]]> : tensor<2x2xf32>) b_out(dense<[0.5, 0.5]> : tensor<2xf32>) : tensor<?x?x2xf32>
// CHECK-NEXT:     %z_3 = transformer.add %z_2, %n : tensor<?x?x2xf32>
// CHECK-NEXT:     %logits = transformer.unembed %z_3 w_u(dense<[[1.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>) b_u(dense<[0.0, 0.5]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
// CHECK-NEXT:     transformer.return %logits : tensor<?x?x2xf32>
// CHECK-NEXT:   }

// A model without any layer gets one that writes nothing; of its dtype.

transformer.model @no_layer(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<1.0> : tensor<2x1xbf16>) w_pos(dense<0.0> : tensor<2x1xbf16>) : tensor<?x?x1xbf16>
  %logits = transformer.unembed %x w_u(dense<1.0> : tensor<1x2xbf16>) b_u(dense<0.0> : tensor<2xbf16>) : tensor<?x?x1xbf16> -> tensor<?x?x2xbf16>
  transformer.return %logits : tensor<?x?x2xbf16>
}

// CHECK-NEXT:   transformer.model @no_layer(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
// CHECK-NEXT:     %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
// CHECK-NEXT:     %x = transformer.embed %ids w_e(dense<[[1.0], [1.0]]> : tensor<2x1xbf16>) w_pos(dense<[[0.0], [0.0]]> : tensor<2x1xbf16>) : tensor<?x?x1xbf16>
// CHECK-NEXT:     %a = transformer.attention %x mask %mask w_q(dense<[[[0.0]]]> : tensor<1x1x1xbf16>) w_k(dense<[[[0.0]]]> : tensor<1x1x1xbf16>) w_v(dense<[[[0.0]]]> : tensor<1x1x1xbf16>) w_o(dense<[[[0.0]]]> : tensor<1x1x1xbf16>) : tensor<?x?x1xbf16>
// CHECK-NEXT:     %x_1 = transformer.add %x, %a : tensor<?x?x1xbf16>
// CHECK-NEXT:     %m = transformer.mlp %x_1 w_in(dense<[[0.0]]> : tensor<1x1xbf16>) b_in(dense<[0.0]> : tensor<1xbf16>) w_out(dense<[[0.0]]> : tensor<1x1xbf16>) b_out(dense<[0.0]> : tensor<1xbf16>) : tensor<?x?x1xbf16>
// CHECK-NEXT:     %x_2 = transformer.add %x_1, %m : tensor<?x?x1xbf16>
// CHECK-NEXT:     %logits = transformer.unembed %x_2 w_u(dense<[[1.0, 1.0]]> : tensor<1x2xbf16>) b_u(dense<[0.0, 0.0]> : tensor<2xbf16>) : tensor<?x?x1xbf16> -> tensor<?x?x2xbf16>
// CHECK-NEXT:     transformer.return %logits : tensor<?x?x2xbf16>
// CHECK-NEXT:   }
// CHECK-NEXT: }
