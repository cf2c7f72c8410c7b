const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/**
 * The version that a file name means, as in TensorFlow Serving: the whole name is a decimal int64, leading zeros and a
 * minus sign allowed.
 */
export function parseVersion(name: string): bigint | undefined {
  if (!/^-?[0-9]+$/.test(name)) return undefined;
  const version = BigInt(name);
  return version >= int64.min && version <= int64.max ? version : undefined;
}
