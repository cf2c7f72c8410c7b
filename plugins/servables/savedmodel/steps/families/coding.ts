import { invalidArgument, layouts, type NumericDType, type Tensor, viewBytes } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { stringOp, stringsOf } from "../strings.js";
import { blank } from "../tensors.js";

export const encodeBase64Op = stringOp<{ readonly pad: boolean }>("EncodeBase64", ({ pad }) => (item) => {
  const text = Buffer.from(item.buffer, item.byteOffset, item.length).toString("base64url");
  return Buffer.from(pad ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text, "latin1");
});

/** Base64 as it stands in web addresses, with or without its padding. */
export const decodeBase64Op = stringOp<Record<string, never>>("DecodeBase64", () => (item) => {
  const text = Buffer.from(item).toString("latin1");
  const bare = text.replace(/={1,2}$/, "");
  if (bare.length % 4 === 1) throw invalidArgument("Base64 string length cannot be 1 modulo 4.");
  const padded = bare.length !== text.length;
  if (!/^[\w-]*$/.test(bare) || (padded && text.length % 4 !== 0))
    throw invalidArgument("Invalid character found in base64.");
  return new Uint8Array(Buffer.from(bare, "base64url"));
});

/** DecodeRaw of little-endian elements. All strings are of one length, which becomes a further dimension. */
export const decodeRawOp: HostOp<{ readonly dtype: NumericDType }> = {
  name: "DecodeRaw",
  open: ({ dtype }) => {
    const { bytes: size } = layouts[dtype];
    return ([given], pace): Promise<Tensor[]> | Tensor[] => {
      const strings = stringsOf(given);
      const length = strings[0]?.length ?? 0;
      const odd = strings.findIndex((item) => item.length !== length);
      if (odd >= 0) {
        throw invalidArgument(
          `DecodeRaw requires input strings to all be the same size, but element ${odd} has size ${length} != ${strings[odd]!.length}`,
        );
      }
      if (length % size !== 0) {
        throw invalidArgument(
          `Input to DecodeRaw has length ${length} that is not a multiple of ${size}, the size of ${dtype}`,
        );
      }
      const { tensor: bytes } = blank("uint8", [strings.length * length]);
      const target = bytes.data as Uint8Array;
      const result = () => [
        { dtype, shape: [...given!.shape, length / size], data: viewBytes(dtype, target) } as Tensor,
      ];
      const done = pace.each(strings.length, (i) => target.set(strings[i]!, i * length));
      return done ? done.then(result) : result();
    };
  },
};
