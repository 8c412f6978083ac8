// RUN: rasp-opt %s --split-input-file --verify-diagnostics --parsing-diagnostics | filecheck %s

// Programs

rasp.program @no_vocab vocab [] max_seq_len 2 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: rasp.program: a vocabulary needs at least one value, and undefined is not a token
// CHECK-NEXT: in: rasp.program @no_vocab vocab [] max_seq_len 2 {

// -----

rasp.program @undefined_token vocab [1] or none max_seq_len 2 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: rasp.program: a vocabulary needs at least one value, and undefined is not a token
// CHECK-NEXT: in: rasp.program @undefined_token vocab [1] or none max_seq_len 2 {

// -----

rasp.program @assuming_nothing vocab [1] max_seq_len 2 assuming [] of "" {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: rasp.program: a list of assumptions needs at least one; without assumptions there is no list

// -----

rasp.program @assuming_without_source vocab [1] max_seq_len 2 assuming ["x"] {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: Expected 'of'

// -----

"rasp.program"() <{sym_name = "source_alone", vocab = #rasp.domain<[1]>, max_seq_len = #builtin.int<2>, source = "text"}> ({
  %t = "rasp.tokens"() : () -> !rasp.sop<?>
  "rasp.return"(%t) : (!rasp.sop<?>) -> ()
}) : () -> ()
// CHECK: rasp.program: assumptions need the source of the program that they are about, and it needs them

// -----

rasp.program @no_length vocab [1] max_seq_len 0 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: rasp.program: max_seq_len must be from 1 to 65536, found 0
// CHECK-NEXT: in: rasp.program @no_length vocab [1] max_seq_len 0 {

// -----

rasp.program @too_long vocab [1] max_seq_len 99999999 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: rasp.program: max_seq_len must be from 1 to 65536, found 99999999
// CHECK-NEXT: in: rasp.program @too_long vocab [1] max_seq_len 99999999 {

// -----

rasp.program @fraction vocab [1] max_seq_len 2.5 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: Expected integer literal

// -----

rasp.program missing_at vocab [1] max_seq_len 2 {
}
// CHECK: expect symbol name

// -----

rasp.program @missing_vocab max_seq_len 2 {
}
// CHECK: Expected 'vocab'

// -----

rasp.program @missing_length vocab [1] {
}
// CHECK: Expected 'max_seq_len'

// -----

rasp.program @empty vocab [1] max_seq_len 2 {
}
// CHECK: rasp.program: Region 'body' at position 0 expected a single block, but got 0 blocks
// CHECK-NEXT: in: rasp.program @empty vocab [1] max_seq_len 2 {

// -----

rasp.program @missing_return vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
}
// CHECK: rasp.tokens: Operation rasp.tokens terminates block in single-block region but is not a terminator
// CHECK-NEXT: in: %t = rasp.tokens : ?

// -----

rasp.program @two_returns vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  rasp.return %t
  rasp.return %t
}
// CHECK: rasp.return: 'rasp.return' must be the last operation in its parent block
// CHECK-NEXT: in: rasp.return %t

// -----

rasp.program @argument vocab [1] max_seq_len 2 {
^bb0(%t : !rasp.sop<?>):
  rasp.return %t
}
// CHECK: rasp.program: a program takes no arguments: its input is rasp.tokens
// CHECK-NEXT: in: rasp.program @argument vocab [1] max_seq_len 2 {

// -----

rasp.program @foreign_op vocab [1] max_seq_len 2 {
  %t = arith.constant 1 : i32
  %u = rasp.tokens : ?
  rasp.return %u
}
// CHECK: rasp.program: a program may contain ops of the rasp dialect only, found arith.constant
// CHECK-NEXT: help: let it be an s-op or a selector that says what it computes: see docs/extending.md
// CHECK-NEXT: in: rasp.program @foreign_op vocab [1] max_seq_len 2 {

// -----

rasp.program @conversion vocab [1] max_seq_len 2 {
  %t = builtin.unrealized_conversion_cast to !rasp.sop<?>
  rasp.return %t
}
// CHECK: rasp.program: a program may contain ops of the rasp dialect only, found builtin.unrealized_conversion_cast
// CHECK-NEXT: in: rasp.program @conversion vocab [1] max_seq_len 2 {

// -----

rasp.program @twice vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  rasp.return %t
}
rasp.program @twice vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  rasp.return %t
}
// CHECK: builtin.module: Redefinition of symbol "twice"
// CHECK-NEXT: in: builtin.module {

// -----

// Operands

rasp.program @undefined_operand vocab [1] max_seq_len 2 {
  %m = rasp.map(%t) "x -> x" : ?
  %t = rasp.tokens : ?
  rasp.return %m
}
// CHECK: %t is used before it is defined

