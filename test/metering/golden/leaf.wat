;; What always costs the same is charged by its callers, and stays as it is.
(module
  (func $square (param $a i32) (result i32)
    (i32.mul (local.get $a) (local.get $a)))
  (func $main (export "run") (param $n i32) (result i32)
    (if (local.get $n)
      (then (local.set $n (call $square (local.get $n)))))
    (call $square (call $square (local.get $n)))))
