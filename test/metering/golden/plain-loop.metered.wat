(func $main (param $n i32) (param $p1 i32) (result i32)
  loop $L0
    local.get $p1
    i32.const 0
    i32.lt_s
    if $I1
      local.get $p1
      call $fusewire:meter.refill
      local.set $p1
    end
    local.get $p1
    i32.const 6
    i32.sub
    local.set $p1
    local.get $p1
    global.get $fusewire:price:0
    i32.sub
    global.set $fusewire:fuel
    call $host
    global.get $fusewire:fuel
    local.set $p1
    local.get $n
    i32.const 1
    i32.sub
    local.tee $n
    br_if $L0
  end
  local.get $p1)
(func $run (param $p0 i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
(export "fusewire:price:0" (global $fusewire:price:0))
