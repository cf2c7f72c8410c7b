export type NodeKind = "file" | "folder";

type Node = { readonly name: string; readonly children: Map<string, Node> | undefined };

/** Equal for names that some file system takes for one: by case, by composed or compatible characters, by their ends. */
const folded = (name: string) =>
  name
    .normalize("NFKC")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[. ]+$/, "");

/** The names that are taken in a folder and below. */
export interface NameTree {
  /**
   * Takes a name, and those of the folders above it. Returns why that cannot be, for a sentence that begins with the
   * path; a folder may come again.
   */
  add(segments: readonly string[], kind: NodeKind): string | undefined;
}

/** A tree in which no two names are one on any file system, and nothing is a file and a folder. */
export function nameTree(): NameTree {
  const root = new Map<string, Node>();
  return {
    add(segments, kind) {
      let children = root;
      for (const [i, name] of segments.entries()) {
        const last = i === segments.length - 1;
        const isFolder = !last || kind === "folder";
        const known = children.get(folded(name));
        if (known && known.name !== name) return `has the name of "${known.name}" once more, written differently`;
        if (known && isFolder !== (known.children !== undefined)) return "is a file and a folder at once";
        if (known && !isFolder) return "comes twice";
        const node = known ?? { name, children: isFolder ? new Map<string, Node>() : undefined };
        if (!known) children.set(folded(name), node);
        if (node.children) children = node.children;
      }
      return undefined;
    },
  };
}
