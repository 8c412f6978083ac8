// RUN: rasp-opt %s | filecheck %s --match-full-lines
// RUN: rasp-opt %s -o %t.mlir && rasp-opt %t.mlir | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | rasp-opt | diff %t.mlir -
// RUN: rasp-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC --match-full-lines

// Every op, with every form that its attributes can have. Each line is followed by the form in which it is printed.

rasp.program @ops vocab [1, 2, 3] max_seq_len 5 {
// CHECK: rasp.program @ops vocab [1, 2, 3] max_seq_len 5 {
  %tokens = rasp.tokens : [1, 2, 3]
  // CHECK-NEXT: %tokens = rasp.tokens : [1, 2, 3]
  %indices = rasp.indices : 0 to 4
  // CHECK-NEXT: %indices = rasp.indices : 0 to 4
  %length = rasp.length : 1 to 5
  // CHECK-NEXT: %length = rasp.length : 1 to 5
  %one = rasp.constant 1 : [1]
  // CHECK-NEXT: %one = rasp.constant 1 : [1]
  %opposite = rasp.map(%length, %indices) "l, i -> l - i - 1" : -4 to 4
  // CHECK-NEXT: %opposite = rasp.map(%length, %indices) "l, i -> l - i - 1" : -4 to 4
  %same = rasp.select %tokens, %tokens eq
  // CHECK-NEXT: %same = rasp.select %tokens, %tokens eq
  %other = rasp.select %tokens, %tokens ne
  // CHECK-NEXT: %other = rasp.select %tokens, %tokens ne
  %flip = rasp.select %indices, %opposite eq
  // CHECK-NEXT: %flip = rasp.select %indices, %opposite eq
  %and = rasp.selector_and %same, %flip
  // CHECK-NEXT: %and = rasp.selector_and %same, %flip
  %or = rasp.selector_or %same, %and
  // CHECK-NEXT: %or = rasp.selector_or %same, %and
  %disjoint = rasp.selector_or %same, %other disjoint
  // CHECK-NEXT: %disjoint = rasp.selector_or %same, %other disjoint
  %not = rasp.selector_not %or
  // CHECK-NEXT: %not = rasp.selector_not %or
  %reverse = rasp.aggregate %flip, %tokens : [1, 2, 3] or none
  // CHECK-NEXT: %reverse = rasp.aggregate %flip, %tokens : [1, 2, 3] or none
  %filled = rasp.aggregate %not, %tokens default 0 : ?
  // CHECK-NEXT: %filled = rasp.aggregate %not, %tokens default 0 : ?
  %width = rasp.selector_width %not : 0 to 5
  // CHECK-NEXT: %width = rasp.selector_width %not : 0 to 5
  %weight = rasp.bos_weight %same : numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
  // CHECK-NEXT: %weight = rasp.bos_weight %same : numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
  %most = rasp.attenuated_width %same lead 4 : numerical [0.9820137900379085, 1.9293263119438075, 2.8437449814825473, 3.7269538374342863, 4.58052389233396]
  // CHECK-NEXT: %most = rasp.attenuated_width %same lead 4.0 : numerical [0.9820137900379085, 1.9293263119438075, 2.8437449814825473, 3.7269538374342863, 4.58052389233396]
  %cast = rasp.cast %weight : categorical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
  // CHECK-NEXT: %cast = rasp.cast %weight : categorical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
  %noted = rasp.constant 2 {note = "any op may have attributes"} : ?
  // CHECK-NEXT: %noted = rasp.constant 2 {note = "any op may have attributes"} : ?
  rasp.return %reverse
  // CHECK-NEXT: rasp.return %reverse
}
// CHECK-NEXT: }

