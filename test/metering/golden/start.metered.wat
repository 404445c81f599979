(func $init
  i32.const 5
  global.set $g)
(func $fusewire:start
  global.get $fusewire:fuel
  i32.const 2
  i32.sub
  global.set $fusewire:fuel
  call $init)
(export "fusewire:start" (func $fusewire:start))
