// RUN: rasp-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// Models

transformer.model @no_vocab(%ids, %padding) vocab [] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: a vocabulary needs at least one value, and undefined is not a token

// -----

transformer.model @undefined_token(%ids, %padding) vocab [1, 2] or none max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: a vocabulary needs at least one value, and undefined is not a token

// -----

transformer.model @no_length(%ids, %padding) vocab [1, 2] max_seq_len 0 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: max_seq_len must be from 1 to 65536, found 0

// -----

transformer.model @no_encoding(%ids, %padding) vocab [1, 2] max_seq_len 1 output [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected one of 'categorical', 'numerical'

// -----

transformer.model @unknown_encoding(%ids, %padding) vocab [1, 2] max_seq_len 1 output one_hot [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected one of 'categorical', 'numerical'

// -----

transformer.model @no_output(%ids, %padding) vocab [1, 2] max_seq_len 1 residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected 'output'

// -----

transformer.model @outputs(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: a categorical output with 1 values needs 2 logits, found 3

// -----

transformer.model @numerical_outputs(%ids, %padding) vocab [1, 2] max_seq_len 1 output numerical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: a numerical output with 2 values needs 2 logits, found 3

// -----

transformer.model @numerical_strings(%ids, %padding) vocab [1, 2] max_seq_len 1 output numerical ["a"] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x2xf32>) b_u(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}
// CHECK: transformer.model: the values of a numerical output must be finite numbers

// -----

transformer.model @no_residual(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2]  {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected 'residual'

// -----

transformer.model @residual(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: residual must name 2 directions, found 1

// -----

transformer.model @residual_names(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", one] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: expected a string

// -----

transformer.model @one_argument(%ids) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected ','

// -----

transformer.model @typed_arguments(%ids : i32, %padding : i32) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected ','

// -----

transformer.model @no_arguments vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: '(' expected

// -----

transformer.model @missing_return(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
}
// CHECK: transformer.unembed: Operation transformer.unembed terminates block in single-block region but is not a terminator

// -----

transformer.model @returns_stream(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %x : tensor<?x?x2xf32>
}
// CHECK: transformer.model: a categorical output with 2 values needs 3 logits, found 2

// -----

transformer.model @returns_ids(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %ids : tensor<?x?xi64>
}
// CHECK: transformer.model: expected a value of the type tensor<?x?xNxT> with a T of f32, f16, bf16, found tensor<?x?xi64>

// -----

transformer.model @foreign_op(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %z = arith.constant 1 : i32
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: a model may contain ops of the transformer dialect only, found arith.constant

// -----

"transformer.model"() <{sym_name = "generic", vocab = #rasp.domain<[1]>, max_seq_len = #builtin.int<1>, output_encoding = #rasp<encoding unknown>, output_domain = #rasp.domain<[1]>, residual = ["bos"]}> ({
^bb0(%ids : tensor<?x?xi64>, %padding : tensor<?x?xi1>):
  %x = "transformer.embed"(%ids) <{w_e = dense<0.0> : tensor<2x1xf32>, w_pos = dense<0.0> : tensor<2x1xf32>}> : (tensor<?x?xi64>) -> tensor<?x?x1xf32>
  "transformer.return"(%x) : (tensor<?x?x1xf32>) -> ()
}) : () -> ()
// CHECK: transformer.model: a model's output is categorical or numerical
// CHECK-NEXT: in: transformer.model @generic(%ids, %padding) vocab [1] max_seq_len 1 output unknown [1] residual ["bos"] {

// -----

"transformer.model"() <{sym_name = "generic", vocab = #rasp.domain<[1]>, max_seq_len = #builtin.int<1>, output_encoding = #rasp<encoding categorical>, output_domain = #rasp.domain<[]>, residual = ["bos"]}> ({
^bb0(%ids : tensor<?x?xi64>):
  %x = "transformer.embed"(%ids) <{w_e = dense<0.0> : tensor<2x1xf32>, w_pos = dense<0.0> : tensor<2x1xf32>}> : (tensor<?x?xi64>) -> tensor<?x?x1xf32>
  "transformer.return"(%x) : (tensor<?x?x1xf32>) -> ()
}) : () -> ()
// CHECK: transformer.model: a model takes token ids and padding: tensor<?x?xi64>, tensor<?x?xi1>
// CHECK-NEXT: in: transformer.model @generic(%ids) vocab [1] max_seq_len 1 output categorical [] residual ["bos"] {

// -----

// Embeddings and unembeddings

transformer.model @w_e_rows(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<4x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: w_e must have the shape [3, 2], found [4, 2]

// -----

transformer.model @w_e_columns(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x3xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.embed: w_e must have the shape [any, 2], found [3, 3]

// -----

transformer.model @w_e_rank(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<6xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.embed: w_e must have the shape [any, 2], found [6]

// -----

transformer.model @w_pos_rows(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<3x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.model: w_pos must have the shape [2, 2], found [3, 2]

// -----

transformer.model @w_u(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<3x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.unembed: w_u must have the shape [2, 3], found [3, 3]

// -----

transformer.model @b_u(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.unembed: w_u must have the shape [2, 2], found [2, 3]

// -----

transformer.model @logits(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x2xf32>
  transformer.return %logits : tensor<?x?x2xf32>
}
// CHECK: transformer.unembed: the logits must have 3 columns, found 2

// -----

transformer.model @embeds_padding(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %padding w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?xi64>, but has been previously used or defined with type tensor<?x?xi1>

// -----

transformer.model @masks_ids(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %ids : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?xi1>, but has been previously used or defined with type tensor<?x?xi64>

// -----

transformer.model @mask_type(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected attribute tensor<?x?x?xi1> but got tensor<?x?xi1>

// -----

transformer.model @stream_rank(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?x2xf32>, but has been previously used or defined with type tensor<2xf32>

// -----

transformer.model @stream_type(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : i32
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: i32 should be of base attribute tensor

// -----

// Weights

transformer.model @elements(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<[[0.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Shape mismatch in dense literal. Expected [3, 2] shape from the type, but got [2, 2] shape.

// -----

transformer.model @bytes(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x0000000000000000"> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Shape mismatch in dense literal. Expected 6 elements from the type, but got 2 elements.

// -----

transformer.model @hexadecimal(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0xZZ"> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Hex string in denseAttr is invalid

// -----

transformer.model @not_elements(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected at least one element in the dense literal, but got None

// -----

transformer.model @ragged(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<[[0.0], [0.0, 0.0], [0.0, 0.0]]> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Tensor literal has inconsistent ranks between elements

// -----

transformer.model @f64(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf64>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: weights must be a dense tensor of f32, f16, bf16

// -----

transformer.model @integers(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xi32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected integer value

// -----

transformer.model @dynamic(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<?x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Dense literal attribute should have a static shape.

// -----

transformer.model @vector(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : vector<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.embed: w_e must be of a tensor type, found vector<3x2xf32>

// -----

transformer.model @infinity(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<1.0e400> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.embed: w_e has an element that is not a finite number

// -----

transformer.model @nan(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x0000C07F0000C07F0000C07F0000C07F0000C07F0000C07F"> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.embed: w_e has an element that is not a finite number

// -----

transformer.model @array(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(array<f32: 0.0>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: array<f32: 0.000000e+00> should be of base attribute dense

// -----

// Attention

transformer.model @w_q_columns(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x3x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_q must have the shape [any, 2, any], found [4, 3, 3]

// -----

transformer.model @w_q_rank(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_q must have the shape [any, 2, any], found [2, 3]

// -----

transformer.model @w_k_heads(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<1x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_k must have the shape [4, 2, 3], found [1, 2, 3]

// -----

transformer.model @w_k_width(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x2xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_k must have the shape [4, 2, 3], found [4, 2, 2]

// -----

transformer.model @w_v_heads(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<2x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_v must have the shape [4, 2, any], found [2, 2, 1]

// -----

transformer.model @w_o_width(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x3x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.attention: w_o must have the shape [4, 1, 2], found [4, 3, 2]

// -----

transformer.model @no_mask(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected 'mask'

// -----

transformer.model @mask_of_stream(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %x w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?x?xi1>, but has been previously used or defined with type tensor<?x?x2xf32>

// -----

transformer.model @no_w_k(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected 'w_k'

// -----

transformer.model @attention_type(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %a = transformer.attention %x mask %mask w_q(dense<0.0> : tensor<4x2x3xf32>) w_k(dense<0.0> : tensor<4x2x3xf32>) w_v(dense<0.0> : tensor<4x2x1xf32>) w_o(dense<0.0> : tensor<4x1x2xf32>) : tensor<?x?x3xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?x3xf32>, but has been previously used or defined with type tensor<?x?x2xf32>

// -----

// Perceptrons

transformer.model @w_in(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<0.0> : tensor<3x4xf32>) b_in(dense<0.0> : tensor<4xf32>) w_out(dense<0.0> : tensor<4x2xf32>) b_out(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.mlp: w_in must have the shape [2, 4], found [3, 4]

// -----

transformer.model @b_in(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<0.0> : tensor<2x4xf32>) b_in(dense<0.0> : tensor<4x1xf32>) w_out(dense<0.0> : tensor<4x2xf32>) b_out(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.mlp: b_in must have the shape [any], found [4, 1]

// -----

transformer.model @w_out(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<0.0> : tensor<2x4xf32>) b_in(dense<0.0> : tensor<4xf32>) w_out(dense<0.0> : tensor<4x3xf32>) b_out(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.mlp: w_out must have the shape [4, 2], found [4, 3]

// -----

transformer.model @b_out(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<0.0> : tensor<2x4xf32>) b_in(dense<0.0> : tensor<4xf32>) w_out(dense<0.0> : tensor<4x2xf32>) b_out(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.mlp: b_out must have the shape [2], found [3]

// -----

transformer.model @no_b_in(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %m = transformer.mlp %x w_in(dense<0.0> : tensor<2x4xf32>) w_out(dense<0.0> : tensor<4x2xf32>) b_out(dense<0.0> : tensor<2xf32>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: Expected 'b_in'

// -----

// Residual adds

transformer.model @add_type(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %y = transformer.add %x, %x : tensor<?x?x3xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?x3xf32>, but has been previously used or defined with type tensor<?x?x2xf32>

// -----

transformer.model @add_ids(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf32>) w_pos(dense<0.0> : tensor<2x2xf32>) : tensor<?x?x2xf32>
  %y = transformer.add %x, %ids : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf32>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf32> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: operand is used with type tensor<?x?x2xf32>, but has been previously used or defined with type tensor<?x?xi64>

// -----

%x = "test.op"() : () -> tensor<?x?x2xf32>
%y = "test.op"() : () -> tensor<?x?x3xf32>
%z = "transformer.add"(%x, %y) : (tensor<?x?x2xf32>, tensor<?x?x3xf32>) -> tensor<?x?x2xf32>
// CHECK: transformer.add: operand 'rhs' at position 1 does not verify:
// CHECK-NEXT: attribute tensor<?x?x2xf32> expected from variable 'T', but got tensor<?x?x3xf32>
// CHECK-NEXT: in: %z = transformer.add %x, %y : tensor<?x?x2xf32>

// -----

// Types of 16 bits

transformer.model @two_weights(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xbf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: transformer.embed: w_pos must be of f16 as the values are, found bf16


// -----

transformer.model @weights_and_values(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf32> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: transformer.unembed: b_u must be of f32 as the values are, found f16


// -----

transformer.model @logits(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf32>) : tensor<?x?x2xf16> -> tensor<?x?x3xf32>
  transformer.return %logits : tensor<?x?x3xf32>
}
// CHECK: transformer.unembed: b_u must be of f16 as the values are, found f32


// -----

transformer.model @logits_type(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xbf16>
  transformer.return %logits : tensor<?x?x3xbf16>
}
// CHECK: transformer.unembed: the logits must be of f16, found bf16


// -----

transformer.model @odd_bytes(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x00000000000000000000000000"> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: expected 12 bytes, found 13


// -----

transformer.model @bytes_for_f32(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x0000000000000000000000000000000000000000000000000000"> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: Shape mismatch in dense literal. Expected 6 elements from the type, but got 13 elements.


// -----

transformer.model @no_0x(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"00000000000000000000000000"> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: the bytes of a dense attribute must start with 0x


// -----

transformer.model @no_digits(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0xXYZ"> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: Hex string in denseAttr is invalid


// -----

transformer.model @bits_of_a_number(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<0x3C00> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: a float can't be written as the hexadecimal of its bits; write a decimal number


// -----

transformer.model @too_large_f16(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<65520.0> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: a number is too large for its type


// -----

transformer.model @infinite_f16(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x007C"> : tensor<3x2xf16>) w_pos(dense<0.0> : tensor<2x2xf16>) : tensor<?x?x2xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xf16>) b_u(dense<0.0> : tensor<3xf16>) : tensor<?x?x2xf16> -> tensor<?x?x3xf16>
  transformer.return %logits : tensor<?x?x3xf16>
}
// CHECK: transformer.embed: w_e has an element that is not a finite number


// -----

transformer.model @too_large_bf16(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<3.4e38> : tensor<3x2xbf16>) w_pos(dense<0.0> : tensor<2x2xbf16>) : tensor<?x?x2xbf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xbf16>) b_u(dense<0.0> : tensor<3xbf16>) : tensor<?x?x2xbf16> -> tensor<?x?x3xbf16>
  transformer.return %logits : tensor<?x?x3xbf16>
}
// CHECK: transformer.embed: w_e has an element that is not a finite number


// -----

transformer.model @nan_bf16(%ids, %padding) vocab [1, 2] max_seq_len 1 output categorical [1, 2] residual ["bos", "one"] {
  %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
  %x = transformer.embed %ids w_e(dense<"0x817F"> : tensor<3x2xbf16>) w_pos(dense<0.0> : tensor<2x2xbf16>) : tensor<?x?x2xbf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<2x3xbf16>) b_u(dense<0.0> : tensor<3xbf16>) : tensor<?x?x2xbf16> -> tensor<?x?x3xbf16>
  transformer.return %logits : tensor<?x?x3xbf16>
}
// CHECK: transformer.embed: w_e has an element that is not a finite number


// -----

transformer.model @two_streams(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["x"] {
  %unused = transformer.embed %ids w_e(dense<0.0> : tensor<2x1xbf16>) w_pos(dense<0.0> : tensor<2x1xbf16>) : tensor<?x?x1xbf16>
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x1xf16>) w_pos(dense<0.0> : tensor<2x1xf16>) : tensor<?x?x1xf16>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<1x1xf16>) b_u(dense<0.0> : tensor<1xf16>) : tensor<?x?x1xf16> -> tensor<?x?x1xf16>
  transformer.return %logits : tensor<?x?x1xf16>
}
// CHECK: transformer.model: all of a model is of one dtype: its logits are of f16, but its embedding of bf16

// -----

builtin.module {
  func.func @f(%padding : tensor<?x?xi1>) {
    %mask = transformer.attention_mask %padding : tensor<?x?x?xi1>
    func.return
  }
}
// CHECK: transformer.attention_mask: it stands in func.func
// CHECK-NEXT: expected: it stands in transformer.model
