;; Entry takes depth, and checks it together with the fuel.
(module
  (func $sum (export "run") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then
        (i32.add
          (local.get $n)
          (call $sum (i32.sub (local.get $n) (i32.const 1)))))
      (else (i32.const 0)))))
