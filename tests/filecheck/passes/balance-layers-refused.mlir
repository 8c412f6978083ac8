// RUN: rasp-opt %s --split-input-file -p balance-layers --verify-diagnostics | filecheck %s
// RUN: not rasp-opt %s -p 'balance-layers{objective=small}' 2>&1 | filecheck %s --check-prefix=OBJECTIVE
// RUN: not rasp-opt %s -p 'balance-layers{solver=guess}' 2>&1 | filecheck %s --check-prefix=SOLVER
// RUN: not rasp-opt %s -p 'balance-layers{node-limit=0}' 2>&1 | filecheck %s --check-prefix=NODES
// RUN: not rasp-opt %s -p 'balance-layers{time-limit=0}' 2>&1 | filecheck %s --check-prefix=TIME

// OBJECTIVE: rasp-opt: error: there is no objective 'small'
// OBJECTIVE-NEXT: expected: one of stored, padded
// SOLVER: rasp-opt: error: there is no solver 'guess'
// SOLVER-NEXT: expected: one of heuristic, milp
// NODES: rasp-opt: error: a limit of 0 nodes is none
// NODES-NEXT: expected: node-limit of at least 1
// TIME: rasp-opt: error: a limit of 0 seconds is none
// TIME-NEXT: expected: time-limit of more than 0

craft.model @mlp vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %m = craft.mlp(%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  craft.unembed %m
}
// CHECK: 'm': craft.mlp has no layer
// CHECK-NEXT: help: run the pass schedule-layers first

// -----

craft.model @early vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %m = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "m" [0, 1]
  %n = craft.mlp layer 0 (%m) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "n" [0, 1]
  craft.unembed %n
}
// CHECK: 'n': it is in layer 0 and reads 'm', which isn't written yet there
// CHECK-NEXT: help: run the pass schedule-layers
