;; A loop around a call checks at its header, and is paid for at its back edge.
(module
  (import "h" "f" (func $host))
  (func $main (export "run") (param $n i32)
    (loop $again
      (call $host)
      (br_if $again
        (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
