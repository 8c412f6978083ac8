// RUN: rasp-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// Models

craft.model @no_vocab vocab [] max_seq_len 2 {
  %o = craft.one : "o" numerical [1]
  craft.unembed %o
}
// CHECK: craft.model: a vocabulary needs at least one value, and undefined is not a token
// CHECK-NEXT: in: craft.model @no_vocab vocab [] max_seq_len 2 {

// -----

craft.model @undefined_token vocab [1, 2] or none max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: a vocabulary needs at least one value, and undefined is not a token
// CHECK-NEXT: in: craft.model @undefined_token vocab [1, 2] or none max_seq_len 2 {

// -----

craft.model @no_length vocab [1, 2] max_seq_len 0 {
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: max_seq_len must be from 1 to 65536, found 0
// CHECK-NEXT: in: craft.model @no_length vocab [1, 2] max_seq_len 0 {

// -----

craft.model @too_long vocab [1, 2] max_seq_len 99999999 {
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: max_seq_len must be from 1 to 65536, found 99999999
// CHECK-NEXT: in: craft.model @too_long vocab [1, 2] max_seq_len 99999999 {

// -----

craft.model @empty vocab [1, 2] max_seq_len 2 {
}
// CHECK: craft.model: Region 'body' at position 0 expected a single block, but got 0 blocks
// CHECK-NEXT: in: craft.model @empty vocab [1, 2] max_seq_len 2 {

// -----

craft.model @missing_unembed vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
}
// CHECK: craft.embed_tokens: Operation craft.embed_tokens terminates block in single-block region but is not a terminator
// CHECK-NEXT: in: %t = craft.embed_tokens : "t" [1, 2]

// -----

craft.model @two_ends vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
  craft.unembed %t
}
// CHECK: craft.unembed: 'craft.unembed' must be the last operation in its parent block
// CHECK-NEXT: in: craft.unembed %t

// -----

craft.model @argument vocab [1, 2] max_seq_len 2 {
^bb0(%x : !craft.vec<"x" [1]>):
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: a model takes no arguments: its input is embedded by craft.embed_tokens
// CHECK-NEXT: in: craft.model @argument vocab [1, 2] max_seq_len 2 {

// -----

craft.model @foreign_op vocab [1, 2] max_seq_len 2 {
  %x = arith.constant 1 : i32
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: a model may contain ops of the craft dialect only, found arith.constant
// CHECK-NEXT: in: craft.model @foreign_op vocab [1, 2] max_seq_len 2 {

// -----

craft.model @conversion vocab [1, 2] max_seq_len 2 {
  %x = builtin.unrealized_conversion_cast to !craft.vec<"x" [1]>
  %t = craft.embed_tokens : "t" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: a model may contain ops of the craft dialect only, found builtin.unrealized_conversion_cast
// CHECK-NEXT: in: craft.model @conversion vocab [1, 2] max_seq_len 2 {

// -----

craft.model @rasp_op vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %c = rasp.constant 1 : ?
  craft.unembed %t
}
// CHECK: craft.model: a model may contain ops of the craft dialect only, found rasp.constant
// CHECK-NEXT: in: craft.model @rasp_op vocab [1, 2] max_seq_len 2 {

// -----

craft.model @same_name vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.embed_positions : "t" [0, 1]
  craft.unembed %t
}
// CHECK: craft.model: two subspaces have the name 't'
// CHECK-NEXT: in: craft.model @same_name vocab [1, 2] max_seq_len 2 {

// -----

craft.model @yield vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  craft.yield(%t)
}
// CHECK: craft.yield: 'craft.yield' expects parent op 'craft.attention'
// CHECK-NEXT: in: craft.yield(%t)

// -----

craft.model @missing_vocab max_seq_len 2 {
}
// CHECK: Expected 'vocab'

// -----

// Embeddings hold the vocabulary, the positions and the constant one

craft.model @tokens vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2, 3]
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_tokens must be one-hot over the vocabulary
// CHECK-NEXT: in: craft.model @tokens vocab [1, 2] max_seq_len 2 {

// -----

craft.model @numerical_tokens vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_tokens must be one-hot over the vocabulary
// CHECK-NEXT: in: craft.model @numerical_tokens vocab [1, 2] max_seq_len 2 {

// -----

craft.model @other_tokens vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" ["x", "y"]
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_tokens must be one-hot over the vocabulary
// CHECK-NEXT: in: craft.model @other_tokens vocab [1, 2] max_seq_len 2 {

// -----

