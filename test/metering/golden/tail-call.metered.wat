(func $down (param $n i32) (result i32)
  (local $l1 i32) (local $l2 i32)
  global.get $fusewire:fuel
  local.set $l1
  global.get $fusewire:depth
  local.set $l2
  local.get $l2
  i32.const 1
  i32.sub
  local.tee $l2
  local.get $l1
  i32.or
  i32.const 0
  i32.lt_s
  if $I0
    local.get $l2
    i32.const 0
    i32.lt_s
    if $I1
      i32.const 1
      global.set $fusewire:stop
      unreachable
    end
    local.get $l1
    i32.const 0
    i32.lt_s
    if $I2
      local.get $l1
      call $fusewire:meter.refill
      local.set $l1
    end
  end
  local.get $n
  i32.eqz
  if $I3
    i32.const 7
    local.get $l1
    i32.const 4
    i32.sub
    local.set $l1
    local.get $l1
    global.set $fusewire:fuel
    return
  end
  local.get $n
  i32.const 1
  i32.sub
  local.get $l1
  i32.const 7
  i32.sub
  local.set $l1
  local.get $l1
  global.set $fusewire:fuel
  local.get $l2
  i32.const 1
  i32.add
  global.set $fusewire:depth
  return_call $down
  local.get $l1
  global.set $fusewire:fuel)
(export "run" (func $down))