// -----

rasp.program @no_operand vocab [1] max_seq_len 2 {
  %m = rasp.map() "x -> x" : ?
  rasp.return %m
}
// CHECK: rasp.map: a map needs at least one operand; a value without operands is a rasp.constant
// CHECK-NEXT: in: %m = rasp.map() "x -> x" : ?

// -----

rasp.program @unclosed vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t "x -> x" : ?
  rasp.return %m
}
// CHECK: ')' expected

// -----

rasp.program @too_few_operands vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) eq : ?
  rasp.return %m
}
// CHECK: rasp.map: the function takes 2 operands, found 1
// CHECK-NEXT: in: %m = rasp.map(%t) eq : ?

// -----

rasp.program @too_many_operands vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t, %t) "x -> x" : ?
  rasp.return %m
}
// CHECK: rasp.map: the function takes 1 operands, found 2
// CHECK-NEXT: in: %m = rasp.map(%t, %t) "x -> x" : ?

// -----

rasp.program @one_operand_predicate vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %s = rasp.select %t, %t "x -> x"
  %w = rasp.selector_width %s : ?
  rasp.return %w
}
// CHECK: rasp.select: a predicate takes a key and a query, found 1 operands
// CHECK-NEXT: in: %s = rasp.select %t, %t "x -> x"

// -----

rasp.program @selector_as_sop vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %s = rasp.select %t, %t eq
  %m = rasp.map(%s) "x -> x" : ?
  rasp.return %m
}
// CHECK: !rasp.selector should be of base attribute rasp.sop

// -----

rasp.program @selector_returned vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %s = rasp.select %t, %t eq
  rasp.return %s
}
// CHECK: !rasp.selector should be of base attribute rasp.sop

// -----

rasp.program @sop_as_selector vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %a = rasp.aggregate %t, %t : ?
  rasp.return %a
}
// CHECK: operand is used with type !rasp.selector, but has been previously used or defined with type !rasp.sop<?>

// -----

rasp.program @sop_negated vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %n = rasp.selector_not %t
  rasp.return %t
}
// CHECK: operand is used with type !rasp.selector, but has been previously used or defined with type !rasp.sop<?>

// -----

rasp.program @missing_type vocab [1] max_seq_len 2 {
  %t = rasp.tokens
  rasp.return %t
}
// CHECK: Expected ':'

// -----

rasp.program @unknown_op vocab [1] max_seq_len 2 {
  %t = rasp.token : ?
  rasp.return %t
}
// CHECK: Operation rasp.token is not registered

// -----

rasp.program @missing_default vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %s = rasp.select %t, %t eq
  %a = rasp.aggregate %s, %t default : ?
  rasp.return %a
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

// Tables must cover what is known of their operands.

rasp.program @table vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %m = rasp.map(%t) table ([1]) -> [1] : ?
  rasp.return %m
}
// CHECK: rasp.map: operand 0 can be 2, which is not in the table
// CHECK-NEXT: in: %m = rasp.map(%t) table ([1]) -> [1] : ?

// -----

rasp.program @predicate_table vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t table ([1, 2], [1]) -> [true, true]
  %w = rasp.selector_width %s : ?
  rasp.return %w
}
// CHECK: rasp.select: operand 1 can be 2, which is not in the table
// CHECK-NEXT: in: %s = rasp.select %t, %t table ([1, 2], [1]) -> [true, true]

// -----

// What attention leaves on BOS is a number.

rasp.program @bos_weight_categorical vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %w = rasp.bos_weight %s : categorical ["a"]
  rasp.return %w
}
// CHECK: rasp.bos_weight: the number from which a width is read is numerical
// CHECK-NEXT: in: %w = rasp.bos_weight %s : categorical ["a"]

// -----

// BOS outweighs the keys of an attenuated width.

rasp.program @attenuated_width_lead vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %w = rasp.attenuated_width %s lead 0.0 : numerical [0, 1]
  rasp.return %w
}
// CHECK: rasp.attenuated_width: the lead of BOS must be positive and at most 64
// CHECK-NEXT: in: %w = rasp.attenuated_width %s lead 0.0 : numerical [0, 1]

// -----

rasp.program @attenuated_width_text vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %w = rasp.attenuated_width %s lead "much" : numerical [0, 1]
  rasp.return %w
}
// CHECK: {{.*}}integer or float literal expected{{.*}}

// -----

// The generic form