craft.model @positions vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %p = craft.embed_positions : "p" 0 to 5
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_positions must be one-hot over 0 to max_seq_len - 1
// CHECK-NEXT: in: craft.model @positions vocab [1, 2] max_seq_len 2 {

// -----

craft.model @other_positions vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %p = craft.embed_positions : "p" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_positions must be one-hot over 0 to max_seq_len - 1
// CHECK-NEXT: in: craft.model @other_positions vocab [1, 2] max_seq_len 2 {

// -----

craft.model @numerical_positions vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %p = craft.embed_positions : "p" numerical [0, 1]
  craft.unembed %t
}
// CHECK: craft.model: craft.embed_positions must be one-hot over 0 to max_seq_len - 1
// CHECK-NEXT: in: craft.model @numerical_positions vocab [1, 2] max_seq_len 2 {

// -----

craft.model @one vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %o = craft.one : "o" [1, 2]
  craft.unembed %t
}
// CHECK: craft.model: craft.one must be numerical [1]
// CHECK-NEXT: in: craft.model @one vocab [1, 2] max_seq_len 2 {

// -----

craft.model @two vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %o = craft.one : "o" numerical [2]
  craft.unembed %t
}
// CHECK: craft.model: craft.one must be numerical [1]
// CHECK-NEXT: in: craft.model @two vocab [1, 2] max_seq_len 2 {

// -----

craft.model @two_ones vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %o = craft.one : "o" numerical [1]
  %p = craft.one : "p" numerical [1]
  craft.unembed %t
}
// CHECK: craft.model: a model has one craft.one at most
// CHECK-NEXT: in: craft.model @two_ones vocab [1, 2] max_seq_len 2 {

// -----

// Subspaces

craft.model @no_domain vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.embed_positions : "s" ?
  craft.unembed %t
}
// CHECK: a subspace needs its domain

// -----

craft.model @no_name vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.embed_positions : [0, 1]
  craft.unembed %t
}
// CHECK: expected a string (the name of a subspace)

// -----

craft.model @unquoted vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.embed_positions : s [0, 1]
  craft.unembed %t
}
// CHECK: expected a string (the name of a subspace)

// -----

craft.model @numerical_strings vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 1 [[1], [2]]) : "s" numerical ["a"]
  craft.unembed %t
}
// CHECK: the values of a numerical s-op must be finite numbers

// -----

craft.model @numerical_infinity vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 1 [[1], [2]]) : "s" numerical [inf]
  craft.unembed %t
}
// CHECK: the values of a numerical s-op must be finite numbers

// -----

builtin.module attributes {a = !craft.vec<"s">} {}
// CHECK: Expected integer literal, a list of values or packed values

// -----

builtin.module attributes {a = !craft.vec} {}
// CHECK: '<' expected

// -----

// Matrices

craft.model @shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (1 by 1 [[1]]) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: craft.linear: the matrix must be 2 by 2, found 1 by 1
// CHECK-NEXT: in: %s = craft.linear %t (1 by 1 [[1]]) : "s" [1, 2]

// -----

craft.model @rows vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 [[1, 0]]) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: expected 2 rows of 2 numbers

// -----

craft.model @ragged vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 [[1, 0], [1]]) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: expected 2 rows of 2 numbers

// -----

craft.model @no_rows vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 0 []) : "s" []
  craft.unembed %t
}
// CHECK: expected 2 rows of 0 numbers

// -----

craft.model @identity vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 3 identity) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: an identity matrix is square

// -----

craft.model @cross vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 x 2 identity) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: Expected 'by'

// -----

craft.model @negative vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (-1 by 2 identity) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: Expected integer literal

// -----

craft.model @too_large vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2000000 by 2 identity) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: a matrix may have 1048576 rows and columns at most

// -----

craft.model @no_elements vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: '[' expected

// -----

craft.model @word vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 [[a, 0], [0, 0]]) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

craft.model @overflow vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 [[1.0e400, 0], [0, 0]]) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: the number is beyond the 64-bit floats

// -----

craft.model @packed_infinity vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 at "0x00000000" "0x00000000" "0x000000000000F07F") : "s" [1, 2]
  craft.unembed %t
}
// CHECK: the elements of a matrix must be finite

// -----

craft.model @packed_column vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 at "0x00000000" "0x02000000" "0x000000000000F03F") : "s" [1, 2]
  craft.unembed %t
}
// CHECK: an element lies outside of the 2 by 2 matrix

// -----

craft.model @packed_negative vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 at "0xFFFFFFFF" "0x00000000" "0x000000000000F03F") : "s" [1, 2]
  craft.unembed %t
}
// CHECK: an element lies outside of the 2 by 2 matrix

// -----

