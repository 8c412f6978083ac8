// RUN: rasp-opt %s | filecheck %s --match-full-lines
// RUN: rasp-opt %s -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -

// Models of 16 bits. Numbers are read to the nearest of the type and written with the digits that they need, more than 64 as bytes.

transformer.model @half(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
// CHECK: transformer.model @half(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<[[0.1], [2049.0]]> : tensor<2x1xf16>) w_pos(dense<[[5.9604645e-08], [-65504.0]]> : tensor<2x1xf16>) : tensor<?x?x1xf16>
  // CHECK-NEXT: %x = transformer.embed %ids w_e(dense<[[0.1], [2048.0]]> : tensor<2x1xf16>) w_pos(dense<[[6.0e-08], [-65504.0]]> : tensor<2x1xf16>) : tensor<?x?x1xf16>
  %m = transformer.mlp %x w_in(dense<1.0> : tensor<1x65xf16>) b_in(dense<"0x0080"> : tensor<65xf16>) w_out(dense<0.333333343> : tensor<65x1xf16>) b_out(dense<"0x003C"> : tensor<1xf16>) : tensor<?x?x1xf16>
  // CHECK-NEXT: %m = transformer.mlp %x w_in(dense<"0x{{(003C)+}}"> : tensor<1x65xf16>) b_in(dense<"0x{{(0080)+}}"> : tensor<65xf16>) w_out(dense<"0x{{(5535)+}}"> : tensor<65x1xf16>) b_out(dense<[1.0]> : tensor<1xf16>) : tensor<?x?x1xf16>
  %y = transformer.add %x, %m : tensor<?x?x1xf16>
  // CHECK-NEXT: %y = transformer.add %x, %m : tensor<?x?x1xf16>
  %logits = transformer.unembed %y w_u(dense<[[0.333333343, 0.0]]> : tensor<1x2xf16>) b_u(dense<[-0.0, 0.5]> : tensor<2xf16>) : tensor<?x?x1xf16> -> tensor<?x?x2xf16>
  // CHECK-NEXT: %logits = transformer.unembed %y w_u(dense<[[0.3333, 0.0]]> : tensor<1x2xf16>) b_u(dense<[-0.0, 0.5]> : tensor<2xf16>) : tensor<?x?x1xf16> -> tensor<?x?x2xf16>
  transformer.return %logits : tensor<?x?x2xf16>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x2xf16>
}
// CHECK-NEXT: }

transformer.model @brain(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
// CHECK-NEXT: transformer.model @brain(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["x"] {
  %x = transformer.embed %ids w_e(dense<[[0.1], [2049.0]]> : tensor<2x1xbf16>) w_pos(dense<[[9.1835e-41], [-3.3895313892515355e38]]> : tensor<2x1xbf16>) : tensor<?x?x1xbf16>
  // CHECK-NEXT: %x = transformer.embed %ids w_e(dense<[[0.1], [2048.0]]> : tensor<2x1xbf16>) w_pos(dense<[[9.0e-41], [-3.39e+38]]> : tensor<2x1xbf16>) : tensor<?x?x1xbf16>
  %m = transformer.mlp %x w_in(dense<1.0> : tensor<1x65xbf16>) b_in(dense<"0x0080"> : tensor<65xbf16>) w_out(dense<0.333333343> : tensor<65x1xbf16>) b_out(dense<"0x803F"> : tensor<1xbf16>) : tensor<?x?x1xbf16>
  // CHECK-NEXT: %m = transformer.mlp %x w_in(dense<"0x{{(803F)+}}"> : tensor<1x65xbf16>) b_in(dense<"0x{{(0080)+}}"> : tensor<65xbf16>) w_out(dense<"0x{{(AB3E)+}}"> : tensor<65x1xbf16>) b_out(dense<[1.0]> : tensor<1xbf16>) : tensor<?x?x1xbf16>
  %logits = transformer.unembed %m w_u(dense<[[0.333333343, 0.0]]> : tensor<1x2xbf16>) b_u(dense<[-0.0, 65536.0]> : tensor<2xbf16>) : tensor<?x?x1xbf16> -> tensor<?x?x2xbf16>
  // CHECK-NEXT: %logits = transformer.unembed %m w_u(dense<[[0.334, 0.0]]> : tensor<1x2xbf16>) b_u(dense<[-0.0, 65536.0]> : tensor<2xbf16>) : tensor<?x?x1xbf16> -> tensor<?x?x2xbf16>
  transformer.return %logits : tensor<?x?x2xbf16>
  // CHECK-NEXT: transformer.return %logits : tensor<?x?x2xbf16>
}
// CHECK-NEXT: }
