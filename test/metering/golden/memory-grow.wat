;; Pages at the price of their bytes; a failure is noted.
(module
  (memory 1)
  (func $main (export "run") (param $pages i32) (result i32)
    (memory.grow (local.get $pages))))