craft.model @packed_lengths vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 at "0x00000000" "0x" "0x000000000000F03F") : "s" [1, 2]
  craft.unembed %t
}
// CHECK: found 1 rows, 0 columns and 1 elements

// -----

craft.model @packed_size vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t (2 by 2 at "0x00" "0x00000000" "0x000000000000F03F") : "s" [1, 2]
  craft.unembed %t
}
// CHECK: packed values must be a multiple of 4 bytes

// -----

craft.model @no_parentheses vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %t 2 by 2 identity : "s" [1, 2]
  craft.unembed %t
}
// CHECK: '(' expected

// -----

craft.model @before vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %s = craft.linear %q (2 by 2 identity) : "s" [1, 2]
  craft.unembed %t
}
// CHECK: %q is used before it is defined

// -----

craft.model @sop vocab [1, 2] max_seq_len 2 {
  %c = rasp.constant 1 : ?
  craft.unembed %c
}
// CHECK: !rasp.sop<?> should be of base attribute craft.vec

// -----

builtin.module attributes {a = #craft.matrix<2 by 2 [[1]]>} {}
// CHECK: expected 2 rows of 2 numbers

// -----

// Heads

craft.model @pairs vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t, %t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: found 2 queries and 1 keys: they come in pairs

// -----

craft.model @qk_count vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk() value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: qk must have one matrix for each vector: expected 1, found 0

// -----

craft.model @clauses vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 clauses [2] : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: clauses of [2] terms don't make 1 terms

// -----

craft.model @ov_count vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov() bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: ov must have one matrix for each vector: expected 1, found 0

// -----

craft.model @qk_shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(1 by 2 [[1, 1]]) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: a qk matrix must be 2 by 2, found 1 by 2

// -----

craft.model @product_shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(product(3 by 1 [[1], [1], [1]], 1 by 2 [[1, 1]])) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: a qk matrix must be 2 by 2, found 3 by 2

// -----

craft.model @product_inner vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(product(2 by 1 [[1], [1]], 2 by 2 identity)) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: a 2 by 1 matrix can't be multiplied by a 2 by 2 matrix

// -----

craft.model @product_of_one vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(product(2 by 2 identity)) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: Expected ','

// -----

craft.model @product_of_three vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(product(2 by 2 identity, 2 by 2 identity, 2 by 2 identity)) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: ')' expected

// -----

craft.model @product_of_values vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(product(2 by 2 identity, 2 by 2 identity)) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: Expected integer literal

// -----

craft.model @ov_shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 1 [[1], [1]]) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: an ov matrix must be 2 by 2, found 2 by 1

// -----

craft.model @bos_size vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: bos must have 2 elements, found 1

// -----

craft.model @bos_infinity vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 1.0e400] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: the number is beyond the 64-bit floats

// -----

craft.model @bos_list vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos 0 score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: '[' expected

// -----

craft.model @temperature vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 0.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: the inverse temperature must be positive and finite

// -----

craft.model @lead vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 lead -1.0 temperature 32.0 : "h" [1, 2]
  craft.unembed %h
}
// CHECK: craft.head: the lead of BOS must be finite, and not negative

// -----

craft.model @negative_temperature vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature -1.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: the inverse temperature must be positive and finite

// -----

craft.model @infinite_temperature vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 1.0e400 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: the number is beyond the 64-bit floats

// -----

craft.model @score vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score high temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

craft.model @infinite_score vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 1.0e400 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: the number is beyond the 64-bit floats

// -----

craft.model @layer vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head layer -1 query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: Expected integer literal

// -----

craft.model @no_layer_number vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %h = craft.head layer query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]
  craft.unembed %t
}
// CHECK: Expected integer literal

// -----

// Attentions

craft.model @no_layer vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h)
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: property 'layer' expected in operation 'craft.attention'
// CHECK-NEXT: in: %a = craft.attention {

// -----

craft.model @no_yield vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.head: Operation craft.head terminates block in single-block region but is not a terminator

// -----

craft.model @yield_nothing vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield()
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: craft.yield must name every head of the layer once, in order
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @yield_twice vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h, %h)
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: craft.yield must name every head of the layer once, in order
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @yield_other vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%t)
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: craft.yield must name every head of the layer once, in order
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @other_type vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h)
  } : "b" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: its results must be those of its heads
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @missing_result vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h)
  } : "a" [1, 2], "b" [1, 2]
  craft.unembed %t
}
// CHECK: Operation has 2 results, but was given 1 to bind.

// -----

craft.model @no_result vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h)
  } : 
  craft.unembed %t
}
// CHECK: expected a string (the name of a subspace)

