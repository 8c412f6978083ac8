// RUN: rasp-opt %s | filecheck %s --match-full-lines
// RUN: rasp-opt %s -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | rasp-opt | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC --match-full-lines

// Every op, with every form that its attributes can have. Each line is followed by the form in which it is printed.

transformer.model @ops(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
// CHECK: transformer.model @ops(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  // CHECK-NEXT: %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]> : tensor<3x2xf32>) w_pos(dense<[[0.0, 0.5], [-1.5, 0.1]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  // CHECK-NEXT: %x = transformer.embed %ids w_e(dense<[[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]> : tensor<3x2xf32>) w_pos(dense<[[0.0, 0.5], [-1.5, 0.1]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<1.0> : tensor<1x2x3xf32>) w_k(dense<2.0> : tensor<1x2x3xf32>) w_v(dense<[[[3.0], [3.5]]]> : tensor<1x2x1xf32>) w_o(dense<[[[4.0, 4.5]]]> : tensor<1x1x2xf32>) : tensor<?x?x2xf32>
  // CHECK-NEXT: %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]> : tensor<1x2x3xf32>) w_k(dense<[[[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]]> : tensor<1x2x3xf32>) w_v(dense<[[[3.0], [3.5]]]> : tensor<1x2x1xf32>) w_o(dense<[[[4.0, 4.5]]]> : tensor<1x1x2xf32>) : tensor<?x?x2xf32>
  %y = transformer.add %x, %a : tensor<?x?x2xf32>
  // CHECK-NEXT: %y = transformer.add %x, %a : tensor<?x?x2xf32>
  %m = transformer.mlp %y w_in(dense<1.0> : tensor<2x4xf32>) b_in(dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>) w_out(dense<1.0> : tensor<4x2xf32>) b_out(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32>
  // CHECK-NEXT: %m = transformer.mlp %y w_in(dense<[[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]> : tensor<2x4xf32>) b_in(dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>) w_out(dense<[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]> : tensor<4x2xf32>) b_out(dense<[0.0, 0.0]> : tensor<2xf32>) : tensor<?x?x2xf32>
  %z = transformer.add %y, %m : tensor<?x?x2xf32>
  // CHECK-NEXT: %z = transformer.add %y, %m : tensor<?x?x2xf32>
  %logits = transformer.unembed %z w_u(dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  // CHECK-NEXT: %logits = transformer.unembed %z w_u(dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]> : tensor<2x3xf32>) b_u(dense<[0.0, 0.0, 0.5]> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK-NEXT: }

transformer.model @numerical(%tokens, %is_token) vocab ["a", "é"] max_seq_len 1 output numerical [0, 0.5, 1] or none residual ["bos", "a \"quoted\" name"] attributes {note = 1 : i32} {
// CHECK-NEXT: transformer.model @numerical(%tokens, %is_token) vocab ["a", "é"] max_seq_len 1 output numerical [0, 0.5, 1] or none residual ["bos", "a \22quoted\22 name"] attributes {note = 1 : i32} {
  %mask = transformer.attention_mask %is_token causal {note = "any op may have attributes"} : tensor<?x?x?xi1>
  // CHECK-NEXT: %mask = transformer.attention_mask %is_token causal {note = "any op may have attributes"} : tensor<?x?x?xi1>
  %x = transformer.embed %tokens w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<"0x0000803F000000400000404000008040"> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  // CHECK-NEXT: %x = transformer.embed %tokens w_e(dense<[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>) w_pos(dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<1> : tensor<2x2xf32>) b_u(dense<[1, -0.0]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  // CHECK-NEXT: %logits = transformer.unembed %x w_u(dense<[[1.0, 1.0], [1.0, 1.0]]> : tensor<2x2xf32>) b_u(dense<[1.0, -0.0]> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x2xf32>
}
// CHECK-NEXT: }

// Several heads whose values are narrower than their keys, no hidden unit, and one value.

transformer.model @shapes(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] or none residual ["bos"] {
// CHECK-NEXT: transformer.model @shapes(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] or none residual ["bos"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  // CHECK-NEXT: %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x1xf32>) w_pos(dense<[[0.0], [1.0]]> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %x = transformer.embed %ids w_e(dense<[[0.0], [0.0]]> : tensor<2x1xf32>) w_pos(dense<[[0.0], [1.0]]> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>) w_k(dense<1.0> : tensor<2x1x2xf32>) w_v(dense<1.0> : tensor<2x1x1xf32>) w_o(dense<1.0> : tensor<2x1x1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %a = transformer.attention %x mask %mask w_q(dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>) w_k(dense<[[[1.0, 1.0]], [[1.0, 1.0]]]> : tensor<2x1x2xf32>) w_v(dense<[[[1.0]], [[1.0]]]> : tensor<2x1x1xf32>) w_o(dense<[[[1.0]], [[1.0]]]> : tensor<2x1x1xf32>) : tensor<?x?x1xf32>
  %m = transformer.mlp %x w_in(dense<> : tensor<1x0xf32>) b_in(dense<> : tensor<0xf32>) w_out(dense<> : tensor<0x1xf32>) b_out(dense<[1.0]> : tensor<1xf32>) : tensor<?x?x1xf32>
  // CHECK-NEXT: %m = transformer.mlp %x w_in(dense<> : tensor<1x0xf32>) b_in(dense<> : tensor<0xf32>) w_out(dense<> : tensor<0x1xf32>) b_out(dense<[1.0]> : tensor<1xf32>) : tensor<?x?x1xf32>
  %logits = transformer.unembed %x w_u(dense<1.0> : tensor<1x1xf32>) b_u(dense<0.5> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  // CHECK-NEXT: %logits = transformer.unembed %x w_u(dense<[[1.0]]> : tensor<1x1xf32>) b_u(dense<[0.5]> : tensor<1xf32>) : tensor<?x?x1xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x1xf32>
}
// CHECK-NEXT: }

// The generic form of the first of them.

// GENERIC: "transformer.model"() <{sym_name = "ops", vocab = #rasp.domain<[1, 2]>, max_seq_len = #builtin.int<1>, output_encoding = #rasp<encoding categorical>, output_domain = #rasp.domain<[1, 2]>, residual = ["bos", "one"]}> ({
// GENERIC-NEXT: ^bb0(%ids: tensor<?x?xi64>, %padding: tensor<?x?xi1>):
// GENERIC-NEXT:   %mask = "transformer.attention_mask"(%padding) : (tensor<?x?xi1>) -> tensor<?x?x?xi1>
// GENERIC-NEXT:   %x = "transformer.embed"(%ids) <{w_e = dense<[[0.000000e+00, 0.000000e+00], [0.000000e+00, 1.000000e+00], [1.000000e+00, 0.000000e+00]]> : tensor<3x2xf32>, w_pos = dense<[[0.000000e+00, 5.000000e-01], [-1.500000e+00, 1.000000e-01]]> : tensor<2x2xf32>}> : (tensor<?x?xi64>) -> tensor<?x?x2xf32>
// GENERIC-NEXT:   %a = "transformer.attention"(%x, %mask) <{w_q = dense<1.000000e+00> : tensor<1x2x3xf32>, w_k = dense<2.000000e+00> : tensor<1x2x3xf32>, w_v = dense<[[[3.000000e+00], [3.500000e+00]]]> : tensor<1x2x1xf32>, w_o = dense<[[[4.000000e+00, 4.500000e+00]]]> : tensor<1x1x2xf32>}> : (tensor<?x?x2xf32>, tensor<?x?x?xi1>) -> tensor<?x?x2xf32>
// GENERIC-NEXT:   %y = "transformer.add"(%x, %a) : (tensor<?x?x2xf32>, tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
// GENERIC-NEXT:   %m = "transformer.mlp"(%y) <{w_in = dense<1.000000e+00> : tensor<2x4xf32>, b_in = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>, w_out = dense<1.000000e+00> : tensor<4x2xf32>, b_out = dense<0.000000e+00> : tensor<2xf32>}> : (tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
// GENERIC-NEXT:   %z = "transformer.add"(%y, %m) : (tensor<?x?x2xf32>, tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
// GENERIC-NEXT:   %logits = "transformer.unembed"(%z) <{w_u = dense<[[1.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 1.000000e+00, 0.000000e+00]]> : tensor<2x3xf32>, b_u = dense<[0.000000e+00, 0.000000e+00, 5.000000e-01]> : tensor<3xf32>}> : (tensor<?x?x2xf32>) -> tensor<?x?x3xf32>
// GENERIC-NEXT:   "transformer.return"(%logits) : (tensor<?x?x3xf32>) -> ()
// GENERIC-NEXT: }) : () -> ()
// GENERIC-NEXT: "transformer.model"() <{sym_name = "numerical", vocab = #rasp.domain<["a", "é"]>, max_seq_len = #builtin.int<1>, output_encoding = #rasp<encoding numerical>, output_domain = #rasp.domain<[0, 0.5, 1] or none>, residual = ["bos", "a \22quoted\22 name"]}> ({
// GENERIC-NEXT: ^bb0(%tokens: tensor<?x?xi64>, %is_token: tensor<?x?xi1>):
