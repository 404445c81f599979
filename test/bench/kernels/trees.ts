// Allocation and garbage collection: binary trees.
class Tree {
  left: Tree | null = null;
  right: Tree | null = null;
}

function grow(depth: i32): Tree {
  const tree = new Tree();
  if (depth > 0) {
    tree.left = grow(depth - 1);
    tree.right = grow(depth - 1);
  }
  return tree;
}

function count(tree: Tree): i32 {
  const left = tree.left;
  const right = tree.right;
  return 1 + (left ? count(left) : 0) + (right ? count(right) : 0);
}

export function run(): i32 {
  let nodes = 0;
  for (let i = 0; i < 12; i++) nodes += count(grow(9));
  return nodes;
}
