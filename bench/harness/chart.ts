/** A line of a chart: its name, and its points in the order of x. */
export type Line = { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] };

export type Chart = {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
};

const [WIDTH, HEIGHT] = [720, 400];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 170, 40, 50];
// Okabe and Ito's colours, which colour-blind readers can tell apart.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** As SVG, readable on white and on dark pages. x is written as steps of equal width, y from zero. */
export function chart({ title, x, y, lines }: Chart): string {
  const steps = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const top = ceiling(Math.max(...lines.flatMap(({ points }) => points.map(([, value]) => value))));
  const [width, height] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];
  const px = (at: number) => LEFT + (width * steps.indexOf(at)) / Math.max(1, steps.length - 1);
  const py = (value: number) => TOP + height * (1 - value / top);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => share * top);
  const parts = [
    ...grid.map((value) => `<path d="M${LEFT} ${py(value)}h${width}" stroke="#ddd"/>`),
    ...grid.map((value) => text(LEFT - 8, py(value) + 4, tick(value), "end")),
    ...steps.map((at) => text(px(at), HEIGHT - BOTTOM + 18, String(at), "middle")),
    text(LEFT + width / 2, HEIGHT - 12, x, "middle"),
    text(LEFT, TOP - 10, y, "start"),
    text(WIDTH / 2, 18, title, "middle", 15),
    ...lines.flatMap((line, i) => drawn(line, COLOURS[i % COLOURS.length]!, i)),
  ];
  function drawn({ name, points }: Line, colour: string, i: number): readonly string[] {
    const path = points.map(([at, value], n) => `${n === 0 ? "M" : "L"}${px(at).toFixed(1)} ${py(value).toFixed(1)}`);
    const [lx, ly] = [WIDTH - RIGHT + 16, TOP + 10 + i * 20];
    return [
      `<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(
        ([at, value]) => `<circle cx="${px(at).toFixed(1)}" cy="${py(value).toFixed(1)}" r="3" fill="${colour}"/>`,
      ),
      `<path d="M${lx} ${ly}h18" stroke="${colour}" stroke-width="2"/>`,
      text(lx + 24, ly + 4, name, "start"),
    ];
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif"><rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>\n`;
}

function text(x: number, y: number, content: string, anchor: string, size = 12): string {
  const escaped = content.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="#222">${escaped}</text>`;
}

/** The next number of one digit and zeros, or two and a half of them. */
function ceiling(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 2.5, 4, 5, 8, 10].find((step) => step * unit >= value) ?? 10) * unit;
}

const tick = (value: number) => (value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(3))));
