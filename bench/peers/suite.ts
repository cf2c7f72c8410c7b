import { MEASURED_HEADER, type Measured, measuredCells } from "../harness/duel.js";
import type { Run, Suite } from "../harness/suite.js";
import { table } from "../harness/table.js";
import { BATCHED, type Cell, cellTitle, FLOOR, measureCell } from "./cell.js";
import { allPeers, type Field, openField, SALVER, SALVER_TENSORFLOW, skippedText } from "./field.js";

const HEADER = ["server", ...MEASURED_HEADER, "against Salver"];

function cellsOf(field: Field, full: boolean): readonly Cell[] {
  const own = [...field.services.keys()].filter((name) => name.startsWith(SALVER) && name !== SALVER_TENSORFLOW);
  const peersBy = (protocol: Cell["protocol"]) =>
    allPeers.filter((peer) => peer.protocol === protocol).map(({ name }) => name);
  const grpc = [...own, SALVER_TENSORFLOW, ...peersBy("grpc"), FLOOR];
  const rest = [SALVER, ...peersBy("rest"), FLOOR];
  const cell = (protocol: Cell["protocol"], network: string, rows: number, callers: number): Cell => {
    const batching = protocol === "grpc" && rows === 1 && callers > 1 && network !== "image";
    return {
      protocol,
      network,
      rows,
      callers,
      sides: [...(protocol === "grpc" ? grpc : rest), ...(batching ? [BATCHED] : [])],
    };
  };
  const cells = [
    cell("grpc", "half_plus_two", 1, 16),
    cell("grpc", "mnist", 1, 16),
    cell("grpc", "mnist", 32, 8),
    cell("grpc", "deepfm", 500, 8),
    cell("grpc", "image", 1, 8),
    cell("rest", "half_plus_two", 1, 16),
    cell("rest", "mnist", 1, 16),
    cell("rest", "mnist", 256, 4),
  ];
  const more = [
    cell("grpc", "half_plus_two", 1, 64),
    cell("grpc", "mnist", 1, 1),
    cell("grpc", "mnist", 1, 64),
    cell("grpc", "mnist", 256, 8),
    cell("grpc", "deepfm", 1, 16),
    cell("grpc", "deepfm", 200, 8),
    cell("grpc", "deepfm", 1000, 8),
    cell("rest", "half_plus_two", 1, 64),
    cell("rest", "mnist", 32, 8),
    cell("rest", "deepfm", 500, 8),
    cell("rest", "image", 1, 4),
  ];
  return full ? [...cells, ...more] : cells;
}

function section(cell: Cell, measured: readonly Measured[]): string {
  const own = measured.find(({ name }) => name === SALVER);
  const against = ({ perSecond }: Measured) => (own ? `${(perSecond.median / own.perSecond.median).toFixed(2)}x` : "–");
  const rows = measured.map((each) => [each.name, ...measuredCells(each), against(each)]);
  return `## ${cellTitle(cell)}\n\n${table(HEADER, rows)}`;
}

export const peers: Suite = {
  name: "peers",
  question: "How does Salver compare with other ways to serve the same networks on the same engines?",
  async run({ full, pace, progress }: Run) {
    const field = await openField({ peers: allPeers, everyEngine: true, progress });
    try {
      const sections: string[] = [];
      const data: Record<string, readonly Measured[]> = {};
      for (const cell of cellsOf(field, full)) {
        progress(cellTitle(cell));
        const measured = await measureCell(field, cell, pace);
        sections.push(section(cell, measured));
        data[cellTitle(cell)] = measured;
      }
      const markdown = [skippedText(field), ...sections].filter((text) => text !== "").join("\n\n");
      return { markdown, charts: {}, data: { cells: data, skipped: Object.fromEntries(field.skipped) } };
    } finally {
      await field[Symbol.asyncDispose]();
    }
  },
};
