// Below this, copying is cheaper than giving away; small ones may also lie in memory that Node shares among many.
const LEAST_BYTES = 2 ** 16;

/**
 * The memory of the large typed arrays in plain data that was made to be posted, so that it can be given to the other
 * thread instead of being copied, which would hold up its event loop.
 */
export function largeBuffers(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const open: unknown[] = [data];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    if (!ArrayBuffer.isView(value)) {
      for (const item of Array.isArray(value) ? value : Object.values(value)) open.push(item);
      continue;
    }
    const { buffer, byteLength } = value;
    const whole = byteLength === buffer.byteLength && byteLength >= LEAST_BYTES;
    if (whole && buffer instanceof ArrayBuffer) found.add(buffer);
  }
  return [...found];
}
