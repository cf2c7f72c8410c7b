import type Sharp from "sharp";
import { z } from "zod";
import { messageOf } from "../../../../core/index.js";
import { bytesOf } from "../column.js";
import { oneText } from "./expect.js";
import { defineOp, RowError, refuse } from "./op.js";
import { perFeature, spread } from "./values.js";

const side = () => z.int().min(1).max(8192);
const fits = { stretch: "fill", crop: "cover", pad: "contain" } as const;
const kernels = { nearest: "nearest", bilinear: "linear", bicubic: "cubic", lanczos: "lanczos3" } as const;

const options = z.strictObject({
  size: z.tuple([side(), side()]).describe("Height and width that every image gets."),
  fit: z
    .enum(["stretch", "crop", "pad"])
    .default("stretch")
    .describe("For other proportions: stretched, cut at the centre, or set on black."),
  resample: z
    .enum(["nearest", "bilinear", "bicubic", "lanczos"])
    .default("bilinear")
    .describe(
      "How pixels are weighed; when images get smaller over all that a pixel covers, as antialias=True in TensorFlow.",
    ),
  channels: z
    .enum(["rgb", "gray"])
    .default("rgb")
    .describe("Gray is 0.2989 R + 0.587 G + 0.114 B; transparency is dropped."),
  layout: z.enum(["nhwc", "nchw"]).default("nhwc").describe("Whether the channels of a pixel lie together."),
  scale: z.number().default(1).describe("What values of 0 to 255 are multiplied by, e.g. 0.00392156862745098."),
  mean: perFeature().default(0).describe("Taken off after scale; one for all channels or one each."),
  std: perFeature().default(1).describe("Divided by after mean; one for all channels or one each."),
  maxPixels: z
    .int()
    .min(1)
    .default(2 ** 26)
    .describe("The most pixels that an image sent may have."),
});
type ImageOptions = z.infer<typeof options>;

async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    return refuse(`images need the package sharp: npm install sharp (${messageOf(error).split("\n")[0]})`, "op");
  }
}

/** Red, green and blue of each pixel; decoded and resized on libvips's threads. */
async function decode(sharp: typeof Sharp, bytes: Uint8Array, { size, fit, resample, maxPixels }: ImageOptions) {
  const [height, width] = size;
  const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", pages: 1 })
    .removeAlpha()
    .toColourspace("srgb")
    .resize(width, height, { fit: fits[fit], kernel: kernels[resample], fastShrinkOnLoad: false, background: "#000" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, channels: info.channels };
}

type Target = { readonly values: Float32Array; readonly at: number };

/** Bytes as numbers, each channel with its own mean and std. */
function writerOf({ channels, layout, scale, mean, std, size }: ImageOptions) {
  const depth = channels === "gray" ? 1 : 3;
  const area = size[0] * size[1];
  const [means, stds] = [spread(mean, depth, "mean"), spread(std, depth, "std")];
  if (stds.includes(0)) refuse("expected numbers other than 0", "std");
  const [step, apart] = layout === "nhwc" ? [depth, 1] : [1, area];
  return (pixels: Uint8Array, given: number, { values, at }: Target) => {
    const [green, blue] = given >= 3 ? [1, 2] : [0, 0];
    for (let i = 0, from = 0, to = at; i < area; i++, from += given, to += step) {
      const [r, g, b] = [pixels[from]!, pixels[from + green]!, pixels[from + blue]!];
      if (depth === 1) {
        values[to] = ((0.2989 * r + 0.587 * g + 0.114 * b) * scale - means[0]!) / stds[0]!;
      } else {
        values[to] = (r * scale - means[0]!) / stds[0]!;
        values[to + apart] = (g * scale - means[1]!) / stds[1]!;
        values[to + 2 * apart] = (b * scale - means[2]!) / stds[2]!;
      }
    }
  };
}

export const imageOp = defineOp({
  name: "image",
  about: "Pixels of JPEG, PNG, WebP, GIF, TIFF or AVIF files, resized and normalized: (value * scale - mean) / std.",
  takes: "strings (the bytes of a file), one a row",
  gives: "float32 [n, height, width, channels]",
  options,
  open: async (inputs, chosen) => {
    oneText(inputs);
    const sharp = await loadSharp();
    const write = writerOf(chosen);
    const depth = chosen.channels === "gray" ? 1 : 3;
    const row = chosen.layout === "nhwc" ? [...chosen.size, depth] : [depth, ...chosen.size];
    const width = chosen.size[0] * chosen.size[1] * depth;
    return {
      types: [{ dtype: "float32", row }],
      waits: true,
      run: async ([column], rows, { pace }) => {
        const decoded = await Promise.allSettled(bytesOf(column).map((bytes) => decode(sharp, bytes, chosen)));
        const values = new Float32Array(rows * width);
        for (const [i, result] of decoded.entries()) {
          if (result.status === "rejected") {
            throw new RowError(i, `no image that can be read: ${messageOf(result.reason)}`, { cause: result.reason });
          }
          const { pixels, channels } = result.value;
          await pace(() => write(pixels, channels, { values, at: i * width }));
        }
        return [{ dtype: "float32", row, values }];
      },
    };
  },
});
