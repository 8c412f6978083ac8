// What is assumed of a program, and the text of the program, stand at every level that it is lowered to, whether it is lowered in
// one run or in several.

// RUN: rasp-opt %s -p infer-values 2>/dev/null | filecheck %s
// RUN: rasp-opt %s -p infer-values,legalize-selectors,infer-encodings,materialize-mlp,materialize-attention 2>/dev/null | filecheck %s --check-prefix=CRAFT
// RUN: rasp-opt %s -p O0 2>/dev/null | filecheck %s --check-prefix=TRANSFORMER
// RUN: rasp-opt %s -p O0 -o %t.mlir 2>/dev/null && rasp-opt %t.mlir --print-op-generic | rasp-opt | diff %t.mlir -
// RUN: rasp-opt %s -p infer-values 2>/dev/null | rasp-opt -p infer-values 2>/dev/null | filecheck %s
// RUN: rasp-opt %s -p infer-values,legalize-selectors 2>/dev/null | rasp-opt -p infer-encodings,materialize-mlp --print-op-generic \
// RUN:   | rasp-opt -p materialize-attention | rasp-opt -p schedule-layers,fuse-heads,fuse-mlps --print-op-generic \
// RUN:   | filecheck %s --check-prefix=GENERIC

rasp.program @common vocab ["a", "b"] max_seq_len 9 {
  %tokens = rasp.tokens : ?
  %itself = rasp.select %tokens, %tokens eq
  %again = rasp.aggregate %itself, %tokens : ?
  %every = rasp.select %tokens, %tokens true
  %common = rasp.aggregate %every, %again : ?
  rasp.return %common
}
// CHECK: rasp.program @common vocab ["a", "b"] max_seq_len 9 assuming ["'common': an aggregate over 'a', 'b' may have no mean, for example on ['a', 'b']"] of "rasp.program @common vocab [\22a\22, \22b\22] max_seq_len 9 {\0A  %tokens = rasp.tokens : [\22a\22, \22b\22]\0A {{.*}}" {
// CRAFT: craft.model @common vocab ["a", "b"] max_seq_len 9 assuming ["'common': an aggregate over 'a', 'b' may have no mean, for example on ['a', 'b']"] of "rasp.program @common vocab [\22a\22, \22b\22] max_seq_len 9 {\0A
// TRANSFORMER: transformer.model @common(%ids, %padding) vocab ["a", "b"] max_seq_len 9 output {{.*}} residual [{{.*}}] assuming ["'common': an aggregate over 'a', 'b' may have no mean, for example on ['a', 'b']"] of "rasp.program @common vocab [\22a\22, \22b\22] max_seq_len 9 {\0A
// GENERIC: assumptions = ["'common': an aggregate over 'a', 'b' may have no mean, for example on ['a', 'b']"], source = "rasp.program @common
