const LONGEST = 600;

/**
 * TensorFlow's error text as a client should read it: one root error, node names kept, the names of generated functions,
 * the stack of the exporting program and the paths of its build machine left out.
 */
export function cleanErrorText(text: string): string {
  const cleaned = rootError(text)
    .replace(/\n+\s*Original stack trace[\s\S]*/i, "")
    .replace(/\{\{function_node\s[^{}]*\}\}/g, "")
    .replace(/\[\[([\s\S]*?)\]\]/g, (_, inner: string) => nodeNames(inner))
    .replace(/\{\{node ([^{}]*)\}\}/g, "$1")
    .replace(/\s*\[Op:[^\]]*\](?:\s*name:)?/g, "")
    .replace(/(?:[A-Za-z]:)?[\w.@+-]*(?:\/[\w.@+-]+)+\.(?:cc|h|py|cpp)(?::\d+)?:?/g, "")
    .replace(/\s+/g, " ")
    .trim();
  if (cleaned === "") return "TensorFlow gave no reason";
  return cleaned.length <= LONGEST ? cleaned : `${cleaned.slice(0, LONGEST - 1)}…`;
}

/** The first of `2 root error(s) found.  (0) INVALID_ARGUMENT: …  (1) …`: the others say the same of other nodes. */
function rootError(text: string): string {
  if (!/^\s*\d+ root error\(s\) found/.test(text)) return text;
  const [, first = text] =
    /\(0\)\s*(?:[A-Z_]+:|[A-Z][a-z]+(?: [a-z]+)*:)?\s*([\s\S]*?)(?:\n\s*\(1\)|\n\s*\d+ successful operations|$)/.exec(
      text,
    ) ?? [];
  return first;
}

/** ` (node a/b)` out of `{{node a/b}} = Op[…]`; nothing where no node is named. */
function nodeNames(inner: string): string {
  const names = [...inner.matchAll(/\{\{node ([^{}]*)\}\}/g)].map(([, name]) => name);
  return names.length === 0 ? "" : ` (node ${names.join(", ")})`;
}
