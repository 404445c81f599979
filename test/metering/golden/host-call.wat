;; What a host function costs is in a global.
(module
  (import "h" "f" (func $host (param i32) (result i32)))
  (func $main (export "run") (result i32)
    (i32.add (call $host (i32.const 3)) (i32.const 4))))
