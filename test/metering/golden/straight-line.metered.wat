(func $main (param $a i32) (result i32)
  block $B0
    local.get $a
    i32.const 1
    i32.add
    local.set $a
    nop
  end
  i32.const 7
  drop
  local.get $a
  local.get $a
  i32.mul)
(func $run (param $p0 i32) (result i32)
  global.get $fusewire:fuel
  i32.const 8
  i32.sub
  global.set $fusewire:fuel
  local.get $p0
  call $main)
(export "run" (func $run))
