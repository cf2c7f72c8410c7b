/** What clients call this machine all day is few. */
const REMEMBERED = 256;
const known = new Set<string>();

/** Whether the value of a `Host` header is one: a name or an address, and perhaps a port. */
export function isHost(value: string): boolean {
  if (known.has(value)) return true;
  const right = /^[\w.~%[\]:-]+$/.test(value) && URL.canParse(`http://${value}`);
  if (right) {
    if (known.size === REMEMBERED) known.clear();
    known.add(value);
  }
  return right;
}
