import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { ConfigError, type ConfigPath, type Locate, type Position } from "./config-error.js";

/**
 * A YAML (or JSON) text with the place of everything in it.
 * @throws ConfigError with line and column for a syntax error or a key given twice
 */
export function parseWithPositions(file: string, text: string): { readonly value: unknown; readonly locate: Locate } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => ({ path: [], message }));
    const positions = document.errors.map((error) => at(error.pos[0]));
    throw new ConfigError(problems, file, (_path, _atKey, index) => positions[index ?? 0]);
  }
  return { value: document.toJS(), locate: (path, atKey) => offsetOf(document.contents, path, atKey, at) };
}

/** The position of the deepest part of `path` that the file has; what a default filled in has none of its own. */
function offsetOf(root: unknown, path: ConfigPath, atKey: boolean | undefined, at: (o: number) => Position) {
  let node = root;
  let best = (node as Node | null)?.range?.[0];
  for (const [i, part] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (!pair) break;
      const keyAt = (pair.key as Node).range?.[0];
      node = pair.value;
      const last = i === path.length - 1;
      best = last && atKey ? keyAt : ((node as Node | null)?.range?.[0] ?? keyAt);
    } else {
      const items = (node as { items?: readonly unknown[] } | null)?.items;
      if (typeof part !== "number" || !items?.[part]) break;
      node = items[part];
      best = (node as Node).range?.[0] ?? best;
    }
  }
  return best === undefined ? undefined : at(best);
}
