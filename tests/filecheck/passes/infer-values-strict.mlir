// RUN: rasp-opt %s --split-input-file -p infer-values 2>&1 >/dev/null | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values{strict=true} --verify-diagnostics | filecheck %s --check-prefix=STRICT --match-full-lines

// Where it can't be proved that an expression always has a meaning, there is a warning; with `strict`, it is refused.

rasp.program @aggregate vocab [1, "a"] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %itself = rasp.select %indices, %indices eq
  %token_again = rasp.aggregate %itself, %tokens : ?
  %every = rasp.select %tokens, %tokens true
  %common = rasp.aggregate %every, %token_again : ?
  rasp.return %common
}
// CHECK: rasp-opt: warning: 'common': assumed to have a meaning on every input: an aggregate over 1, 'a' may have no mean, for example on [1, 'a']
// STRICT: 'common': it can't be proved that this has a meaning on every input: an aggregate over 1, 'a' may have no mean, for example on [1, 'a']
// STRICT-NEXT: help: make it have one, or compile without strict to accept the assumption

// -----

rasp.program @function vocab [1, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %same = rasp.select %tokens, %tokens eq
  %width = rasp.selector_width %same : ?
  %text = rasp.map(%width) "w -> 'once' if w == 1 else w.upper()" : ?
  rasp.return %text
}
// CHECK-NEXT: rasp-opt: warning: 'text': assumed to have a meaning on every input: the function raised AttributeError ('int' object has no attribute 'upper') for 2, for example on [1, 1]
// STRICT-NEXT: 'text': it can't be proved that this has a meaning on every input: the function raised AttributeError ('int' object has no attribute 'upper') for 2, for example on [1, 1]
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
// CHECK-NEXT: rasp-opt: warning: 'less': assumed to have a meaning on every input: the predicate raised TypeError ('<' not supported between instances of 'str' and 'int') for key 'a' and query 1, for example on [1, 'a']
// STRICT-NEXT: 'less': it can't be proved that this has a meaning on every input: the predicate raised TypeError ('<' not supported between instances of 'str' and 'int') for key 'a' and query 1, for example on [1, 'a']
// STRICT-NEXT: help: make it have one, or compile without strict to accept the assumption

// -----

// No example is among the inputs that are tried: the program may well have a meaning on every one.

rasp.program @rare vocab 0 to 25 max_seq_len 9 {
  %tokens = rasp.tokens : ?
  %half = rasp.map(%tokens) "t -> t % 2" : ?
  %one = rasp.constant 1 : ?
  %odd = rasp.select %half, %one eq
  %count = rasp.selector_width %odd : ?
  %mean = rasp.aggregate %odd, %tokens : ?
  %checked = rasp.map(%mean, %count) "m, n -> m if m != 20.5 or n < 8 else m.upper()" : ?
  rasp.return %checked
}
// CHECK-NEXT: rasp-opt: warning: 'checked': assumed to have a meaning on every input: the function raised AttributeError ('float' object has no attribute 'upper') for 20.5, 8
// STRICT-NEXT: 'checked': it can't be proved that this has a meaning on every input: the function raised AttributeError ('float' object has no attribute 'upper') for 20.5, 8
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

// -----

// Or the keys are a permutation: the ranks of the positions, by token and then by index.

rasp.program @sorted vocab ["a", "b", "c"] max_seq_len 20 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %smaller = rasp.select %tokens, %tokens lt
  %equal = rasp.select %tokens, %tokens eq
  %earlier = rasp.select %indices, %indices lt
  %earlier_equal = rasp.selector_and %equal, %earlier
  %before = rasp.selector_or %smaller, %earlier_equal
  %rank = rasp.selector_width %before : ?
  %arrives = rasp.select %rank, %indices eq
  %sorted = rasp.aggregate %arrives, %tokens : ?
  rasp.return %sorted
}

// -----

// Or a causal program doesn't let any position see another one.

rasp.program @causal vocab ["a", "b", "c"] max_seq_len 20 causal {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %later = rasp.select %indices, %indices ge
  %itself = rasp.aggregate %later, %tokens : ?
  rasp.return %itself
}

// -----

// Or the only position never meets another one.

rasp.program @alone vocab [1, "a"] max_seq_len 1 {
  %tokens = rasp.tokens : ?
  %less = rasp.select %tokens, %tokens lt
  %width = rasp.selector_width %less : ?
  rasp.return %width
}

// -----

// Or all inputs were tried.

rasp.program @few vocab [1, "a"] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %pair = rasp.map(%tokens, %indices) "t, i -> (t, i)" : ?
  %odd = rasp.select %pair, %pair "k, q -> k[0] < q[0] if k[1] == q[1] else True"
  %width = rasp.selector_width %odd : ?
  rasp.return %width
}
// CHECK-NOT: warning
// STRICT: %first_token = rasp.aggregate %first, %tokens : [1, "a"]
// STRICT-NEXT: %token_again = rasp.aggregate %same, %tokens : [1, "a"]
