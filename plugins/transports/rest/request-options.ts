import { LazyCaller, type Priority, type RequestOptions, ServingError } from "../../../core/index.js";
import type { Exchange } from "./engine.js";
import type { Timeouts, Waiting } from "./timeouts.js";

export type AskedParts = {
  readonly timeouts: Timeouts;
  /** What `timeouts` wait for, in milliseconds. */
  readonly timeout: number;
  readonly deadline: number;
  readonly priority: Priority | undefined;
};

/**
 * What a request says beside its body. Its caller goes with a ServingError: DEADLINE_EXCEEDED when its time is over,
 * CANCELLED when the client has left.
 */
export class Asked extends LazyCaller implements RequestOptions {
  readonly deadline: number;
  readonly priority: Priority | undefined;
  #waiting: Waiting | undefined = undefined;

  constructor(
    readonly exchange: Exchange,
    readonly parts: AskedParts,
  ) {
    super();
    this.deadline = parts.deadline;
    this.priority = parts.priority;
  }

  override get aborted(): boolean {
    return super.aborted || this.exchange.left;
  }

  /** The request is answered: it is over, and its caller goes no more. */
  end(): void {
    this.exchange.onLeft = undefined;
    if (this.#waiting !== undefined) this.parts.timeouts.remove(this.#waiting);
  }

  protected override watch(): void {
    const { exchange, parts } = this;
    const left = () => this.leave(() => new ServingError("CANCELLED", "the client left before it was answered"));
    const late = () =>
      this.leave(
        () => new ServingError("DEADLINE_EXCEEDED", `the request took longer than its timeout of ${parts.timeout} ms`),
      );
    if (exchange.left) left();
    exchange.onLeft = left;
    this.#waiting = parts.timeouts.add(late);
  }
}
