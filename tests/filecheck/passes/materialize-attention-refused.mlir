// RUN: rasp-opt %s --split-input-file -p materialize-attention --verify-diagnostics | filecheck %s

rasp.program @unknown_domain vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  rasp.return %tokens
}
// CHECK: 'tokens': its domain isn't known
// CHECK-NEXT: help: run the pass infer-values first

// -----

rasp.program @unknown_encoding vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : [1]
  rasp.return %tokens
}
// CHECK: 'tokens': its encoding isn't chosen
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

// Maps, casts and widths must be perceptrons already.

rasp.program @map vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1]
  %next = rasp.map(%tokens) "x -> x + 1" : categorical [2]
  rasp.return %next
}
// CHECK: 'next': rasp.map is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

rasp.program @width vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1]
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : categorical [1]
  rasp.return %width
}
// CHECK: 'width': rasp.selector_width is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

rasp.program @cast vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1]
  %cast = rasp.cast %tokens : numerical [1]
  rasp.return %cast
}
// CHECK: 'cast': rasp.cast is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

rasp.program @length vocab [1] max_seq_len 1 {
  %length = rasp.length : categorical [1]
  rasp.return %length
}
// CHECK: 'length': rasp.length is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

// Selectors must be conjunctions of selects of one-hots.

rasp.program @negation vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1]
  %same = rasp.select %tokens, %tokens eq
  %others = rasp.selector_not %same
  %aggregate = rasp.aggregate %others, %tokens : categorical [1] or none
  rasp.return %aggregate
}
// CHECK: 'others': rasp.selector_not is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

rasp.program @disjunction vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : categorical [1]
  %same = rasp.select %tokens, %tokens eq
  %either = rasp.selector_or %same, %same
  %both = rasp.selector_and %same, %either
  %aggregate = rasp.aggregate %both, %tokens : categorical [1]
  rasp.return %aggregate
}
// CHECK: 'either': rasp.selector_or is not lowered
// CHECK-NEXT: help: run the pass materialize-mlp before this one

// -----

rasp.program @numerical_key vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %same = rasp.select %mean, %tokens eq
  %aggregate = rasp.aggregate %same, %tokens : categorical [0, 1] or none
  rasp.return %aggregate
}
// CHECK: 'same': keys and queries must be categorical
// CHECK-NEXT: help: run the pass infer-encodings first

// -----

rasp.program @numerical_values vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 1]
  %every = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %every, %tokens : numerical [0, 0.5, 1] mixed
  %one_hot = rasp.aggregate %every, %mean : categorical [0, 0.5, 1] mixed
  rasp.return %one_hot
}
// CHECK: 'one_hot': one-hot values are expected
// CHECK-NEXT: help: run the pass infer-encodings first
