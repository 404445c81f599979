(func $twice (param $n i32) (param $p1 i32) (result i32 i32)
  local.get $n
  if $I0
    local.get $n
    i32.const 1
    i32.shl
    local.set $n
    local.get $p1
    i32.const 4
    i32.sub
    local.set $p1
  end
  local.get $n
  local.get $p1
  i32.const 3
  i32.sub
  local.set $p1
  local.get $p1)
(func $main (result funcref)
  ref.func $twice_1)
(func $twice_1 (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $twice
  global.set $fusewire:fuel)
(func $run (result funcref)
  global.get $fusewire:fuel
  i32.const 1
  i32.sub
  global.set $fusewire:fuel
  call $main)
(export "twice" (func $twice_1))
(export "run" (func $run))
(elem $e0 declare func $twice_1)
