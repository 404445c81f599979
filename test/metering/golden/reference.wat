;; A reference that the host may get hold of is one of a thunk with the original's type.
(module
  (table 1 funcref)
  (func $twice (export "twice") (param $n i32) (result i32)
    (if (local.get $n) (then (local.set $n (i32.shl (local.get $n) (i32.const 1)))))
    (local.get $n))
  (func $main (export "run") (result funcref)
    (ref.func $twice)))
