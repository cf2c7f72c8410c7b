import { type Node, placeOf } from "../graph/node.js";

/** An operator that stands in the way of lowering. */
export type Obstacle = {
  readonly op: string;
  /** The node's name and the function it stands in. */
  readonly place: string;
  /** Why the operator's rule refused; absent when there is no rule. */
  readonly reason?: string;
};

/** Thrown by a rule that cannot carry its node over exactly. */
export class Refusal extends Error {}

export const obstacleAt = (node: Node, reason?: string): Obstacle => ({
  op: node.op,
  place: placeOf(node),
  ...(reason === undefined ? {} : { reason }),
});

export const formatObstacle = ({ op, place, reason }: Obstacle): string =>
  `${op} at ${place}${reason === undefined ? "" : `: ${reason}`}`;
