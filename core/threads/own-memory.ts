/** A value whose arrays lie in `buffers` and nowhere else, ready to be posted with them. */
export type Owned<T> = { readonly value: T; readonly buffers: readonly ArrayBuffer[] };

type View = ArrayBufferView & { readonly length?: number };
type ViewConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

// Any typed array may begin there.
const ALIGNMENT = 8;
const padded = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * A deep copy of plain data with all its typed arrays in one new buffer. Posting a view as it is would copy the whole
 * buffer that it looks into, such as a request's body, or a block of Node's pool.
 */
export function ownMemory<T>(value: T): Owned<T> {
  let size = 0;
  visit(value, (view) => {
    size += padded(view.byteLength);
    return view;
  });
  const buffer = new ArrayBuffer(size);
  let offset = 0;
  const copied = visit(value, (view) => {
    const start = offset;
    offset += padded(view.byteLength);
    new Uint8Array(buffer, start).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    // A Buffer arrives as the Uint8Array that it is.
    const type = view instanceof Uint8Array ? Uint8Array : (view.constructor as ViewConstructor);
    return new type(buffer, start, (view as View).length ?? view.byteLength);
  });
  return { value: copied as T, buffers: [buffer] };
}

function visit(value: unknown, each: (view: ArrayBufferView) => unknown): unknown {
  if (ArrayBuffer.isView(value)) return each(value);
  if (Array.isArray(value)) return value.map((item) => visit(item, each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, each)]));
}
