/** Those of `names` that `options` do not give. */
export function absent<O extends object>(options: O, ...names: (keyof O & string)[]): string[] {
  return names.filter((name) => options[name] === undefined);
}
