/** Which of the versions that a source has seen should live. */
export type VersionChoice =
  | { readonly kind: "latest"; readonly count: number }
  | { readonly kind: "all" }
  | { readonly kind: "specific"; readonly versions: readonly bigint[] };

/** The chosen versions, highest first, each once. Versions asked for but not seen are left out. */
export function chooseVersions(choice: VersionChoice, seen: readonly bigint[]): readonly bigint[] {
  const sorted = [...new Set(seen)].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  if (choice.kind === "all") return sorted;
  if (choice.kind === "latest") return sorted.slice(0, choice.count);
  return sorted.filter((version) => choice.versions.includes(version));
}
