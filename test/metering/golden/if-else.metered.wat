(func $main (param $a i32) (param $p1 i32) (result i32 i32)
  local.get $a
  if $I0 (result i32)
    local.get $a
    i32.const 1
    i32.add
    local.get $p1
    i32.const 2
    i32.sub
    local.set $p1
  else
    i32.const 0
  end
  local.get $a
  i32.eqz
  if $I1
    i32.const 2
    local.set $a
    local.get $p1
    i32.const 2
    i32.sub
    local.set $p1
  end
  local.get $a
  i32.add
  local.get $p1
  i32.const 8
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
