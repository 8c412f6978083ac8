// RUN: rasp-opt %s --split-input-file -p infer-encodings --verify-diagnostics | filecheck %s

// Values must be inferred first.

rasp.program @unknown vocab [1] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  rasp.return %tokens
}
// CHECK: 'tokens': its domain isn't known
// CHECK-NEXT: help: run the pass infer-values first

// -----

rasp.program @values vocab [0, 1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1, "a"]
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : [1, 2]
  %alike = rasp.select %width, %width eq
  %common = rasp.aggregate %alike, %tokens : [0, 0.5, 1, "a"] mixed
  rasp.return %common
}
// CHECK: 'common': it may average some of its values, and others are no finite numbers
// CHECK-NEXT: expected: values that are all finite numbers, or a selector that selects one of them at most

// -----

rasp.program @cast vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : [0, 1]
  %cast = rasp.cast %tokens : [0, 1]
  rasp.return %cast
}
// CHECK: 'cast': a cast needs the encoding that it casts to
