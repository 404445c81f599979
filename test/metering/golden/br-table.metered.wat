(func $main (param $i i32) (param $p1 i32) (result i32 i32)
  block $B0
    block $B1
      local.get $i
      br_table $B1 $B0
    end
    local.get $i
    i32.const 1
    i32.add
    local.get $p1
    i32.const 5
    i32.sub
    local.set $p1
    local.get $p1
    return
  end
  i32.const 2
  local.get $p1
  i32.const 3
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32) (result i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
