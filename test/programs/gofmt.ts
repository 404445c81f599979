import { freshImport } from "./fresh.ts";
import type { Program } from "./program.ts";

const snippet = `
type  Queue[T any]struct{ items []T;  limit int // none when zero
}
func (q*Queue[T])Push(item T)error{
if q.limit>0&&len(q.items)>=q.limit{return fmt.Errorf("full: %d of %d",len(q.items),q.limit)}
        q.items=append(q.items,item); return nil }
func (q *Queue[T]) Each(visit func(int,T)bool) {
for i,item:=range q.items { if !visit(i,item) {break} }
  switch n:=len(q.items);{
case n==0: fmt.Println("empty")
  case n<10 : fmt.Println( "few" , n*2+1 )
 default:
  ch:=make(chan int,n); go func(){ defer close(ch);for i:=0;i<n;i++{ch<-i<<1|3} }()
  for v:=range ch{ fmt.Println(v , map[string]int{"a":1,"long key":v}) }
 }
}
var(a=1
 longName=[]string{"x",
"yy"  ,}
)
`;
const file = `package   queue
import ("fmt";"errors"
)
`;

/** Formats a long file of Go, and finds the fault in another. */
export const gofmt: Program = {
  name: "gofmt",
  language: "Go",
  compiler: "TinyGo",
  async start() {
    const { format } = await freshImport<typeof import("@wasm-fmt/gofmt")>("@wasm-fmt/gofmt/node");
    const source = file + snippet.repeat(10);
    const complaint = (text: string): string => {
      try {
        return format(text);
      } catch (error) {
        if (error instanceof Error && /^\d+:\d+: /.test(error.message)) return error.message;
        throw error;
      }
    };
    return () => [format(source), complaint(`${file}func broken( {`)];
  },
};
