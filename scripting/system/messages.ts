import {
  checkValues,
  type Entity,
  type Field,
  type Message,
  refuseValue,
  type SnapshotReader,
  savedNumber,
  shownName,
  type World,
} from "../../engine/index.ts";
import { HostError } from "../errors.ts";
import { valueKinds } from "../host/values.ts";
import { MessageQueue } from "./message-queue.ts";
import { gameSender, MessageRoom } from "./message-room.ts";
import { type MessageShapes, shapesOf } from "./message-values.ts";
import type { SavedMessage } from "./scripts-state.ts";

/** The message that `onMessage` runs for; what host functions read. */
export class CurrentMessage {
  /** Its kind; -1 while none is being delivered. */
  kind = -1;
  readonly #values: Float64Array;

  constructor(stride: number) {
    this.#values = new Float64Array(stride);
  }

  valueOf(field: number): number {
    return this.#values[field] as number;
  }

  show(queue: MessageQueue, at: number): void {
    this.kind = queue.kindAt(at);
    for (let field = 0; field < this.#values.length; field++) {
      this.#values[field] = queue.valueAt(at, field);
    }
  }
}

/** A message out of a saved state that fits. */
export interface ReadMessage {
  readonly kind: number;
  readonly to: number;
  readonly from: string | undefined;
  readonly values: readonly number[];
}

/** The kinds of message of a script system, and those that were sent and not sorted yet. */
export class Messages {
  /** The kinds by name, in the order of their numbers. */
  readonly types: ReadonlyMap<string, Message>;
  readonly room: MessageRoom;
  /** What was sent since the last frame began to deliver. Part of the system's transaction. */
  readonly outbox: MessageQueue;
  readonly current: CurrentMessage;
  /** Messages that one call of a script may send. */
  readonly perCall: number;
  readonly #shapes: MessageShapes;
  readonly #kinds = new Map<Message, number>();
  readonly #senders = new Map<string, number>();

  /**
   * @param capacity how many may wait.
   * @param perCall how many one call of a script may send.
   * @throws TypeError for two of one name.
   */
  constructor(messages: readonly Message[], capacity: number, perCall: number) {
    this.perCall = perCall;
    const types = new Map<string, Message>();
    for (const message of messages) {
      if (types.has(message.name)) throw new TypeError(`two messages are called ${message.name}`);
      this.#kinds.set(message, types.size);
      types.set(message.name, message);
    }
    this.types = types;
    this.#shapes = shapesOf(messages);
    this.room = new MessageRoom(capacity);
    this.outbox = this.newInbox();
    this.current = new CurrentMessage(this.outbox.places);
  }

  /** A queue that shares the room. */
  newInbox(): MessageQueue {
    return new MessageQueue(this.room, this.#shapes);
  }

  /** What a script is known by as a sender. */
  senderOf(script: string): number {
    const known = this.#senders.get(script);
    if (known !== undefined) return known;
    const sender = gameSender + 1 + this.#senders.size;
    this.#senders.set(script, sender);
    return sender;
  }

  /** A message as a saved state has it. */
  saved(queue: MessageQueue, at: number): SavedMessage {
    const type = [...this.types.values()][queue.kindAt(at)] as Message;
    const sender = queue.senderAt(at);
    const from = [...this.#senders].find(([, number]) => number === sender)?.[0];
    return {
      message: type.name,
      to: queue.targetAt(at),
      ...(from === undefined ? {} : { from }),
      values: type.fields.map((field, n) => {
        const value = queue.valueAt(at, n);
        // Scripts send a u32 as the i32 with the same bits.
        return savedNumber(field.type === "u32" ? value >>> 0 : value);
      }),
    };
  }

  /** Reads a message of a saved state; undefined, with the reader told why, for one that doesn't fit. */
  read(reader: SnapshotReader, where: string, value: unknown): ReadMessage | undefined {
    const saved = reader.object(`a message of ${where}`, value);
    const name = reader.text(`a message of ${where}`, saved["message"]);
    const type = this.types.get(name);
    if (type === undefined) {
      reader.problem(`${where}: there is no message ${shownName(name)} here`);
      return undefined;
    }
    const given = reader.list(`${name} of ${where}`, saved["values"], type.fields.length);
    if (given.length < type.fields.length) reader.problem(`${name} of ${where} lacks values`);
    const values = given.map((each, at) => {
      const field = type.fields[at] as Field;
      const number = reader.number(`${name}.${field.name} of ${where}`, each);
      const problem = refuseValue(field.type, number);
      if (problem !== undefined || !Number.isFinite(number)) {
        reader.problem(`${name}.${field.name} of ${where}: ${problem ?? "it isn't finite"}`);
      }
      return number;
    });
    const from = saved["from"] === undefined ? undefined : reader.text(where, saved["from"]);
    const to = reader.whole(`the receiver of ${name}`, saved["to"], 1, 0x7fff_ffff);
    return { kind: this.#kinds.get(type) as number, to, from, values };
  }

  /** Queues a message that was read. */
  push(queue: MessageQueue, { kind, to, from, values }: ReadMessage): void {
    queue.push(kind, to, from === undefined ? gameSender : this.senderOf(from));
    values.forEach((value, at) => {
      queue.setValue(at, value);
    });
  }

  /**
   * Queues a message of the game's.
   * @throws StaleEntityError; TypeError for a message that isn't the system's or a field that it hasn't got;
   * RangeError for a value that doesn't fit, and when no more may wait.
   */
  send(
    world: World,
    entity: Entity,
    message: Message,
    values: Readonly<Record<string, number>>,
  ): void {
    const kind = this.#kinds.get(message);
    if (kind === undefined) {
      const known = [...this.types.keys()].join(", ") || "none";
      throw new TypeError(
        `message ${message.name} isn't one of this system's (messages); it has: ${known}`,
      );
    }
    world.indexOf(entity);
    checkValues(message, values);
    const { fields } = message;
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at] as Field;
      const value = values[field.name];
      if (value !== undefined) checkValue(world, message, field, value);
    }
    if (!this.room.admits(gameSender)) {
      throw new RangeError(
        `${message.name}: ${this.room.capacity} messages wait already, as many as may (maxMessages)`,
      );
    }
    this.outbox.push(kind, entity, gameSender);
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at] as Field;
      this.outbox.setValue(at, values[field.name] ?? field.default);
    }
  }
}

/** @throws RangeError for what scripts couldn't send either: infinities and stale entities. */
function checkValue(world: World, { name }: Message, field: Field, value: number): void {
  const held = field.type === "f32" ? Math.fround(value) : value;
  const isFloat = field.type === "f32" || field.type === "f64";
  if (isFloat && held - held === 0) return;
  // A u32 crosses to scripts as the i32 with the same bits; its range was checked before.
  try {
    valueKinds[field.type].check(held, `${name}.${field.name}`, world);
  } catch (error) {
    if (error instanceof HostError) throw new RangeError(error.message);
    throw error;
  }
}
