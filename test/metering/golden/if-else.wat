;; Arms pay what they cost more than the cheapest way.
(module
  (func $main (export "run") (param $a i32) (result i32)
    (if (result i32) (local.get $a)
      (then (i32.add (local.get $a) (i32.const 1)))
      (else (i32.const 0)))
    (if (i32.eqz (local.get $a))
      (then (local.set $a (i32.const 2))))
    (local.get $a)
    (i32.add)))
