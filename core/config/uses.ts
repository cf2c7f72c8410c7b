import type { ModelUse } from "../plugin.js";
import type { ConfigPath, ConfigProblem } from "./config-error.js";
import { hint } from "./did-you-mean.js";
import type { ResolvedModel } from "./resolve.js";

type Use = ModelUse & { readonly path: ConfigPath };

function usesOf({ servable }: ResolvedModel): readonly Use[] {
  if (!servable) return [];
  const uses = servable.factory.uses?.(servable.options) ?? [];
  return uses.map((use) => ({ ...use, path: [...servable.path, ...use.at] }));
}

/**
 * What is wrong with how models call each other: models and labels that there are not, models that call themselves, and
 * versions of one group that would not go together.
 */
export function checkUses(models: readonly ResolvedModel[]): readonly ConfigProblem[] {
  const known = new Map(models.map((model) => [model.name, model]));
  const uses = new Map(models.map((model) => [model.name, usesOf(model)]));
  return models.flatMap(({ name }) => {
    const own = uses.get(name) ?? [];
    return [...own.flatMap((use) => checkUse(use, known)), ...cycleFrom(name, uses), ...checkMixed(own, known)];
  });
}

function checkUse({ model, label, path }: Use, known: ReadonlyMap<string, ResolvedModel>): readonly ConfigProblem[] {
  const used = known.get(model);
  if (!used)
    return [{ path: [...path, "model"], message: `no model is called "${model}"${hint(model, [...known.keys()])}` }];
  if (label === undefined || used.labels.has(label)) return [];
  const labels = [...used.labels.keys()];
  return [{ path: [...path, "label"], message: `the model ${model} has no label "${label}"${hint(label, labels)}` }];
}

/** The first way on which a model comes back to itself. */
function cycleFrom(name: string, uses: ReadonlyMap<string, readonly Use[]>): readonly ConfigProblem[] {
  const seen = new Set<string>();
  const wayBack = (from: string, way: readonly string[]): readonly string[] | undefined => {
    if (from === name) return [...way, from];
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const { model } of uses.get(from) ?? []) {
      const found = wayBack(model, [...way, from]);
      if (found) return found;
    }
    return undefined;
  };
  for (const { model, path } of uses.get(name) ?? []) {
    const way = wayBack(model, [name]);
    if (way) return [{ path: [...path, "model"], message: `the model calls itself: ${way.join(" -> ")}` }];
  }
  return [];
}

const which = ({ version, label }: ModelUse) =>
  version !== undefined ? `version ${version}` : label !== undefined ? `label ${label}` : "the latest version";

function checkMixed(uses: readonly Use[], known: ReadonlyMap<string, ResolvedModel>): readonly ConfigProblem[] {
  const first = new Map<string, Use>();
  return uses.flatMap((use) => {
    const group = known.get(use.model)?.group;
    if (group === undefined) return [];
    const other = first.get(group);
    if (!other) first.set(group, use);
    if (!other || which(other) === which(use)) return [];
    const message =
      `asks for ${which(use)} of ${use.model}, and for ${which(other)} of ${other.model}: ` +
      `models of the group "${group}" go together`;
    return [{ path: use.path, message, atKey: true }];
  });
}
