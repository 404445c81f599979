;; A branch that can't pay a fuel of its own: cases pay behind their labels.
(module
  (func $main (export "run") (param $i i32) (result i32)
    (block $two
      (block $one
        (br_table $one $two (local.get $i)))
      (return (i32.add (local.get $i) (i32.const 1))))
    (i32.const 2)))
