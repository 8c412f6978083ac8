// RUN: rasp-opt %s --split-input-file -p infer-values,merge-equal-sops | filecheck %s --match-full-lines
// RUN: rasp-opt %s --split-input-file -p infer-values,merge-equal-sops -o %t.mlir && rasp-opt %t.mlir --split-input-file -p merge-equal-sops | diff %t.mlir -
// Functions written differently, in whatever order of their operands; then what reads them, and the selects.

rasp.program @opposite vocab ["a", "b"] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %length = rasp.length : ?
  %left = rasp.map(%indices, %length) "i, n -> n - i" : ?
  %again = rasp.map(%length, %indices) affine [1, -1] : ?
  %first = rasp.select %indices, %left "k, q -> k == q"
  %flip = rasp.select %indices, %again eq
  %others = rasp.select %indices, %again ne
  %not_others = rasp.selector_not %others
  %x = rasp.aggregate %first, %tokens : ?
  %y = rasp.aggregate %flip, %tokens : ?
  %z = rasp.aggregate %not_others, %tokens : ?
  %joined = rasp.map(%x, %y) "x, y -> x + y" : ?
  %twice = rasp.map(%z) "z -> z * 2" : ?
  %itself = rasp.map(%z) "z -> z" : ?
  %result = rasp.map(%joined, %twice, %itself) "x, y, z -> (x, y, z)" : ?
  rasp.return %result
}

// CHECK: rasp.program @opposite vocab ["a", "b"] max_seq_len 4 {
// CHECK-NEXT:   %tokens = rasp.tokens : ["a", "b"]
// CHECK-NEXT:   %indices = rasp.indices : 0 to 3
// CHECK-NEXT:   %length = rasp.length : 1 to 4
// CHECK-NEXT:   %left = rasp.map(%indices, %length) "i, n -> n - i" : 1 to 4
// CHECK-NEXT:   %first = rasp.select %indices, %left eq
// CHECK-NEXT:   %x = rasp.aggregate %first, %tokens : ["a", "b"] or none
// CHECK-NEXT:   %joined = rasp.map(%x) "z -> z * 2" : ["aa", "bb"] or none
// CHECK-NEXT:   %result = rasp.map(%joined, %joined, %x) "x, y, z -> (x, y, z)" : [("aa", "aa", "a"), ("bb", "bb", "b")] or none
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// The one that is ready first stays, under the name of the first.

rasp.program @ready_first vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %half = rasp.map(%tokens) "x -> x / 2" : ?
  %chain = rasp.map(%half) "x -> x * 4" : ?
  %double = rasp.map(%tokens) "x -> x * 2.0" : ?
  %result = rasp.map(%half, %chain, %double) "x, y, z -> (x, y, z)" : ?
  rasp.return %result
}

// CHECK: rasp.program @ready_first vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %half = rasp.map(%tokens) "x -> x / 2" : [0.5, 1.0]
// CHECK-NEXT:   %chain = rasp.map(%tokens) "x -> x * 2.0" : [2.0, 4.0]
// CHECK-NEXT:   %result = rasp.map(%half, %chain, %chain) "x, y, z -> (x, y, z)" : [(0.5, 2.0, 2.0), (1.0, 4.0, 4.0)]
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// A default that never occurs doesn't count; one that does, does.

rasp.program @defaults vocab [1, 2] max_seq_len 3 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %itself = rasp.select %indices, %indices eq
  %x = rasp.aggregate %itself, %tokens : ?
  %y = rasp.aggregate %itself, %tokens default 5 : ?
  %next = rasp.select %indices, %indices "k, q -> k == q + 1"
  %z = rasp.aggregate %next, %tokens default 1 : ?
  %w = rasp.aggregate %next, %tokens default 2 : ?
  %result = rasp.map(%x, %y, %z, %w) "x, y, z, w -> (x, y, z, w)" : ?
  rasp.return %result
}

// CHECK: rasp.program @defaults vocab [1, 2] max_seq_len 3 {
// CHECK-NEXT:   %tokens = rasp.tokens : [1, 2]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %itself = rasp.select %indices, %indices eq
// CHECK-NEXT:   %x = rasp.aggregate %itself, %tokens : [1, 2]
// CHECK-NEXT:   %next = rasp.select %indices, %indices "k, q -> k == q + 1"
// CHECK-NEXT:   %z = rasp.aggregate %next, %tokens default 1 : [1, 2]
// CHECK-NEXT:   %w = rasp.aggregate %next, %tokens default 2 : [1, 2]
// CHECK-NEXT:   %result = rasp.map(%x, %x, %z, %w) "x, y, z, w -> (x, y, z, w)" : [(1, 1, 1, 1), (1, 1, 1, 2), (1, 1, 2, 1), (1, 1, 2, 2), (2, 2, 1, 1), (2, 2, 1, 2), (2, 2, 2, 1), (2, 2, 2, 2)]
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// Equal numbers of other types aren't equal, and what is undefined elsewhere isn't; nor are keys queries.