// -----

craft.model @other_op vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    %s = craft.linear %t (2 by 2 identity) : "s" [1, 2]
    craft.yield(%h)
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: it may contain heads only
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @own_layer vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a = craft.attention layer 0 {
    %h = craft.head layer 2 query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    craft.yield(%h)
  } : "a" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: its heads are in its layer and must have none of their own
// CHECK-NEXT: in: %a = craft.attention layer 0 {

// -----

craft.model @same_layer vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %a, %b = craft.attention layer 0 {
    %h = craft.head query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
    %g = craft.head query(%h) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "b" [1, 2]
    craft.yield(%h, %g)
  } : "a" [1, 2], "b" [1, 2]
  craft.unembed %t
}
// CHECK: craft.attention: the heads of one layer can't read each other
// CHECK-NEXT: in: %a, %b = craft.attention layer 0 {

// -----

craft.model @no_heads vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  "craft.attention"() <{layer = #builtin.int<0>}> ({
    "craft.yield"() : () -> ()
  }) : () -> ()
  craft.unembed %t
}
// CHECK: craft.attention: it needs at least one head
// CHECK-NEXT: in: craft.attention layer 0 {

// -----

// Perceptrons

craft.model @w_in_shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(3 by 3 identity) bias [0, 0, -1] w_out(3 by 1 [[1], [2], [-1]]) : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.mlp: w_in must be 2 by 3, found 3 by 3

// -----

craft.model @bias_size vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0] w_out(3 by 1 [[1], [2], [-1]]) : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.mlp: w_in must be 2 by 1, found 2 by 3

// -----

craft.model @bias_infinity vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, 1.0e400] w_out(3 by 1 [[1], [2], [-1]]) : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: the number is beyond the 64-bit floats

// -----

craft.model @w_out_shape vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, -1] w_out(2 by 1 [[1], [2]]) : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.mlp: w_out must be 3 by 1, found 2 by 1

// -----

craft.model @w_in_count vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t, %t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, -1] w_out(3 by 1 [[1], [2], [-1]]) : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.mlp: w_in must have one matrix for each vector: expected 2, found 1

// -----

craft.model @w_out_count vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, -1] w_out() : "m" numerical [1, 2]
  craft.unembed %t
}
// CHECK: craft.mlp: w_out must have one matrix for each vector: expected 1, found 0
// CHECK-NEXT: in: %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, -1] w_out() : "m" numerical [1, 2]

// -----

// Results that are partial

