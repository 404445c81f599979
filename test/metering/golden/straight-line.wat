;; All that always runs together is charged at once.
(module
  (func $main (export "run") (param $a i32) (result i32)
    (block
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (nop))
    (drop (i32.const 7))
    (i32.mul (local.get $a) (local.get $a))))
