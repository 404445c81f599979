(func $main (param $n i32) (param $p1 i32) (result i32)
  block $B0
    loop $L1
      local.get $p1
      i32.const 0
      i32.lt_s
      if $I2
        local.get $p1
        call $fusewire:meter.refill
        local.set $p1
      end
      loop $L3
        block $B4
          local.get $n
          i32.eqz
          br_if $B0
          local.get $n
          i32.const 1
          i32.sub
          local.set $n
          br $B4
        end
        block $B5
          local.get $n
          i32.eqz
          if $I6
            local.get $p1
            i32.const 8
            i32.sub
            local.set $p1
            br $B0
          end
          local.get $n
          i32.const 1
          i32.sub
          local.set $n
          br $B5
        end
        block $B7
          local.get $n
          i32.eqz
          if $I8
            local.get $p1
            i32.const 16
            i32.sub
            local.set $p1
            br $B0
          end
          local.get $n
          i32.const 1
          i32.sub
          local.set $n
          br $B7
        end
        local.get $n
        i32.eqz
        if $I9
          local.get $p1
          i32.const 24
          i32.sub
          local.set $p1
          br $B0
        end
        local.get $n
        i32.const 1
        i32.sub
        local.set $n
        local.get $p1
        i32.const 32
        i32.sub
        local.tee $p1
        i32.const 0
        i32.ge_s
        br_if $L3
        br $L1
      end
    end
    unreachable
  end
  local.get $p1
  i32.const 3
  i32.sub
  local.set $p1
  local.get $p1)
(func $run (param $p0 i32)
  local.get $p0
  global.get $fusewire:fuel
  call $main
  global.set $fusewire:fuel)
(export "run" (func $run))