craft.model @another_result vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = "craft.mlp"(%t) <{w_in = [#craft.matrix<2 by 1 [[1], [2]]>], bias = array<f64: 0.0>, w_out = [#craft.matrix<1 by 1 [[1]]>], partial = array<i64: 1>}> : (!craft.vec<"t" [1, 2]>) -> !craft.vec<"m" numerical [1, 2]>
  craft.unembed %t
}
// CHECK: craft.mlp: there are 1 results, and [1] are said to be partial

// -----

craft.model @twice_the_same_result vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = "craft.mlp"(%t) <{w_in = [#craft.matrix<2 by 1 [[1], [2]]>], bias = array<f64: 0.0>, w_out = [#craft.matrix<1 by 1 [[1]]>], partial = array<i64: 0, 0>}> : (!craft.vec<"t" [1, 2]>) -> !craft.vec<"m" numerical [1, 2]>
  craft.unembed %t
}
// CHECK: craft.mlp: the results that are partial are listed once, in order, found [0, 0]

// -----

craft.model @no_result_listed vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = "craft.mlp"(%t) <{w_in = [#craft.matrix<2 by 1 [[1], [2]]>], bias = array<f64: 0.0>, w_out = [#craft.matrix<1 by 1 [[1]]>], partial = array<i64>}> : (!craft.vec<"t" [1, 2]>) -> !craft.vec<"m" numerical [1, 2]>
  craft.unembed %t
}
// CHECK: craft.mlp: the results that are partial are listed once, in order, found []

// -----

craft.model @no_type vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  %m = craft.mlp(%t) w_in(2 by 3 [[1, 0, 1], [0, 1, 1]]) bias [0, 0, -1] w_out(3 by 1 [[1], [2], [-1]])
  craft.unembed %t
}
// CHECK: Expected ':'

// -----

craft.model @no_mlp_result vocab [1, 2] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [1, 2]
  "craft.mlp"(%t) <{w_in = [#craft.matrix<2 by 1 [[1], [1]]>], bias = array<f64: 0.0>, w_out = []}> : (!craft.vec<"t" [1, 2]>) -> ()
  craft.unembed %t
}
// CHECK: craft.mlp: an MLP needs at least one result
// CHECK-NEXT: in: craft.mlp(%t) w_in(2 by 1 [[1], [1]]) bias [0] w_out() :

// -----

// CHECK: the certificate is void: the model, or what is said of it, isn't what the pass certify has judged; compile the program again, or take the certificate out
craft.model @forged vocab [0, 1] max_seq_len 2 certified float32 margin 1.0 at "tokens" scope "rounding" sha256 "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef" {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  craft.unembed %tokens
}

// -----

// CHECK: the certificate is of an earlier version of raspc, and says neither its scope nor what it is about; compile the program again, or take the certificate out
craft.model @old vocab [0, 1] max_seq_len 2 certified float32 margin 1.0 at "tokens" {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  craft.unembed %tokens
}

// -----

// CHECK: there is no scope 'everything': expected one of rounding
craft.model @boast vocab [0, 1] max_seq_len 2 certified float32 margin 1.0 at "tokens" scope "everything" sha256 "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef" {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  craft.unembed %tokens
}

// -----

// CHECK: a digest has 64 hexadecimal digits, found '5f70'
craft.model @short vocab [0, 1] max_seq_len 2 certified float32 margin 1.0 at "tokens" scope "rounding" sha256 "5f70" {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  craft.unembed %tokens
}

// -----

// Places and layers

%t = craft.embed_tokens : "t" ["a", "b"]
// CHECK: craft.embed_tokens: it stands in builtin.module
// CHECK-NEXT: expected: it stands in craft.model or rasp.program

// -----

craft.model @descending vocab [0, 1] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [0, 1]
  %u = craft.mlp layer 5 (%t) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "u" [0, 1]
  %v = craft.mlp layer 0 (%u) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "v" [0, 1]
  craft.unembed %v
}
// CHECK: craft.mlp: 'v': it is in layer 0 and reads 'u', which isn't written yet there, but by the MLP of layer 5
// CHECK-NEXT: help: run the pass schedule-layers, or write layers that ascend, with attention before the MLP in each
// CHECK-NEXT: in: %v = craft.mlp layer 0

// -----

craft.model @same_stage vocab [0, 1] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [0, 1]
  %u = craft.mlp layer 0 (%t) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "u" [0, 1]
  %w = craft.linear %u (2 by 2 identity) : "w" [0, 1]
  %v = craft.mlp layer 0 (%w) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "v" [0, 1]
  craft.unembed %v
}
// CHECK: craft.mlp: 'v': it is in layer 0 and reads 'w', which isn't written yet there, but by the MLP of layer 0

// -----

craft.model @attention_after_mlp vocab [0, 1] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [0, 1]
  %u = craft.mlp layer 0 (%t) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "u" [0, 1]
  %h = craft.head layer 0 query(%t) key(%u) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "h" [0, 1]
  craft.unembed %h
}
// CHECK: craft.head: 'h': it is in layer 0 and reads 'u', which isn't written yet there, but by the MLP of layer 0

// -----

craft.model @negative_layer vocab [0] max_seq_len 2 {
  %t = craft.embed_tokens : "t" [0]
  %u = "craft.mlp"(%t) <{layer = #builtin.int<-1>, w_in = [#craft.matrix<1 by 1 [[1]]>], bias = array<f64: 0.0>, w_out = [#craft.matrix<1 by 1 [[1]]>]}> : (!craft.vec<"t" [0]>) -> !craft.vec<"u" [0]>
  craft.unembed %u
}
// CHECK: craft.mlp: layers are counted from 0, found -1

// -----

// Recorded proofs that an input refutes

craft.model @several vocab ["a", "b"] max_seq_len 2 {
  %t = craft.embed_tokens : "t" ["a", "b"]
  %one = craft.one : "one" numerical [1]
  %v = craft.head layer 0 query(%one) key(%one) qk(1 by 1 [[1]]) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 at_most_one : "v" ["a", "b"]
  craft.unembed %v
}
// CHECK: 'v': it selects several positions, and says that it selects one position at most: it is so on ['a', 'a']

// -----

craft.model @clause vocab ["a", "b"] max_seq_len 2 {
  %t = craft.embed_tokens : "t" ["a", "b"]
  %v = craft.head layer 0 query(%t, %t) key(%t, %t) qk(2 by 2 identity, 2 by 2 identity) value(%t) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 clauses [2] : "v" ["a", "b"]
  craft.unembed %v
}
// CHECK: 'v': two terms of one clause hold together, and it says that never more than one does: it is so on ['a']
