(func $main (param $pages i32) (param $p1 i32) (result i32 i32)
  (local $l2 i32)
  local.get $pages
  local.set $l2
  local.get $p1
  local.get $l2
  i32.const 65536
  local.get $l2
  i32.const 65536
  i32.lt_u
  select
  i32.const 13
  i32.shl
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
  memory.grow
  local.tee $l2
  i32.const -1
  i32.eq
  if $I1
    i32.const 2
    global.set $fusewire:stop
  end
  local.get $l2
  local.get $p1
  i32.const 2
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
