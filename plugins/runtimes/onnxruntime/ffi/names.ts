/** Lists of names that are remembered: a model is mostly asked for the same outputs of the same inputs. */
const KEPT = 8;

type Known = { readonly names: readonly string[]; readonly addresses: BigUint64Array };

/** Whether two lists have the same items. */
export function alike(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The addresses of names, which nobody changes, in arrays of at least one item. */
export function rememberAddresses(addressOf: (name: string) => bigint): (names: readonly string[]) => BigUint64Array {
  const known: Known[] = [];
  return (names) => {
    for (const each of known) if (alike(each.names, names)) return each.addresses;
    const addresses = new BigUint64Array(names.length || 1);
    for (let i = 0; i < names.length; i++) addresses[i] = addressOf(names[i]!);
    known.push({ names: [...names], addresses });
    if (known.length > KEPT) known.shift();
    return addresses;
  };
}
