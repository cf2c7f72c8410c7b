import assert from "node:assert/strict";
import { z } from "zod";
import type { Host } from "../host.js";
import type { AnyFactory, FactoryKind } from "../plugin.js";
import { fakeHost } from "./fake-host.js";

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
};

/** What a component of each kind can do. */
const methods: Readonly<Record<FactoryKind, readonly string[]>> = {
  source: ["watch"],
  policy: ["next"],
  batcher: ["wrap"],
  transport: ["listen", "drain"],
  servable: [],
  warmup: ["run"],
  "request-log": ["write"],
};

function checkFields(schema: Schema, where: string): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${where}.${name}`;
    const said = field.description ?? "";
    assert.match(said, /\S.*\.$/s, `${path} needs .describe("one sentence."), it has ${JSON.stringify(said)}`);
    checkFields(field, path);
  }
  if (schema.properties) {
    assert.equal(schema.additionalProperties, false, `${where} takes unknown keys: use z.strictObject`);
  }
  if (schema.items) checkFields(schema.items, `${where}[]`);
  for (const branch of schema.anyOf ?? []) checkFields(branch, where);
}

/**
 * What every factory owes its users: a plain type name, a sentence about itself and about each option, options that
 * refuse unknown keys, and an example that parses and builds.
 * `host` is for components that reach for others at creation.
 * @throws AssertionError that names the option at fault
 */
export async function checkFactory(factory: AnyFactory, host: Host = fakeHost()): Promise<void> {
  const named = `${factory.kind} "${factory.type}"`;
  assert.match(factory.type, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, `${named}: the type is lower case with hyphens`);
  assert.match(factory.description, /^[A-Z`].*\.$/s, `${named}: the description is a sentence`);

  const schema = z.toJSONSchema(factory.options, { io: "input", unrepresentable: "any" }) as Schema;
  assert.equal(schema.type, "object", `${named}: the options are a z.strictObject`);
  checkFields(schema, `${named} options`);
  assert.ok(!factory.options.safeParse({ ...factory.example, "no such option": 1 }).success, `${named}: not strict`);

  const parsed = factory.options.safeParse(factory.example);
  assert.ok(parsed.success, `${named}: its example does not parse: ${parsed.error?.message}`);
  const made: unknown = await factory.create(host, parsed.data);
  if (factory.kind === "servable") {
    assert.equal(typeof made, "function", `${named}: create gives a function from a version to its loader`);
    return;
  }
  for (const method of methods[factory.kind]) {
    assert.equal(typeof Reflect.get(Object(made), method), "function", `${named}: what it creates has no ${method}()`);
  }
  if (factory.kind === "source" || factory.kind === "transport" || factory.kind === "request-log") {
    const dispose: unknown = Reflect.get(Object(made), Symbol.asyncDispose);
    assert.equal(typeof dispose, "function", `${named}: what it creates cannot be disposed`);
    await (made as AsyncDisposable)[Symbol.asyncDispose]();
  }
}
