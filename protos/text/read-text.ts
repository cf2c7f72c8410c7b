import {
  create,
  type DescField,
  type DescMessage,
  type MessageShape,
  type Registry,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { hint } from "../../core/index.js";
import { type Cursor, cursorOver, shown } from "./cursor.js";
import { readEnum, readScalar, type Scalar } from "./scalars.js";
import { failIn } from "./text-error.js";
import { tokensOf } from "./tokens.js";

type Value = Scalar | ReflectMessage;

/** Messages may nest so deep; more is refused before it exhausts the stack. */
const depthLimit = 100;

export type ReadOptions = {
  /** Shown in errors. */
  readonly file: string;
  /** Finds what `[type.googleapis.com/...] { }` inside an Any names. */
  readonly registry?: Registry;
};

/**
 * Reads protobuf's text format. Unlike the library's own reader it says where in the text an error is.
 * @throws TextError for a syntax error, an unknown field, a value of another type, a field given twice
 */
export function readText<D extends DescMessage>(schema: D, text: string, options: ReadOptions): MessageShape<D> {
  const fail = failIn(options.file, text);
  const cursor = cursorOver(tokensOf(text, fail), fail);
  const message = reflect(schema);
  readFields(cursor, message, undefined, 0, options.registry);
  return message.message as MessageShape<D>;
}

/** Fields up to `close`, which is taken, or to the end of the text. */
function readFields(
  cursor: Cursor,
  message: ReflectMessage,
  close: string | undefined,
  depth: number,
  registry?: Registry,
) {
  if (depth > depthLimit) cursor.fail(cursor.peek().at, `messages nest deeper than ${depthLimit}`);
  const seen = new Set<string>();
  for (;;) {
    const token = cursor.peek();
    if (close === undefined && token.kind === "end") return;
    if (close !== undefined && cursor.skip(close)) return;
    if (token.kind === "punctuation" && token.text === "[") readExpandedAny(cursor, message, seen, depth, registry);
    else readField(cursor, message, seen, depth, registry, close);
    if (!cursor.skip(",")) cursor.skip(";");
  }
}

function readField(
  cursor: Cursor,
  message: ReflectMessage,
  seen: Set<string>,
  depth: number,
  registry: Registry | undefined,
  close: string | undefined,
): void {
  const token = cursor.next();
  if (token.kind !== "name") {
    const wanted = close === undefined ? "a field" : `a field or "${close}"`;
    cursor.fail(token.at, `expected ${wanted}, got ${shown(token)}`);
  }
  const { desc } = message;
  const field = desc.fields.find((each) => each.name === token.text);
  if (!field) {
    const known = desc.fields.map((each) => each.name);
    cursor.fail(token.at, `${desc.typeName} has no field "${token.text}"${hint(token.text, known)}`);
  }
  refuseSecond(cursor, token.at, field, seen);
  const colon = cursor.skip(":");
  const isMessage = field.message !== undefined || field.fieldKind === "map";
  if (!colon && !isMessage) cursor.expect(":", `after "${field.name}"`);
  const one = (): Value => readValue(cursor, field, depth, registry);
  if (field.fieldKind === "map") forEachItem(cursor, () => readEntry(cursor, message, field, depth, registry));
  else if (field.fieldKind === "list") forEachItem(cursor, () => message.get(field).add(one()));
  else message.set(field, one());
}

/** A field that is not repeated may come once, and only one of a oneof. */
function refuseSecond(cursor: Cursor, at: number, field: DescField, seen: Set<string>): void {
  if (field.fieldKind === "list" || field.fieldKind === "map") return;
  if (seen.has(field.name)) cursor.fail(at, `"${field.name}" is given twice`);
  const other = field.oneof?.fields.find((each) => seen.has(each.name));
  if (other) cursor.fail(at, `"${field.name}" excludes "${other.name}", which is given too`);
  seen.add(field.name);
}

/** A value, or `[a, b]` for several. */
function forEachItem(cursor: Cursor, readOne: () => void): void {
  const list = cursor.skip("[");
  if (list && cursor.skip("]")) return;
  do readOne();
  while (list && cursor.skip(","));
  if (list) cursor.expect("]", 'or "," in the list');
}

function readValue(cursor: Cursor, field: DescField, depth: number, registry: Registry | undefined): Value {
  if (field.message) return readMessage(cursor, field.message, field.name, depth, registry);
  if (field.enum) return readEnum(cursor, field.enum);
  return readScalar(cursor, field.scalar ?? ScalarType.STRING);
}

function readMessage(
  cursor: Cursor,
  desc: DescMessage,
  name: string,
  depth: number,
  registry?: Registry,
): ReflectMessage {
  const message = reflect(desc);
  readFields(cursor, message, open(cursor, name), depth + 1, registry);
  return message;
}

/** Takes `{` or `<`; returns what closes it. */
function open(cursor: Cursor, name: string): string {
  if (cursor.skip("<")) return ">";
  cursor.expect("{", `after "${name}"`);
  return "}";
}

/** One `{ key: … value: … }`; a part that is missing has its type's default. */
function readEntry(
  cursor: Cursor,
  message: ReflectMessage,
  field: DescField & { fieldKind: "map" },
  depth: number,
  registry: Registry | undefined,
): void {
  const close = open(cursor, field.name);
  let key: Scalar | undefined;
  let value: Value | undefined;
  while (!cursor.skip(close)) {
    const token = cursor.next();
    if (token.kind !== "name" || (token.text !== "key" && token.text !== "value")) {
      cursor.fail(token.at, `expected "key", "value" or "${close}" in "${field.name}", got ${shown(token)}`);
    }
    if ((token.text === "key" ? key : value) !== undefined) cursor.fail(token.at, `"${token.text}" is given twice`);
    const isMessage = token.text === "value" && field.message !== undefined;
    if (!cursor.skip(":") && !isMessage) cursor.expect(":", `after "${token.text}"`);
    if (token.text === "key") key = readScalar(cursor, field.mapKey);
    else value = readValue(cursor, field, depth + 1, registry);
    if (!cursor.skip(",")) cursor.skip(";");
  }
  const missing = field.message
    ? reflect(field.message)
    : field.enum
      ? field.enum.values[0]!.number
      : zero(field.scalar!);
  message.get(field).set(key ?? zero(field.mapKey), value ?? missing);
}

function zero(type: ScalarType): Scalar {
  switch (type) {
    case ScalarType.STRING:
      return "";
    case ScalarType.BYTES:
      return new Uint8Array(0);
    case ScalarType.BOOL:
      return false;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return 0n;
    default:
      return 0;
  }
}

/** `[type.googleapis.com/pkg.Message] { … }` inside an Any. */
function readExpandedAny(
  cursor: Cursor,
  any: ReflectMessage,
  seen: Set<string>,
  depth: number,
  registry?: Registry,
): void {
  const { at } = cursor.next();
  let url = "";
  for (let token = cursor.peek(); !cursor.skip("]"); token = cursor.peek()) {
    if (token.kind === "end" || token.kind === "string") cursor.fail(token.at, `expected "]", got ${shown(token)}`);
    url += cursor.next().text;
  }
  if (any.desc.typeName !== AnySchema.typeName) {
    cursor.fail(at, `[${url}]: extensions are not known, and ${any.desc.typeName} is no Any`);
  }
  if (seen.size > 0) cursor.fail(at, "an Any holds one message");
  for (const field of any.desc.fields) seen.add(field.name);
  const typeName = url.slice(url.lastIndexOf("/") + 1);
  const desc = registry?.getMessage(typeName);
  if (!desc) cursor.fail(at, `the message ${typeName} is not known here`);
  cursor.skip(":");
  const inner = readMessage(cursor, desc, url, depth, registry);
  Object.assign(any.message, create(AnySchema, { typeUrl: url, value: toBinary(desc, inner.message) }));
}
