;; A short loop is written four times, and checks once in four turns.
(module
  (func $main (export "run") (param $n i32)
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))))