rasp.program @causal vocab ["a", "b"] max_seq_len 1 causal {
// CHECK-NEXT: rasp.program @causal vocab ["a", "b"] max_seq_len 1 causal {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ?
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
// CHECK-NEXT: }

rasp.program @assuming vocab [1] max_seq_len 1 causal assuming ["a.py:1: 'x': one", "two"] of "rasp.program @p vocab [1] max_seq_len 1 causal {\0A  %t = rasp.tokens {note = \"text\"} : [1]\0A  rasp.return %t\0A}" attributes {note = 1 : i32} {
// CHECK-NEXT: rasp.program @assuming vocab [1] max_seq_len 1 causal assuming ["a.py:1: 'x': one", "two"] of "rasp.program @p vocab [1] max_seq_len 1 causal {\0A  %t = rasp.tokens {note = \22text\22} : [1]\0A  rasp.return %t\0A}" attributes {note = 1 : i32} {
  %tokens = rasp.tokens : ?
  // CHECK-NEXT: %tokens = rasp.tokens : ?
  rasp.return %tokens
  // CHECK-NEXT: rasp.return %tokens
}
// CHECK-NEXT: }

rasp.program @"with attributes" vocab [(0, "a"), (0, "b")] max_seq_len 2 causal attributes {note = 1 : i32} {
// CHECK-NEXT: rasp.program @"with attributes" vocab [(0, "a"), (0, "b")] max_seq_len 2 causal attributes {note = 1 : i32} {
  %0 = rasp.tokens : ?
  // CHECK-NEXT: %0 = rasp.tokens : ?
  rasp.return %0
  // CHECK-NEXT: rasp.return %0
}
// CHECK-NEXT: }

// Values: of every type, with and without extra spelling.

rasp.program @values vocab [0] max_seq_len 1 {
// CHECK-NEXT: rasp.program @values vocab [0] max_seq_len 1 {
  %int = rasp.constant 12 : ?
  // CHECK-NEXT: %int = rasp.constant 12 : ?
  %negative = rasp.constant -12 : ?
  // CHECK-NEXT: %negative = rasp.constant -12 : ?
  %hexadecimal = rasp.constant 0xFF : ?
  // CHECK-NEXT: %hexadecimal = rasp.constant 255 : ?
  %large = rasp.constant 123456789012345678901234567890 : ?
  // CHECK-NEXT: %large = rasp.constant 123456789012345678901234567890 : ?
  %true = rasp.constant true : ?
  // CHECK-NEXT: %true = rasp.constant true : ?
  %false = rasp.constant false : ?
  // CHECK-NEXT: %false = rasp.constant false : ?
  %float = rasp.constant 0.5 : ?
  // CHECK-NEXT: %float = rasp.constant 0.5 : ?
  %whole = rasp.constant 2.0 : ?
  // CHECK-NEXT: %whole = rasp.constant 2.0 : ?
  %tiny = rasp.constant 2.5e-12 : ?
  // CHECK-NEXT: %tiny = rasp.constant 2.5e-12 : ?
  %huge = rasp.constant -1.0e300 : ?
  // CHECK-NEXT: %huge = rasp.constant -1.0e+300 : ?
  %zero = rasp.constant -0.0 : ?
  // CHECK-NEXT: %zero = rasp.constant 0.0 : ?
  %inf = rasp.constant inf : ?
  // CHECK-NEXT: %inf = rasp.constant inf : ?
  %minus_inf = rasp.constant -inf : ?
  // CHECK-NEXT: %minus_inf = rasp.constant -inf : ?
  %string = rasp.constant "a b" : ?
  // CHECK-NEXT: %string = rasp.constant "a b" : ?
  %empty = rasp.constant "" : ?
  // CHECK-NEXT: %empty = rasp.constant "" : ?
  %escaped = rasp.constant "\"\\\n\t\00" : ?
  // CHECK-NEXT: %escaped = rasp.constant "\22\\\0A\09\00" : ?
  %unicode = rasp.constant "é ∀ 😀" : ?
  // CHECK-NEXT: %unicode = rasp.constant "é ∀ 😀" : ?
  %bytes = rasp.constant "\C3\A9" : ?
  // CHECK-NEXT: %bytes = rasp.constant "é" : ?
  %pair = rasp.constant (1, "a") : ?
  // CHECK-NEXT: %pair = rasp.constant (1, "a") : ?
  %single = rasp.constant (1,) : ?
  // CHECK-NEXT: %single = rasp.constant (1,) : ?
  %unit = rasp.constant () : ?
  // CHECK-NEXT: %unit = rasp.constant () : ?
  %nested = rasp.constant ((1, 2.5), (true, ("x",)),) : ?
  // CHECK-NEXT: %nested = rasp.constant ((1, 2.5), (true, ("x",))) : ?
  %none = rasp.constant none : ?
  // CHECK-NEXT: %none = rasp.constant none : ?
  %same = rasp.select %int, %int eq
  // CHECK-NEXT: %same = rasp.select %int, %int eq
  %default = rasp.aggregate %same, %int default -1.5 : ?
  // CHECK-NEXT: %default = rasp.aggregate %same, %int default -1.5 : ?
  %string_default = rasp.aggregate %same, %int default "none" : ?
  // CHECK-NEXT: %string_default = rasp.aggregate %same, %int default "none" : ?
  %tuple_default = rasp.aggregate %same, %int default (0, "a") : ?
  // CHECK-NEXT: %tuple_default = rasp.aggregate %same, %int default (0, "a") : ?
  %no_default = rasp.aggregate %same, %int default none : ?
  // CHECK-NEXT: %no_default = rasp.aggregate %same, %int : ?
  rasp.return %int
  // CHECK-NEXT: rasp.return %int
}
// CHECK-NEXT: }

// Types: an encoding or none, and a domain or `?`. Values may stand in any order. Four or more ints without a gap are
// printed as a range, and more than 64 ints or 64 floats as their bytes.

rasp.program @types vocab [0] max_seq_len 1 {
// CHECK-NEXT: rasp.program @types vocab [0] max_seq_len 1 {
  %0 = rasp.constant 1 : ?
  // CHECK-NEXT: %0 = rasp.constant 1 : ?
  %1 = rasp.constant 1 : categorical ?
  // CHECK-NEXT: %1 = rasp.constant 1 : categorical ?
  %2 = rasp.constant 1 : numerical ?
  // CHECK-NEXT: %2 = rasp.constant 1 : numerical ?
  %3 = rasp.constant 1 : [3, 1]
  // CHECK-NEXT: %3 = rasp.constant 1 : [1, 3]
  %4 = rasp.constant 1 : [2, 1, 3]
  // CHECK-NEXT: %4 = rasp.constant 1 : [1, 2, 3]
  %5 = rasp.constant 1 : [2, 1, 3, 4]
  // CHECK-NEXT: %5 = rasp.constant 1 : 1 to 4
  %6 = rasp.constant 1 : categorical [1,]
  // CHECK-NEXT: %6 = rasp.constant 1 : categorical [1]
  %7 = rasp.constant 1 : numerical [0, 0.5, 1]
  // CHECK-NEXT: %7 = rasp.constant 1 : numerical [0, 0.5, 1]
  %8 = rasp.constant 1 : -2 to 1
  // CHECK-NEXT: %8 = rasp.constant 1 : -2 to 1
  %9 = rasp.constant 7 : 7 to 7
  // CHECK-NEXT: %9 = rasp.constant 7 : [7]
  %10 = rasp.constant true : [true, 2]
  // CHECK-NEXT: %10 = rasp.constant true : [true, 2]
  %11 = rasp.constant "a" : [("b", 1), ("a", 2), "b", "a", 1.5, inf, -inf]
  // CHECK-NEXT: %11 = rasp.constant "a" : [-inf, 1.5, inf, "a", "b", ("a", 2), ("b", 1)]
  %12 = rasp.constant 1 : [1] or none
  // CHECK-NEXT: %12 = rasp.constant 1 : [1] or none
  %13 = rasp.constant none : [] or none
  // CHECK-NEXT: %13 = rasp.constant none : [] or none
  %14 = rasp.constant 1 : 0 to 9 or none
  // CHECK-NEXT: %14 = rasp.constant 1 : 0 to 9 or none
  %15 = rasp.constant 1 : [0, 1] mixed
  // CHECK-NEXT: %15 = rasp.constant 1 : [0, 1] mixed
  %16 = rasp.constant 1 : numerical 0 to 5 mixed or none
  // CHECK-NEXT: %16 = rasp.constant 1 : numerical 0 to 5 mixed or none
  %17 = rasp.constant 2 : i64 "0x0200000000000000FFFFFFFFFFFFFFFF"
  // CHECK-NEXT: %17 = rasp.constant 2 : [-1, 2]
  %18 = rasp.constant 0.5 : f64 "0x000000000000E03F000000000000F07F" or none
  // CHECK-NEXT: %18 = rasp.constant 0.5 : [0.5, inf] or none
  %19 = rasp.constant 0 : [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104, 106, 108, 110, 112, 114, 116, 118, 120, 122, 124, 126, 128]
  // CHECK-NEXT: %19 = rasp.constant 0 : i64 "0x{{[0-9A-F]+}}"
  %20 = rasp.constant 0.5 : numerical [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5, 17.5, 18.5, 19.5, 20.5, 21.5, 22.5, 23.5, 24.5, 25.5, 26.5, 27.5, 28.5, 29.5, 30.5, 31.5, 32.5, 33.5, 34.5, 35.5, 36.5, 37.5, 38.5, 39.5, 40.5, 41.5, 42.5, 43.5, 44.5, 45.5, 46.5, 47.5, 48.5, 49.5, 50.5, 51.5, 52.5, 53.5, 54.5, 55.5, 56.5, 57.5, 58.5, 59.5, 60.5, 61.5, 62.5, 63.5, 64.5] or none
  // CHECK-NEXT: %20 = rasp.constant 0.5 : numerical f64 "0x{{[0-9A-F]+}}" or none
  rasp.return %0
  // CHECK-NEXT: rasp.return %0
}
// CHECK-NEXT: }

// Functions: comparisons, affine combinations, expressions and tables.

rasp.program @functions vocab [1, 2] max_seq_len 2 {
// CHECK-NEXT: rasp.program @functions vocab [1, 2] max_seq_len 2 {
  %x = rasp.tokens : [1, 2]
  // CHECK-NEXT: %x = rasp.tokens : [1, 2]
  %eq = rasp.map(%x, %x) eq : ?
  // CHECK-NEXT: %eq = rasp.map(%x, %x) eq : ?
  %ne = rasp.map(%x, %x) ne : ?
  // CHECK-NEXT: %ne = rasp.map(%x, %x) ne : ?
  %lt = rasp.map(%x, %x) lt : ?
  // CHECK-NEXT: %lt = rasp.map(%x, %x) lt : ?
  %le = rasp.map(%x, %x) le : ?
  // CHECK-NEXT: %le = rasp.map(%x, %x) le : ?
  %gt = rasp.map(%x, %x) gt : ?
  // CHECK-NEXT: %gt = rasp.map(%x, %x) gt : ?
  %ge = rasp.map(%x, %x) ge : ?
  // CHECK-NEXT: %ge = rasp.map(%x, %x) ge : ?
  %true = rasp.map(%x, %x) true : ?
  // CHECK-NEXT: %true = rasp.map(%x, %x) true : ?
  %false = rasp.map(%x, %x) false : ?
  // CHECK-NEXT: %false = rasp.map(%x, %x) false : ?
  %affine = rasp.map(%x) affine [2] : ?
  // CHECK-NEXT: %affine = rasp.map(%x) affine [2] : ?
  %shifted = rasp.map(%x, %x) affine [1, -0.5] + -3 : ?
  // CHECK-NEXT: %shifted = rasp.map(%x, %x) affine [1, -0.5] + -3 : ?
  %unshifted = rasp.map(%x) affine [2] + 0 : ?
  // CHECK-NEXT: %unshifted = rasp.map(%x) affine [2] : ?
  %expression = rasp.map(%x) "x->(x+1)*2" : ?
  // CHECK-NEXT: %expression = rasp.map(%x) "x -> (x + 1) * 2" : ?
  %partial = rasp.map(%x) "x -> None if x == 1 else x" : ?
  // CHECK-NEXT: %partial = rasp.map(%x) "x -> None if x == 1 else x" : ?
  %text = rasp.map(%x) "x -> 'é' if x > 1 else \"a\"" : ?
  // CHECK-NEXT: %text = rasp.map(%x) "x -> 'é' if x > 1 else 'a'" : ?
  %table = rasp.map(%x) table ([1, 2]) -> ["a", "b"] : ?
  // CHECK-NEXT: %table = rasp.map(%x) table ([1, 2]) -> ["a", "b"] : ?
  %wider = rasp.map(%x) table (0 to 4) -> [0, 1, 4, 9, 16] : ?
  // CHECK-NEXT: %wider = rasp.map(%x) table (0 to 4) -> [0, 1, 4, 9, 16] : ?
  %holes = rasp.map(%x, %x) table ([1, 2], [1, 2]) -> [1, none, _, 2] : ?
  // CHECK-NEXT: %holes = rasp.map(%x, %x) table ([1, 2], [1, 2]) -> [1, none, _, 2] : ?
  %codes = rasp.map(%x) table ([1, 2, 3, 4]) -> ["a", "b"] at "0x0100000000000000FFFFFFFFFEFFFFFF" : ?
  // CHECK-NEXT: %codes = rasp.map(%x) table (1 to 4) -> ["b", "a", none, _] : ?
  %many = rasp.map(%x) table (0 to 64) -> ["b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b"] : ?
  // CHECK-NEXT: %many = rasp.map(%x) table (0 to 64) -> ["b", "a"] at "0x{{[0-9A-F]+}}" : ?
  %predicate = rasp.select %x, %x "k, q -> k == q + 1"
  // CHECK-NEXT: %predicate = rasp.select %x, %x "k, q -> k == q + 1"
  %always = rasp.select %x, %x true
  // CHECK-NEXT: %always = rasp.select %x, %x true
  %by_table = rasp.select %x, %x table ([1, 2], [1, 2]) -> [true, false, none, _]
  // CHECK-NEXT: %by_table = rasp.select %x, %x table ([1, 2], [1, 2]) -> [true, false, none, _]
  rasp.return %x
  // CHECK-NEXT: rasp.return %x
}
// CHECK-NEXT: }

// Attributes and types outside of their ops.

rasp.program @attributes vocab [1] max_seq_len 1 {
// CHECK-NEXT: rasp.program @attributes vocab [1] max_seq_len 1 {
  %0 = rasp.tokens {a = #rasp.value<(1, "a")>, b = #rasp.value<none>, c = #rasp.domain<0 to 4>, d = #rasp.domain<[1] mixed or none>} : ?
  // CHECK-NEXT: %0 = rasp.tokens {a = #rasp.value<(1, "a")>, b = #rasp.value<none>, c = #rasp.domain<0 to 4>, d = #rasp.domain<[1] mixed or none>} : ?
  %1 = rasp.tokens {a = #rasp.function<eq>, b = #rasp.function<"x -> x + 1">, c = #rasp.function<affine [1] + 2>, d = #rasp.function<table ([1]) -> [2]>} : ?
  // CHECK-NEXT: %1 = rasp.tokens {a = #rasp.function<eq>, b = #rasp.function<"x -> x + 1">, c = #rasp.function<affine [1] + 2>, d = #rasp.function<table ([1]) -> [2]>} : ?
  %2 = rasp.tokens {a = !rasp.sop<?>, b = !rasp.sop<numerical ?>, c = !rasp.sop<categorical [1, 2] or none>, d = !rasp.selector} : ?
  // CHECK-NEXT: %2 = rasp.tokens {a = !rasp.sop<?>, b = !rasp.sop<numerical ?>, c = !rasp.sop<categorical [1, 2] or none>, d = !rasp.selector} : ?
  %3 = rasp.tokens {a = #rasp<encoding numerical>, b = #rasp.encoding categorical, c = #rasp<encoding unknown>, d = #rasp.no_domain} : ?
  // CHECK-NEXT: %3 = rasp.tokens {a = #rasp<encoding numerical>, b = #rasp<encoding categorical>, c = #rasp<encoding unknown>, d = #rasp.no_domain} : ?
  rasp.return %0
  // CHECK-NEXT: rasp.return %0
}
// CHECK-NEXT: }

// The generic form of the first of them.

// GENERIC: "rasp.program"() <{sym_name = "ops", vocab = #rasp.domain<[1, 2, 3]>, max_seq_len = #builtin.int<5>}> ({
// GENERIC-NEXT:   %tokens = "rasp.tokens"() : () -> !rasp.sop<[1, 2, 3]>
// GENERIC-NEXT:   %indices = "rasp.indices"() : () -> !rasp.sop<0 to 4>
// GENERIC-NEXT:   %length = "rasp.length"() : () -> !rasp.sop<1 to 5>
// GENERIC-NEXT:   %one = "rasp.constant"() <{value = #rasp.value<1>}> : () -> !rasp.sop<[1]>
// GENERIC-NEXT:   %opposite = "rasp.map"(%length, %indices) <{function = #rasp.function<"l, i -> l - i - 1">}> : (!rasp.sop<1 to 5>, !rasp.sop<0 to 4>) -> !rasp.sop<-4 to 4>
// GENERIC-NEXT:   %same = "rasp.select"(%tokens, %tokens) <{predicate = #rasp.function<eq>}> : (!rasp.sop<[1, 2, 3]>, !rasp.sop<[1, 2, 3]>) -> !rasp.selector
// GENERIC-NEXT:   %other = "rasp.select"(%tokens, %tokens) <{predicate = #rasp.function<ne>}> : (!rasp.sop<[1, 2, 3]>, !rasp.sop<[1, 2, 3]>) -> !rasp.selector
// GENERIC-NEXT:   %flip = "rasp.select"(%indices, %opposite) <{predicate = #rasp.function<eq>}> : (!rasp.sop<0 to 4>, !rasp.sop<-4 to 4>) -> !rasp.selector
// GENERIC-NEXT:   %and = "rasp.selector_and"(%same, %flip) : (!rasp.selector, !rasp.selector) -> !rasp.selector
// GENERIC-NEXT:   %or = "rasp.selector_or"(%same, %and) : (!rasp.selector, !rasp.selector) -> !rasp.selector
// GENERIC-NEXT:   %disjoint = "rasp.selector_or"(%same, %other) <{disjoint}> : (!rasp.selector, !rasp.selector) -> !rasp.selector
// GENERIC-NEXT:   %not = "rasp.selector_not"(%or) : (!rasp.selector) -> !rasp.selector
// GENERIC-NEXT:   %reverse = "rasp.aggregate"(%flip, %tokens) <{default = #rasp.value<none>}> : (!rasp.selector, !rasp.sop<[1, 2, 3]>) -> !rasp.sop<[1, 2, 3] or none>
// GENERIC-NEXT:   %filled = "rasp.aggregate"(%not, %tokens) <{default = #rasp.value<0>}> : (!rasp.selector, !rasp.sop<[1, 2, 3]>) -> !rasp.sop<?>
// GENERIC-NEXT:   %width = "rasp.selector_width"(%not) : (!rasp.selector) -> !rasp.sop<0 to 5>
// GENERIC-NEXT:   %weight = "rasp.bos_weight"(%same) : (!rasp.selector) -> !rasp.sop<numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]>
// GENERIC-NEXT:   %most = "rasp.attenuated_width"(%same) <{lead = 4.000000e+00 : f64}> : (!rasp.selector) -> !rasp.sop<numerical [0.9820137900379085, 1.9293263119438075, 2.8437449814825473, 3.7269538374342863, 4.58052389233396]>
// GENERIC-NEXT:   %cast = "rasp.cast"(%weight) : (!rasp.sop<numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]>) -> !rasp.sop<categorical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]>
// GENERIC-NEXT:   %noted = "rasp.constant"() <{value = #rasp.value<2>}> {note = "any op may have attributes"} : () -> !rasp.sop<?>
// GENERIC-NEXT:   "rasp.return"(%reverse) : (!rasp.sop<[1, 2, 3] or none>) -> ()
// GENERIC-NEXT: }) : () -> ()
// GENERIC-NEXT: "rasp.program"() <{sym_name = "causal", vocab = #rasp.domain<["a", "b"]>, max_seq_len = #builtin.int<1>, causal}> ({
// GENERIC-NEXT:   %tokens = "rasp.tokens"() : () -> !rasp.sop<?>
// GENERIC-NEXT:   "rasp.return"(%tokens) : (!rasp.sop<?>) -> ()
// GENERIC-NEXT: }) : () -> ()
