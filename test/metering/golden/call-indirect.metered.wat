(func $by-table (param $p0 i32) (param $p1 i32) (result i32 i32)
  local.get $p0
  i32.eqz
  local.get $p1
  i32.const 2
  i32.sub
  local.set $p1
  local.get $p1)
(func $by-name (param $p0 i32) (result i32)
  i32.const 2)
(func $main (param $i i32) (param $p1 i32) (result i32 i32)
  (local $l2 i32)
  i32.const 1
  call $by-name
  local.get $i
  local.get $p1
  i32.const 5
  i32.sub
  local.set $p1
  local.set $l2
  local.get $p1
  local.get $l2
  call_indirect $T0 (param i32 i32) (result i32 i32)
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(func $f7 (param $p0 i32) (param $p1 i32) (result i32 i32)
  local.get $p0
  local.get $p1
  i32.const 1
  i32.sub
  local.set $p1
  call $by-name
  local.get $p1)
(export "run" (func $run))
(elem $e0 (i32.const 0) func $by-table $f7)
