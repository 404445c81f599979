class Tree {
  left = null;
  right = null;
}

function grow(depth) {
  const tree = new Tree();
  if (depth > 0) {
    tree.left = grow(depth - 1);
    tree.right = grow(depth - 1);
  }
  return tree;
}

function count(tree) {
  const { left, right } = tree;
  return 1 + (left ? count(left) : 0) + (right ? count(right) : 0);
}

export function run() {
  let nodes = 0;
  for (let i = 0; i < 12; i++) nodes += count(grow(9));
  return nodes;
}
