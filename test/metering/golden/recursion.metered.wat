(func $sum (param $n i32) (param $p1 i32) (param $p2 i32) (result i32 i32)
  local.get $n
  if $I0 (result i32)
    local.get $n
    local.get $n
    i32.const 1
    i32.sub
    local.get $p2
    i32.const 1
    i32.sub
    local.tee $p2
    local.get $p1
    i32.or
    i32.const 0
    i32.lt_s
    if $I1
      local.get $p2
      i32.const 0
      i32.lt_s
      if $I2
        i32.const 1
        global.set $fusewire:stop
        unreachable
      end
      local.get $p1
      i32.const 0
      i32.lt_s
      if $I3
        local.get $p1
        call $fusewire:meter.refill
        local.set $p1
      end
    end
    local.get $p1
    i32.const 8
    i32.sub
    local.set $p1
    local.get $p1
    local.get $p2
    call $sum
    local.set $p1
    i32.add
  else
    i32.const 0
    local.get $p1
    i32.const 3
    i32.sub
    local.set $p1
  end
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  global.get $fusewire:depth
  call $sum
  global.set $fusewire:fuel)
(export "run" (func $run))
