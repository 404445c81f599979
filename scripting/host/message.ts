import { type Message, noEntity } from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import type { HostContext, HostFunction } from "../runtime/host-function.ts";
import type { Linker } from "../runtime/linker.ts";
import type { Messages } from "../system/messages.ts";
import { capabilities } from "./capabilities.ts";
import { type Define, hostModule } from "./define.ts";
import { valueKinds } from "./values.ts";
import type { WorldView } from "./view.ts";

export interface MessageRules {
  /** Whether the call that runs may send at all: a module's top-level code may not. */
  readonly maySend: () => boolean;
}

/**
 * Host functions of module "message": for every message `M.send`, and for the one that `onMessage` runs for
 * `M.is` and each of its fields as `M.f`.
 */
export function linkMessages(
  linker: Linker,
  world: WorldView,
  messages: Messages,
  rules: MessageRules,
): void {
  const define = hostModule(linker, "message");
  let kind = 0;
  for (const message of messages.types.values()) {
    const params = message.fields.map((field) => valueKinds[field.type].wasm);
    const send = sender(world, messages, message, kind, rules);
    define(`${message.name}.send`, ["i32", ...params], [], send, {
      price: "message.send",
      capability: capabilities.send(message.name),
      send: { message: kind, values: message.fields.map(({ type }) => type) },
    });
    linkReading(define, messages, message, kind++);
  }
}

function linkReading(
  define: Define,
  { current }: Messages,
  { name, fields }: Message,
  kind: number,
): void {
  define(`${name}.is`, [], ["i32"], () => (current.kind === kind ? 1 : 0), {
    price: "message.is",
    message: { message: kind },
  });
  fields.forEach((field, at) => {
    const read: HostFunction = () => {
      if (current.kind === kind) return current.valueOf(at);
      throw new HostError(
        `${name}.${field.name}: the call has no message ${name}; in onMessage, ask ${name}.is before`,
      );
    };
    define(`${name}.${field.name}`, [], [valueKinds[field.type].wasm], read, {
      price: "message.field",
      message: { message: kind, value: { place: at, type: field.type } },
    });
  });
}

/** Fields that are passed on without an array of them. */
const directFields = 7;

function sender(
  world: WorldView,
  messages: Messages,
  message: Message,
  kind: number,
  { maySend }: MessageRules,
): HostFunction {
  const { name, fields } = message;
  const { transaction } = world;
  const { outbox, room, perCall } = messages;
  const what = `${name}.send`;
  const count = fields.length;
  const kinds = fields.map(({ type }) => valueKinds[type]);
  const names = fields.map((field) => `${name}.${field.name}`);
  const areFloats = fields.map(({ type }) => type === "f32" || type === "f64");
  const areHandles = fields.map(({ type }) => type === "entity");
  const engine = world.world;

  const check = (ctx: HostContext, at: number, value: number): void => {
    // Most values are finite floats, and need no closure to tell.
    if (areFloats[at] && value - value === 0) return;
    // Whether a handle is refused as stale tells of an entity, too.
    if (areHandles[at] && value !== noEntity) ctx.checkEntity(names[at] as string, value);
    (kinds[at] as (typeof kinds)[number]).check(value, names[at] as string, engine);
  };
  const push = (ctx: HostContext, target: number): void => {
    ctx.checkEntity(what, target);
    if (engine.resolve(target) < 0) throw world.refusal(what, target);
    if (!maySend()) {
      throw new HostError(
        `${what}: top-level code can't send, as it runs anew with every restart; use onLoad`,
      );
    }
    // What it has sent before is in its window.
    world.shown?.takeSent();
    if (transaction.sent >= perCall) {
      throw new HostError(
        `${what}: one call may send at most ${perCall} messages (messagesPerCall)`,
      );
    }
    const sender = messages.senderOf(ctx.script.name);
    if (!room.admits(sender)) {
      throw new HostError(
        `${what}: too many messages wait already: ${room.taken} of ${room.capacity} in all ` +
          "(maxMessages), and a script may have as many as it leaves room for",
      );
    }
    outbox.push(kind, target, sender);
  };

  if (count > directFields) {
    return (ctx, target, ...values) => {
      for (let at = 0; at < count; at++) check(ctx, at, values[at] as number);
      push(ctx, target as number);
      for (let at = 0; at < count; at++) outbox.setValue(at, values[at] as number);
    };
  }
  // A rest parameter would allocate an array on every call.
  return (ctx, target, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0) => {
    if (count > 0) check(ctx, 0, a);
    if (count > 1) check(ctx, 1, b);
    if (count > 2) check(ctx, 2, c);
    if (count > 3) check(ctx, 3, d);
    if (count > 4) check(ctx, 4, e);
    if (count > 5) check(ctx, 5, f);
    if (count > 6) check(ctx, 6, g);
    push(ctx, target as number);
    if (count > 0) outbox.setValue(0, a);
    if (count > 1) outbox.setValue(1, b);
    if (count > 2) outbox.setValue(2, c);
    if (count > 3) outbox.setValue(3, d);
    if (count > 4) outbox.setValue(4, e);
    if (count > 5) outbox.setValue(5, f);
    if (count > 6) outbox.setValue(6, g);
  };
}
