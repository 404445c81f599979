(func $square (param $a i32) (result i32)
  local.get $a
  local.get $a
  i32.mul)
(func $main (param $n i32) (param $p1 i32) (result i32 i32)
  local.get $n
  if $I0
    local.get $n
    call $square
    local.set $n
    local.get $p1
    i32.const 6
    i32.sub
    local.set $p1
  end
  local.get $n
  call $square
  call $square
  local.get $p1
  i32.const 11
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