"rasp.program"() <{sym_name = "p", vocab = #rasp.domain<[1]>, max_seq_len = #builtin.int<2>}> ({
  %t = "rasp.tokens"() : () -> !rasp.sop<?>
  %m = "rasp.map"(%t) : (!rasp.sop<?>) -> !rasp.sop<?>
  "rasp.return"(%m) : (!rasp.sop<?>) -> ()
}) : () -> ()
// CHECK: rasp.map: property 'function' expected in operation 'rasp.map'
// CHECK-NEXT: in: rasp.map

// -----

"rasp.program"() <{sym_name = "p", vocab = #rasp.domain<[1]>, max_seq_len = #builtin.int<2>}> ({
  %t = "rasp.tokens"() : () -> i32
  "rasp.return"(%t) : (i32) -> ()
}) : () -> ()
// CHECK: rasp.return: operand 'value' at position 0 does not verify:
// CHECK-NEXT: i32 should be of base attribute rasp.sop
// CHECK-NEXT: in: rasp.return %t

// -----

"rasp.program"() <{sym_name = "p", vocab = [1], max_seq_len = #builtin.int<2>}> ({
  %t = "rasp.tokens"() : () -> !rasp.sop<?>
  "rasp.return"(%t) : (!rasp.sop<?>) -> ()
}) : () -> ()
// CHECK: rasp.program: [1 : i64] should be of base attribute rasp.domain
// CHECK-NEXT: in: rasp.program

// -----

// Values

rasp.program @word vocab [1] max_seq_len 2 {
  %c = rasp.constant abc : ?
  rasp.return %c
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @not_a_number vocab [1] max_seq_len 2 {
  %c = rasp.constant nan : ?
  rasp.return %c
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @minus vocab [1] max_seq_len 2 {
  %c = rasp.constant -true : ?
  rasp.return %c
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @list vocab [1] max_seq_len 2 {
  %c = rasp.constant [1] : ?
  rasp.return %c
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @tuple_of_none vocab [1] max_seq_len 2 {
  %c = rasp.constant (1, none) : ?
  rasp.return %c
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @open_tuple vocab [1] max_seq_len 2 {
  %c = rasp.constant (1, 2 : ?
  rasp.return %c
}
// CHECK: Expected ')'

// -----

rasp.program @nested vocab [1] max_seq_len 2 {
  %c = rasp.constant (((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))) : ?
  rasp.return %c
}
// CHECK: tuples may be nested 32 deep at most

// -----

rasp.program @overflow vocab [1] max_seq_len 2 {
  %c = rasp.constant 1.0e400 : ?
  rasp.return %c
}
// CHECK: the number is beyond the 64-bit floats

// -----

rasp.program @not_utf8 vocab [1] max_seq_len 2 {
  %c = rasp.constant "\FF" : ?
  rasp.return %c
}
// CHECK: a string must be UTF-8

// -----

// Domains

rasp.program @twice vocab [1, 1] max_seq_len 2 {
}
// CHECK: the values of a domain must be distinct

// -----

rasp.program @equal vocab [1, 1.0] max_seq_len 2 {
}
// CHECK: the values of a domain must be distinct

// -----

rasp.program @none_in_list vocab [1, none] max_seq_len 2 {
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @open_list vocab [1, 2 max_seq_len 2 {
}
// CHECK: Expected ']'

// -----

rasp.program @no_comma vocab [1 2] max_seq_len 2 {
}
// CHECK: Expected ']'

// -----

rasp.program @backwards vocab 4 to 0 max_seq_len 2 {
}
// CHECK: a range must ascend and hold 16777216 values at most

// -----

rasp.program @too_many vocab 0 to 99999999999 max_seq_len 2 {
}
// CHECK: a range must ascend and hold 16777216 values at most

// -----

rasp.program @float_range vocab 0.5 to 2.5 max_seq_len 2 {
}
// CHECK: Expected integer literal, a list of values or packed values

// -----

rasp.program @word vocab abc max_seq_len 2 {
}
// CHECK: Expected integer literal, a list of values or packed values

// -----

rasp.program @or vocab [1] or nothing max_seq_len 2 {
}
// CHECK: Expected 'none'

// -----

rasp.program @packed vocab i64 abc max_seq_len 2 {
}
// CHECK: string literal expected (packed values in hexadecimal)

// -----

rasp.program @not_hexadecimal vocab i64 "12" max_seq_len 2 {
}
// CHECK: packed values must be written "0x…" in hexadecimal digits

// -----

rasp.program @odd_size vocab i64 "0x0102" max_seq_len 2 {
}
// CHECK: packed values must be a multiple of 8 bytes

// -----

rasp.program @packed_nan vocab f64 "0x000000000000F87F" max_seq_len 2 {
}
// CHECK: NaN is not a value

// -----

rasp.program @packed_twice vocab i64 "0x01000000000000000100000000000000" max_seq_len 2 {
}
// CHECK: the values of a domain must be distinct

// -----

rasp.program @numerical_strings vocab ["a"] max_seq_len 2 {
  %t = rasp.tokens : numerical ["a"]
  rasp.return %t
}
// CHECK: the values of a numerical s-op must be finite numbers

// -----

rasp.program @numerical_infinity vocab ["a"] max_seq_len 2 {
  %t = rasp.constant inf : numerical [inf]
  rasp.return %t
}
// CHECK: the values of a numerical s-op must be finite numbers

// -----

// Functions

rasp.program @mnemonic vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t, %t) equal : ?
  rasp.return %m
}
// CHECK: expected a function: a comparison (eq, ne, lt, le, gt, ge, true, false), an expression in quotes, 'affine' or 'table'

// -----

rasp.program @lambda vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "lambda x: x" : ?
  rasp.return %m
}
// CHECK: 'lambda x: x' is not an expression: expected parameters -> body, as in 'x -> x + 1'

// -----

rasp.program @unknown_name vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "x -> y" : ?
  rasp.return %m
}
// CHECK: 'y' is not a parameter

// -----

rasp.program @unknown_function vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "x -> __import__('os')" : ?
  rasp.return %m
}
// CHECK: __import__ can't be called here, only abs, min, max, int, float, bool, str, len, round, sum, .upper, .lower, .startswith, .endswith, .isdigit, .isalpha, .strip, .replace, .count, .find

// -----

rasp.program @attribute vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "x -> x.__class__" : ?
  rasp.return %m
}
// CHECK: expressions don't have Attribute

// -----

rasp.program @none vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "x -> None" : ?
  rasp.return %m
}
// CHECK: None is only allowed as a result of `… if … else …`

// -----

rasp.program @no_body vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "x ->" : ?
  rasp.return %m
}
// CHECK: '' is not an expression: invalid syntax

