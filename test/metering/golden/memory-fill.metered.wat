(func $main (param $length i32) (param $p1 i32) (result i32)
  (local $l2 i32)
  i32.const 0
  i32.const 1
  local.get $length
  local.set $l2
  local.get $p1
  local.get $l2
  i32.const 3
  i32.shr_u
  i32.sub
  local.set $p1
  local.get $p1
  i32.const 0
  i32.lt_s
  if $I0
    local.get $p1
    call $fusewire:meter.refill
    local.set $p1
  end
  local.get $l2
  memory.fill
  local.get $p1
  i32.const 4
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
