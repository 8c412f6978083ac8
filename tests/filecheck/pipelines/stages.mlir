// Entering and leaving at each stage: a pass of a pipeline reads what the one before it has printed, and the bytes at the end are those of one run.

// RUN: rasp-opt %s -p O0 -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -

// RUN: rasp-opt %s -p infer-values | rasp-opt -p legalize-selectors | rasp-opt -p infer-encodings \
// RUN:   | rasp-opt -p materialize-mlp | rasp-opt -p materialize-attention | rasp-opt -p schedule-layers \
// RUN:   | rasp-opt -p fuse-heads | rasp-opt -p fuse-mlps | rasp-opt -p shrink-attention | rasp-opt -p certify | rasp-opt -p assemble-transformer | diff %t.mlir -

// RUN: rasp-opt %s -p infer-values --print-op-generic | rasp-opt -p legalize-selectors --print-op-generic \
// RUN:   | rasp-opt -p infer-encodings --print-op-generic | rasp-opt -p materialize-mlp --print-op-generic \
// RUN:   | rasp-opt -p materialize-attention --print-op-generic | rasp-opt -p schedule-layers --print-op-generic \
// RUN:   | rasp-opt -p fuse-heads --print-op-generic | rasp-opt -p fuse-mlps --print-op-generic | rasp-opt -p shrink-attention --print-op-generic | rasp-opt -p certify --print-op-generic \
// RUN:   | rasp-opt -p assemble-transformer | diff %t.mlir -

// A pipeline's name stands for its passes, among others too; what is legal already isn't changed by the passes that come again.

// RUN: rasp-opt %s -p infer-values,O0 | diff %t.mlir -
// RUN: rasp-opt %s -p infer-values,legalize-selectors,infer-encodings | rasp-opt -p O0 | diff %t.mlir -
// RUN: rasp-opt %s -p O0,fuse-heads,fuse-mlps,shrink-attention,assemble-transformer | diff %t.mlir -

// xdsl-opt knows the dialects and the passes, from the entry point `xdsl.universe`.

// RUN: xdsl-opt %s -p infer-values,legalize-selectors,infer-encodings,materialize-mlp,materialize-attention,schedule-layers,fuse-heads,fuse-mlps,shrink-attention,certify,assemble-transformer \
// RUN:   | diff %t.mlir -

// A program that needs everything: a mean that is cast, an undefined value, a default, a negation, a disjunction over tuples, a lookup of two
// operands, an affine combination, a constant and a width.

rasp.program @everything vocab ["a", "é", (1, 2.5)] max_seq_len 3 causal attributes {note = "kept nowhere"} {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %length = rasp.length : ?
  %two = rasp.constant 2 : ?
  %is_a = rasp.map(%tokens) "x -> 1 if x == 'a' else 0" : numerical ?
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %is_a : numerical ?
  %shifted = rasp.map(%mean, %is_a) affine [2, -1] + 0.5 : numerical ?
  %previous_index = rasp.map(%indices) "i -> i - 1 if i != 2 else None" : ?
  %previous = rasp.select %indices, %previous_index eq
  %last = rasp.aggregate %previous, %tokens default "-" : ?
  %same = rasp.select %tokens, %last eq
  %defined = rasp.select %indices, %previous_index le
  %or = rasp.selector_or %same, %defined
  %not = rasp.selector_not %or
  %width = rasp.selector_width %not : ?
  %constants = rasp.select %two, %length eq
  %first = rasp.aggregate %constants, %width : ?
  %sum = rasp.map(%shifted, %width) "x, w -> x if w else 'none'" : ?
  %pair = rasp.map(%sum, %first) "x, y -> x == y" : ?
  rasp.return %pair
}
