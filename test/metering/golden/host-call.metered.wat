(func $main (param $p0 i32) (result i32 i32)
  i32.const 3
  local.get $p0
  i32.const 4
  i32.sub
  local.set $p0
  local.get $p0
  global.get $fusewire:price:0
  i32.sub
  global.set $fusewire:fuel
  call $host
  global.get $fusewire:fuel
  local.set $p0
  i32.const 4
  i32.add
  local.get $p0)
(func $run (result i32)
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
(export "fusewire:price:0" (global $fusewire:price:0))