rasp.program @different vocab [0, 1] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %is_one = rasp.map(%tokens) "x -> x == 1" : ?
  %float = rasp.map(%tokens) "x -> x * 1.0" : ?
  %one = rasp.map(%tokens) "x -> 1 // x" : ?
  %filled = rasp.map(%tokens) "x -> 1" : ?
  %asked = rasp.map(%tokens) "x -> x + 0" : numerical ?
  %after = rasp.select %tokens, %indices lt
  %before = rasp.select %indices, %tokens lt
  %n_after = rasp.selector_width %after : ?
  %n_before = rasp.selector_width %before : ?
  %left = rasp.map(%tokens, %is_one, %float, %one) "x, a, b, c -> (a, b, c, x)" : ?
  %right = rasp.map(%filled, %asked, %n_after, %n_before) "d, e, n, m -> (d, e, n, m)" : ?
  %result = rasp.map(%left, %right) "x, y -> (x, y)" : ?
  rasp.return %result
}

// CHECK: rasp.program @different vocab [0, 1] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1]
// CHECK-NEXT:   %is_one = rasp.map(%tokens) "x -> x == 1" : [false, true]
// CHECK-NEXT:   %float = rasp.map(%tokens) "x -> x * 1.0" : [0.0, 1.0]
// CHECK-NEXT:   %one = rasp.map(%tokens) "x -> 1 // x" : [1] or none
// CHECK-NEXT:   %filled = rasp.map(%tokens) "x -> 1" : [1]
// CHECK-NEXT:   %asked = rasp.map(%tokens) "x -> x + 0" : numerical [0, 1]
// CHECK-NEXT:   %after = rasp.select %tokens, %indices lt
// CHECK-NEXT:   %before = rasp.select %indices, %tokens lt
// CHECK-NEXT:   %n_after = rasp.selector_width %after : [0, 1, 2]
// CHECK-NEXT:   %n_before = rasp.selector_width %before : [0, 1]
// CHECK-NEXT:   %left = rasp.map(%tokens, %is_one, %float, %one) "x, a, b, c -> (a, b, c, x)" : [(true, 1.0, 1, 1)] or none
// CHECK-NEXT:   %right = rasp.map(%filled, %asked, %n_after, %n_before) "d, e, n, m -> (d, e, n, m)" : [(1, 0, 0, 0), (1, 0, 0, 1), (1, 0, 1, 0), (1, 0, 1, 1), (1, 0, 2, 0), (1, 0, 2, 1), (1, 1, 0, 0), (1, 1, 0, 1), (1, 1, 1, 0), (1, 1, 1, 1), (1, 1, 2, 0), (1, 1, 2, 1)]
// CHECK-NEXT:   %result = rasp.map(%left, %right) "x, y -> (x, y)" : [((true, 1.0, 1, 1), (1, 1, 0, 0)), ((true, 1.0, 1, 1), (1, 1, 0, 1)), ((true, 1.0, 1, 1), (1, 1, 1, 0)), ((true, 1.0, 1, 1), (1, 1, 1, 1)), ((true, 1.0, 1, 1), (1, 1, 2, 0)), ((true, 1.0, 1, 1), (1, 1, 2, 1))] or none
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// In a causal program no key after the query is seen: `k <= q` is always true.

rasp.program @causal vocab [0, 1] max_seq_len 3 causal {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %so_far = rasp.select %indices, %indices le
  %all = rasp.select %indices, %indices true
  %x = rasp.aggregate %so_far, %tokens : ?
  %y = rasp.aggregate %all, %tokens : ?
  %result = rasp.map(%x, %y) "x, y -> x - y" : ?
  rasp.return %result
}

// CHECK: rasp.program @causal vocab [0, 1] max_seq_len 3 causal {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 1]
// CHECK-NEXT:   %indices = rasp.indices : [0, 1, 2]
// CHECK-NEXT:   %so_far = rasp.select %indices, %indices true
// CHECK-NEXT:   %x = rasp.aggregate %so_far, %tokens : [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1] mixed
// CHECK-NEXT:   %result = rasp.map(%x, %x) "x, y -> x - y" : [0] mixed
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }

// -----

// A mean may come in several forms: maps of it are compared on all of them.

rasp.program @forms vocab [0, 2] max_seq_len 2 {
  %tokens = rasp.tokens : ?
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : ?
  %same = rasp.map(%mean) "x -> x" : ?
  %twice = rasp.map(%mean) "x -> x * 2" : ?
  %sum = rasp.map(%same, %mean) affine [1, 1] : ?
  %number = rasp.map(%mean) "x -> x + 0" : ?
  %result = rasp.map(%twice, %sum, %number) "x, y, z -> (x, y, z)" : ?
  rasp.return %result
}

// CHECK: rasp.program @forms vocab [0, 2] max_seq_len 2 {
// CHECK-NEXT:   %tokens = rasp.tokens : [0, 2]
// CHECK-NEXT:   %all = rasp.select %tokens, %tokens true
// CHECK-NEXT:   %mean = rasp.aggregate %all, %tokens : [0, 1.0, 2] mixed
// CHECK-NEXT:   %twice = rasp.map(%mean) "x -> x * 2" : [0, 2, 4] mixed
// CHECK-NEXT:   %number = rasp.map(%mean) "x -> x + 0" : [0, 1, 2] mixed
// CHECK-NEXT:   %result = rasp.map(%twice, %twice, %number) "x, y, z -> (x, y, z)" : [(false, false, false), (2, 2, true), (4, 4, 2)] mixed
// CHECK-NEXT:   rasp.return %result
// CHECK-NEXT: }
