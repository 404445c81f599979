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
    loop $L2
      v128.const i32x4 0x00000001 0x00000000 0x00000001 0x00000000
      drop
      v128.const i32x4 0x00000002 0x00000000 0x00000002 0x00000000
      drop
      v128.const i32x4 0x00000003 0x00000000 0x00000003 0x00000000
      drop
      v128.const i32x4 0x00000004 0x00000000 0x00000004 0x00000000
      drop
      v128.const i32x4 0x00000005 0x00000000 0x00000005 0x00000000
      drop
      v128.const i32x4 0x00000006 0x00000000 0x00000006 0x00000000
      drop
      v128.const i32x4 0x00000007 0x00000000 0x00000007 0x00000000
      drop
      v128.const i32x4 0x00000008 0x00000000 0x00000008 0x00000000
      drop
      v128.const i32x4 0x00000009 0x00000000 0x00000009 0x00000000
      drop
      v128.const i32x4 0x0000000a 0x00000000 0x0000000a 0x00000000
      drop
      v128.const i32x4 0x0000000b 0x00000000 0x0000000b 0x00000000
      drop
      v128.const i32x4 0x0000000c 0x00000000 0x0000000c 0x00000000
      drop
      v128.const i32x4 0x0000000d 0x00000000 0x0000000d 0x00000000
      drop
      v128.const i32x4 0x0000000e 0x00000000 0x0000000e 0x00000000
      drop
      local.get $n
      i32.const 1
      i32.sub
      local.tee $n
      if $I3
        local.get $p1
        i32.const 19
        i32.sub
        local.tee $p1
        i32.const 0
        i32.ge_s
        br_if $L2
        br $L0
      end
    end
  end
  local.get $p1
  i32.const 19
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
