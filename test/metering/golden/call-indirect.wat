;; Functions take their fuel along through tables, too; those of fixed cost by a thunk.
(module
  (type $unary (func (param i32) (result i32)))
  (table funcref (elem $by-table $by-name))
  (func $by-table (type $unary) (i32.eqz (local.get 0)))
  (func $by-name (type $unary) (i32.const 2))
  (func $main (export "run") (param $i i32) (result i32)
    (call_indirect (type $unary) (call $by-name (i32.const 1)) (local.get $i))))
