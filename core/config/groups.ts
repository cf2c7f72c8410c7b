import { isDeepStrictEqual } from "node:util";
import type { ConfigProblem } from "./config-error.js";
import { hint } from "./did-you-mean.js";
import type { ResolvedModel } from "./resolve.js";

/** What the models of a group must have in common, as a config calls it. */
const common = {
  versions: ({ versions }: ResolvedModel) =>
    versions.kind === "specific" ? [...versions.versions].sort().map(String) : versions,
  policy: ({ policy }: ResolvedModel) => [policy.factory.type, policy.options],
  labels: ({ labels }: ResolvedModel) => Object.fromEntries(labels),
} as const;

/** What is wrong with the groups: one that has a single model, or models that would not go live together. */
export function checkGroups(models: readonly ResolvedModel[]): readonly ConfigProblem[] {
  const groups = new Map<string, ResolvedModel[]>();
  for (const model of models) {
    if (model.group !== undefined) groups.set(model.group, [...(groups.get(model.group) ?? []), model]);
  }
  return [...groups].flatMap(([group, members]) => {
    const [first, ...others] = members as [ResolvedModel, ...ResolvedModel[]];
    if (others.length === 0) {
      const names = [...groups.keys()].filter((name) => name !== group);
      const path = ["models", first.name, "group"];
      return [
        { path, message: `the group "${group}" has no other model${names.length > 0 ? hint(group, names) : ""}` },
      ];
    }
    return others.flatMap((model) =>
      Object.entries(common).flatMap(([key, of]): ConfigProblem[] => {
        if (isDeepStrictEqual(of(model), of(first))) return [];
        const message = `differs from that of ${first.name}: models of the group "${group}" have the same ${key}`;
        return [{ path: ["models", model.name, key], message }];
      }),
    );
  });
}
