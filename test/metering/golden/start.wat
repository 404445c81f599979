;; Nothing runs before there is fuel: the start function is an export that the host calls.
(module
  (global $g (mut i32) (i32.const 0))
  (func $init
    (global.set $g (i32.const 5)))
  (start $init))