// -----

rasp.program @no_parameter vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) "-> 1" : ?
  rasp.return %m
}
// CHECK: '' can't name a parameter of an expression

// -----

rasp.program @same_parameters vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t, %t) "x, x -> x" : ?
  rasp.return %m
}
// CHECK: the parameters of an expression must be distinct, not x, x

// -----

rasp.program @affine_word vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) affine [x] : ?
  rasp.return %m
}
// CHECK: integer or float literal expected or another value (a string, true, false, inf or a tuple)

// -----

rasp.program @affine_overflow vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) affine [1] + 1.0e400 : ?
  rasp.return %m
}
// CHECK: the number is beyond the 64-bit floats

// -----

rasp.program @affine_nothing vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) affine 1 : ?
  rasp.return %m
}
// CHECK: '[' expected

// -----

rasp.program @table_size vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) table ([1, 2]) -> [3] : ?
  rasp.return %m
}
// CHECK: a table over a grid of 2 cells has 1 results

// -----

rasp.program @table_twice vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) table ([1, 1]) -> [3, 4] : ?
  rasp.return %m
}
// CHECK: the arguments of a table must be distinct

// -----

rasp.program @table_arrow vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) table ([1]) [3] : ?
  rasp.return %m
}
// CHECK: Expected '->'

// -----

rasp.program @table_code vocab [1] max_seq_len 2 {
  %t = rasp.tokens : ?
  %m = rasp.map(%t) table ([1]) -> ["a"] at "0x01000000" : ?
  rasp.return %m
}
// CHECK: a code of the table's results is out of range

// -----

// Attributes and types

