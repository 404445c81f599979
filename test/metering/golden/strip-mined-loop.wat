;; A loop too long to be unrolled: the check stands in a loop around it.
(module
  (func $main (export "run") (param $n i32)
    (loop $again
      (drop (v128.const i64x2 1 1))
      (drop (v128.const i64x2 2 2))
      (drop (v128.const i64x2 3 3))
      (drop (v128.const i64x2 4 4))
      (drop (v128.const i64x2 5 5))
      (drop (v128.const i64x2 6 6))
      (drop (v128.const i64x2 7 7))
      (drop (v128.const i64x2 8 8))
      (drop (v128.const i64x2 9 9))
      (drop (v128.const i64x2 10 10))
      (drop (v128.const i64x2 11 11))
      (drop (v128.const i64x2 12 12))
      (drop (v128.const i64x2 13 13))
      (drop (v128.const i64x2 14 14))
      (br_if $again
        (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
