import { Entity } from "./entity";

/**
 * The n-th entity, from 0, that the last `within` of this call has found: `const n = Enemy.within(self, 50);
 * for (let i = 0; i < n; i++) hurt(found(i));`
 */
// @ts-ignore: decorator
@external("query", "found")
export declare function found(n: i32): Entity;
