;; A fuel for 8 bytes, charged and checked before they are written.
(module
  (memory 1)
  (func $main (export "run") (param $length i32)
    (memory.fill (i32.const 0) (i32.const 1) (local.get $length))))
