import type { AdmittedModule } from "../admission/admit.ts";
import { ExternKind, type WasmModule } from "../wasm/module.ts";
import { ValType } from "../wasm/op.ts";
import { findSites } from "./access-sites.ts";
import type {
  ConstantImport,
  LoweredImports,
  MessageImport,
  WindowedImport,
} from "./body-lowering.ts";
import type { ColumnAccess } from "./column-access.ts";
import type { FrameConstant } from "./frame-constant.ts";
import type { MessageAccess, MessageSend } from "./message-access.ts";
import type { MessageColumn } from "./message-layout.ts";
import { type Hook, type LoweredModule, ModuleLowering } from "./module-lowering.ts";
import { placeWindow, type TableRoom } from "./placed-window.ts";
import { reachOf } from "./reach.ts";
import { readReservation } from "./reservation.ts";
import type { SendImport } from "./send-code.ts";
import type { WindowContents, WindowLayout } from "./window-layout.ts";

/** An export that is to be called for row after row of a window. */
export interface DrivenExport {
  readonly name: string;
  /** Whether each of its rows has a message. Default: false. */
  readonly hasMessage?: boolean;
}

/** What an imported function does, where it can be done without a call of it: one of these. */
export interface ImportUse {
  /** It reads or writes this column. */
  readonly column?: ColumnAccess;
  /** It gives this in every call of a frame. */
  readonly constant?: FrameConstant;
  /** It tells this of a message. */
  readonly message?: MessageAccess;
  /** It sends this one. */
  readonly send?: MessageSend;
  /** It gives the n-th entity that the call has found. */
  readonly found?: true;
  /** Beside that: it may end entities at once, and not behind all calls, for what it does isn't undone. */
  readonly mayEnd?: true;
}

/**
 * Makes the functions that exports name work on windows: their own entity's columns, there for many entities at
 * a time, are read and written in the module's memory; everything else goes to the host as before.
 * @param driven those of them that there are, and that want a handle or nothing.
 * @param useOf what the n-th imported function does.
 * @param touchesAll whether it may have to do with any entity: it reads columns of others without asking the host each
 * time then, sends messages in the window, and writes handles there.
 * @param room for a table, which a module gets that has to do with other entities, or with messages, and leaves memory
 * alone. Default: none.
 * @returns undefined for a module that doesn't reserve memory, or has no such export.
 */
export function lower(
  admitted: AdmittedModule,
  driven: readonly DrivenExport[],
  useOf: (importIndex: number) => ImportUse,
  touchesAll = true,
  room?: TableRoom,
): LoweredModule | undefined {
  const { module } = admitted;
  const reservation = readReservation(module);
  const hooks = driven.flatMap((hook) => hookOf(module, hook) ?? []);
  if (reservation === undefined || hooks.length === 0) return undefined;
  const accesses = new Map<number, ColumnAccess>();
  const constants = new Map<number, FrameConstant>();
  const messages = new Map<number, MessageAccess>();
  const sends = new Map<number, MessageSend>();
  const ending = new Set<number>();
  let foundImport: number | undefined;
  for (let i = 0; i < module.importedFunctionCount; i++) {
    const { column, constant, message, send, found, mayEnd } = useOf(i);
    if (found === true) foundImport = i;
    if (mayEnd === true) ending.add(i);
    if (column !== undefined) accesses.set(i, column);
    else if (constant !== undefined) constants.set(i, constant);
    else if (message !== undefined) messages.set(i, message);
    else if (send !== undefined && touchesAll) sends.set(i, send);
  }
  const sites = findSites(module, hooks, accesses);
  const contents: WindowContents = {
    accesses: [...accesses.values()].filter(({ field }) => sites.own.has(field)),
    others: touchesAll
      ? [...accesses.values()].filter(
          ({ field, kind }) => kind === "get" && sites.others.has(field),
        )
      : [],
    link: sites.link,
    constants: [...constants.values()],
    messages: hooks.some(({ hasMessage }) => hasMessage) ? [...messages.values()] : [],
    sends: [...sends.values()],
    writesHandles: touchesAll,
  };
  const reach = reachOf(module);
  const finds = foundImport !== undefined;
  const placedWindow = placeWindow(module, contents, reach, reservation, finds, room);
  if (placedWindow === undefined) return undefined;
  const { layout } = placedWindow;
  const columns = new Map(layout.columns.map((column) => [column.field, column]));
  const read = new Set(contents.others.map(({ field }) => field));
  const ofOthers = layout.table === undefined ? layout.others?.columns : layout.columns;
  const others = new Map(
    ofOthers?.filter(({ field }) => read.has(field)).map((column) => [column.field, column]),
  );
  const windowed = new Map<number, WindowedImport>();
  for (const [index, access] of accesses) {
    const isOwn = layout.table?.own.has(access.field) !== false;
    const column = isOwn ? columns.get(access.field) : undefined;
    const other = access.kind === "get" ? others.get(access.field) : undefined;
    if (column !== undefined || other !== undefined) windowed.set(index, { access, column, other });
  }
  const placed = [...constants].map(([index, { type }], i): [number, ConstantImport] => {
    return [index, { type, address: layout.address + (layout.constants[i]?.offset ?? 0) }];
  });
  const told = [...messages].flatMap(([index, access]) => {
    const message = placeMessage(layout, access);
    return message === undefined ? [] : ([[index, message]] as const);
  });
  const imports: LoweredImports = {
    columns: windowed,
    constants: new Map(placed),
    messages: new Map(told),
    sends: new Map([...sends].map(([index, send]) => [index, placeSend(layout, send)])),
    found: (layout.others ?? layout.table?.found) === undefined ? undefined : foundImport,
    ownSites: sites.calls,
    ending,
    layout,
  };
  return new ModuleLowering(admitted, hooks, imports, placedWindow, reach).run();
}

function placeMessage(
  { messages }: WindowLayout,
  { message, value }: MessageAccess,
): MessageImport | undefined {
  if (messages === undefined) return undefined;
  const { kinds, values } = messages;
  if (value === undefined) return { message, kinds, value: undefined };
  const column = values.find(({ place }) => place === value.place);
  const type = column?.types.get(message);
  if (column === undefined || type === undefined) return undefined;
  return { message, kinds, value: { type, shift: column.shift, offset: column.offset } };
}

function placeSend({ outbox }: WindowLayout, { message, values }: MessageSend): SendImport {
  return {
    message,
    values: values.map((type, place) => {
      return { type, column: outbox?.values.find((c) => c.place === place) as MessageColumn };
    }),
  };
}

function hookOf(module: WasmModule, { name, hasMessage = false }: DrivenExport): Hook | undefined {
  const target = module.exports.find((e) => e.name === name && e.kind === ExternKind.func);
  if (target === undefined) return undefined;
  const f = target.index - module.importedFunctionCount;
  const type = module.types[module.functionTypes[target.index] as number];
  const takesSelf = type?.params.length === 1 && type.params[0] === ValType.i32;
  if (f < 0 || type === undefined || type.results.length > 0) return undefined;
  return type.params.length > 0 && !takesSelf ? undefined : { name, hasMessage, f, takesSelf };
}
