import { readFileSync } from "node:fs";
import type * as zigApi from "@wasm-fmt/zig_fmt";
import { fileOf, freshImport } from "./fresh.ts";
import type { Program } from "./program.ts";

const snippet = `
const   std=@import("std");
pub fn Queue(comptime T:type)type{ return struct{
  items:std.ArrayList(T),  limit:?usize=null,
    const Self=@This();
 pub fn push(self:*Self,item:T)!void{
if(self.limit)|limit|{ if(self.items.items.len>=limit)return error.Full; }
      try self.items.append(item); errdefer  {_=self.items.pop();}
  }
  pub fn sum(self:Self)T{ var total:T=0;
   for(self.items.items,0..)|item,i|{ total+%=item*@as(T,@intCast(i)); }
    while(total>1000):(total>>=1){ switch(total%3){0=>continue,1,2=>{},else=>unreachable} }
 return total; } }; }
test "push"{ var q=Queue(u32){.items=undefined,.limit=3}; try std.testing.expect(q.limit.?==3); }
`;

/** Formats a long file of Zig. */
export const zigFmt: Program = {
  name: "zig fmt",
  language: "Zig",
  compiler: "zig",
  async start() {
    const { default: init, format } = await freshImport<typeof zigApi>(
      "@wasm-fmt/zig_fmt/zig_fmt.js",
    );
    await init(readFileSync(fileOf("@wasm-fmt/zig_fmt/zig_fmt.wasm")));
    const source = snippet.repeat(40);
    return () => [format(source)];
  },
};
