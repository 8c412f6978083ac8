// RUN: rasp-opt %s --split-input-file -p infer-values 2>&1 >/dev/null | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values{strict=true} --verify-diagnostics | filecheck %s --check-prefix=STRICT --match-full-lines

// Where it can't be proved that an expression always has a meaning, there is a warning; with `strict`, it is refused.

rasp.program @aggregate vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %every = rasp.select %tokens, %tokens true
  %common = rasp.aggregate %every, %tokens : ?
  rasp.return %common
}
// CHECK: rasp-opt: warning: 'common': assumed to have a meaning on every input: an aggregate over 1, 'a' may have no mean
// STRICT: 'common': it can't be proved that this has a meaning on every input: an aggregate over 1, 'a' may have no mean
// STRICT-NEXT: help: make it have one, or compile without strict to accept the assumption

// -----

rasp.program @function vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : ?
  %text = rasp.map(%width) "w -> 'once' if w == 1 else w.upper()" : ?
  rasp.return %text
}
// CHECK-NEXT: rasp-opt: warning: 'text': assumed to have a meaning on every input: the function raised AttributeError ('int' object has no attribute 'upper') for 2
// STRICT-NEXT: 'text': it can't be proved that this has a meaning on every input: the function raised AttributeError ('int' object has no attribute 'upper') for 2
// STRICT-NEXT: help: make it have one, or compile without strict to accept the assumption

// -----

rasp.program @predicate vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %same = rasp.select %indices, %indices eq
  %token_again = rasp.aggregate %same, %tokens : ?
  %less = rasp.select %token_again, %token_again lt
  %width = rasp.selector_width %less : ?
  rasp.return %width
}
// CHECK-NEXT: rasp-opt: warning: 'less': assumed to have a meaning on every input: it raised TypeError ('<' not supported between instances of 'int' and 'str') for key 1 and query 'a'
// STRICT-NEXT: 'less': it can't be proved that this has a meaning on every input: it raised TypeError ('<' not supported between instances of 'int' and 'str') for key 1 and query 'a'
// STRICT-NEXT: help: make it have one, or compile without strict to accept the assumption

// -----

// Nothing is said where a proof is found: at most one position is selected, or only positions with equal values.

rasp.program @proved vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %first_index = rasp.constant 0 : ?
  %first = rasp.select %indices, %first_index eq
  %same = rasp.select %tokens, %tokens eq
  %first_token = rasp.aggregate %first, %tokens : ?
  %token_again = rasp.aggregate %same, %tokens : ?
  rasp.return %first_token
}
// CHECK-NOT: warning
// STRICT: %first_token = rasp.aggregate %first, %tokens : [1, "a"]
// STRICT-NEXT: %token_again = rasp.aggregate %same, %tokens : [1, "a"]
