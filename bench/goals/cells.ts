import type { Figure, Measured } from "../harness/duel.js";
import { BATCHED, type Cell } from "../peers/cell.js";
import { cppOnnxruntime, cppTensorflow } from "../peers/cpp.js";
import { fastifyOnnxruntime } from "../peers/fastify.js";
import { SALVER, SALVER_TENSORFLOW } from "../peers/field.js";
import { fastapiOnnxruntime } from "../peers/python.js";
import type { Line } from "./line.js";

/** What a cell has to show: our figure over theirs. */
type Claim = {
  readonly text: string;
  readonly figure: Figure;
  readonly ours: string;
  readonly theirs: string;
  readonly must: number;
  readonly aim: number;
};
export type GoalCell = Cell & { readonly claims: readonly Claim[] };

type Marks = { readonly must: number; readonly aim: number };
const P99: Marks = { must: 1.2, aim: 0.8 };
const SPEED: Marks = { must: 0.85, aim: 0.95 };
const CPU: Marks = { must: 1.15, aim: 1.05 };

/** Against a C++ server, in requests a second and, where given, p99 and CPU a call. */
function grpc(
  [network, rows, callers]: readonly [string, number, number],
  { perSecond, p99, cpu }: { readonly perSecond: Marks; readonly p99?: Marks; readonly cpu?: Marks },
  [ours, theirs] = [SALVER, cppOnnxruntime.name],
): GoalCell {
  const text = `gRPC ${network} b${rows}, ${callers} in flight, ${ours} against ${theirs}`;
  const marks = { perSecond, p99, cpu };
  const claims = (["perSecond", "p99", "cpu"] as const).flatMap((figure) => {
    const mark = marks[figure];
    return mark ? [{ text: `${text}: ${titles[figure]}`, figure, ours, theirs, ...mark }] : [];
  });
  return { network, rows, callers, protocol: "grpc", sides: [ours, theirs], claims };
}

const titles: Readonly<Record<Figure, string>> = {
  perSecond: "requests/s",
  p50: "p50",
  p99: "p99",
  cpu: "CPU a call",
};

function rest(network: string, rows: number, callers: number, fastify: Marks, fastapi: Marks): GoalCell {
  const peers = [
    { peer: fastifyOnnxruntime, marks: fastify },
    { peer: fastapiOnnxruntime, marks: fastapi },
  ];
  const claims = peers.map(({ peer, marks }) => ({
    text: `REST ${network} b${rows}, ${callers} in flight, against ${peer.name}: requests/s`,
    figure: "perSecond" as const,
    ours: SALVER,
    theirs: peer.name,
    ...marks,
  }));
  const sides = [SALVER, ...peers.map(({ peer }) => peer.name)];
  return { network, rows, callers, protocol: "rest", sides, claims };
}

const heavy = { perSecond: SPEED, cpu: CPU };

export const goalCells: readonly GoalCell[] = [
  grpc(["half_plus_two", 1, 16], { perSecond: { must: 0.8, aim: 1.2 }, p99: P99 }),
  grpc(["half_plus_two", 1, 64], { perSecond: { must: 0.8, aim: 1.2 } }),
  grpc(["mnist", 1, 16], { perSecond: { must: 0.8, aim: 1.0 }, p99: P99 }),
  grpc(["mnist", 1, 16], { perSecond: { must: 0.95, aim: 1.1 }, p99: P99 }, [SALVER_TENSORFLOW, cppTensorflow.name]),
  grpc(["mnist", 1, 64], { perSecond: { must: 2, aim: 3.5 } }, [BATCHED, cppTensorflow.name]),
  grpc(["mnist", 32, 8], heavy),
  grpc(["deepfm", 200, 8], heavy),
  grpc(["deepfm", 500, 8], heavy),
  grpc(["deepfm", 1000, 8], heavy),
  grpc(["image", 1, 8], heavy),
  rest("half_plus_two", 1, 16, { must: 1.2, aim: 1.8 }, { must: 3.5, aim: 6 }),
  rest("mnist", 1, 16, { must: 2, aim: 4 }, { must: 2, aim: 4 }),
  rest("mnist", 256, 4, { must: 3, aim: 6 }, { must: 5, aim: 10 }),
];

/** The lines that a cell's figures give. */
export function linesOf({ claims }: GoalCell, measured: readonly Measured[]): readonly Line[] {
  return claims.map(({ figure, ours, theirs, ...claim }) => {
    const of = (name: string) => measured.find((each) => each.name === name)?.[figure].median;
    const [our, their] = [of(ours), of(theirs)];
    const absent = [our === undefined ? ours : "", their === undefined ? theirs : ""].filter((name) => name !== "");
    return {
      ...claim,
      unit: "x",
      less: figure !== "perSecond",
      measured: our === undefined || their === undefined ? undefined : our / their,
      ...(absent.length > 0 && { why: `without ${absent.join(" and ")}` }),
    };
  });
}
