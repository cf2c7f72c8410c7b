const MOST = 100;
const LONGEST = 128;
export const OTHER = "other";

/**
 * Model names as label values. Clients can ask for any name: of those that no model has, the first hundred are told
 * apart, and the rest, and what is too long for a name, is "other".
 */
export function modelNames() {
  const known = new Set([""]);
  const strangers = new Set<string>();
  return {
    know: (name: string): void => {
      known.add(name);
      strangers.delete(name);
    },
    labelOf: (name: string): string => {
      if (known.has(name) || strangers.has(name)) return name;
      if (strangers.size >= MOST || name.length > LONGEST) return OTHER;
      strangers.add(name);
      return name;
    },
  };
}