builtin.module attributes {a = #rasp.value<1, 2>} {}
// CHECK: '>' expected

// -----

builtin.module attributes {a = #rasp.domain<1>} {}
// CHECK: Expected 'to'

// -----

builtin.module attributes {a = #rasp.function<>} {}
// CHECK: expected a function: a comparison (eq, ne, lt, le, gt, ge, true, false), an expression in quotes, 'affine' or 'table'

// -----

builtin.module attributes {a = #rasp.encoding one_hot} {}
// CHECK: Expected `unknown`, `categorical`, or `numerical`.

// -----

builtin.module attributes {a = !rasp.sop} {}
// CHECK: '<' expected

// -----

builtin.module attributes {a = !rasp.sop<one_hot [1]>} {}
// CHECK: Expected integer literal, a list of values or packed values

// -----

builtin.module attributes {a = !rasp.sequence<[1]>} {}
// CHECK: 'rasp.sequence' is not registered

// -----

// Ops stand in a program, and a program in the outermost module.

%t = rasp.tokens : ?
// CHECK: rasp.tokens: it stands in builtin.module
// CHECK-NEXT: expected: it stands in rasp.program
// CHECK-NEXT: help: move it into the body of a rasp.program, with all that it reads
// CHECK-NEXT: in: %t = rasp.tokens : ?

// -----

builtin.module {
  builtin.module {
    rasp.program @nested vocab [1] max_seq_len 1 {
      %t = rasp.tokens : ?
      rasp.return %t
    }
  }
}
// CHECK: rasp.program: rasp.program must stand in the outermost module: no pass looks into another one

// -----

// The domains of inputs, constants, widths and casts are known.

rasp.program @tokens vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2, 3]
  rasp.return %t
}
// CHECK: rasp.tokens: 't': its domain is [1, 2, 3]
// CHECK-NEXT: expected: [1, 2], the vocabulary
// CHECK-NEXT: help: write ? to have it inferred

// -----

rasp.program @token_forms vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1.0, 2]
  rasp.return %t
}
// CHECK: rasp.tokens: 't': it can be 1, which is not in its domain, [1.0, 2]

// -----

rasp.program @indices vocab [1, 2] max_seq_len 2 {
  %i = rasp.indices : 0 to 99
  rasp.return %i
}
// CHECK: rasp.indices: 'i': its domain is 0 to 99
// CHECK-NEXT: expected: [0, 1], the positions
// CHECK-NEXT: help: write ? to have it inferred

// -----

rasp.program @length vocab [1, 2] max_seq_len 2 {
  %l = rasp.length : [1]
  rasp.return %l
}
// CHECK: rasp.length: 'l': it can be 2, which is not in its domain, [1]

// -----

rasp.program @constant vocab [1, 2] max_seq_len 2 {
  %c = rasp.constant 1 : [2]
  rasp.return %c
}
// CHECK: rasp.constant: 'c': it can be 1, which is not in its domain, [2]

// -----

rasp.program @no_value vocab [1, 2] max_seq_len 2 {
  %c = rasp.constant 1 : []
  rasp.return %c
}
// CHECK: rasp.constant: its domain is empty
// CHECK-NEXT: expected: a value, or undefined (none)

// -----

rasp.program @width vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %w = rasp.selector_width %s : 0 to 3
  rasp.return %w
}
// CHECK: rasp.selector_width: 'w': its domain has 3, which is not the number of positions
// CHECK-NEXT: expected: an int from 0 to 2

// -----

rasp.program @bos_weight vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %w = rasp.bos_weight %s : numerical [0.4, 0.5]
  rasp.return %w
}
// CHECK: rasp.bos_weight: 'w': its domain has 0.4, which is not the number of positions

// -----

rasp.program @cast vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %c = rasp.cast %t : categorical [1, 2, 3]
  rasp.return %c
}
// CHECK: rasp.cast: 'c': its domain is [1, 2, 3]
// CHECK-NEXT: expected: [1, 2], that of the value

// -----

rasp.program @vector vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : categorical [1, 2]
  %v = builtin.unrealized_conversion_cast %t : !rasp.sop<categorical [1, 2]> to !craft.vec<"t" [1, 3]>
  rasp.return %t
}
// CHECK: builtin.unrealized_conversion_cast: it can be 3, which is not in its domain, [1, 2]

// -----

rasp.program @numerical_vector vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : categorical [1, 2]
  %v = builtin.unrealized_conversion_cast %t : !rasp.sop<categorical [1, 2]> to !craft.vec<"t" numerical [1, 2]>
  rasp.return %t
}
// CHECK: builtin.unrealized_conversion_cast: an s-op must be numerical and have a domain where it is cast

// -----

// What the verifier can't know is examined when a module is read.

rasp.program @map vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %m = rasp.map(%t) "t -> t + 1" : [2]
  rasp.return %m
}
// CHECK: 'm': it can be 3, which is not in its domain
// CHECK-NEXT: help: write ? to have it inferred; it is so on [2]

// -----

rasp.program @at_most_one vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t true
  %a = rasp.aggregate %s, %t at_most_one : [1, 2]
  rasp.return %a
}
// CHECK: 'a': it selects several positions, and says that it selects one position at most
// CHECK-NEXT: help: leave it out: legalize-selectors records the proofs that it finds; it is so on [1, 1]

// -----

rasp.program @disjoint vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : [1, 2]
  %s = rasp.select %t, %t eq
  %u = rasp.select %t, %t le
  %o = rasp.selector_or %s, %u disjoint
  %w = rasp.selector_width %o : [1, 2]
  rasp.return %w
}
// CHECK: 'o': both sides select a position, and it says that they are disjoint
