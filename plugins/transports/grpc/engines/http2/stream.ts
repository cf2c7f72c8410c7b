import { LazyCaller, RequestMemory } from "../../../../../core/index.js";
import type { Method, StreamCall, StreamListener, UnaryCall } from "../../engine.js";
import { abortReason, type Status } from "../../status.js";
import type { Head } from "./head.js";
import type { PartialMessage } from "./partial-message.js";

/** What a stream asks of its connection. */
export interface StreamOwner {
  respond(stream: Stream, message: Buffer): void;
  send(stream: Stream, message: Buffer): void;
  end(stream: Stream, status: Status): void;
}

const empty = Buffer.alloc(0);

/**
 * One HTTP/2 stream, which is one call. A class, because each call makes one and nothing else: its methods cost no
 * closures. What is not private to the handler's side belongs to the connection.
 */
export class Stream extends LazyCaller implements UnaryCall, StreamCall {
  request: Buffer = empty;
  readonly memory = new RequestMemory();
  deadline = Number.POSITIVE_INFINITY;
  listener: StreamListener | undefined = undefined;
  /** Whether the handler's part is over: it has answered, or is no longer waited for. */
  over = false;
  /** Whether all has been sent, or the stream was reset. */
  closed = false;

  /** Whether the client has ended its side. */
  halfClosed = false;
  /** Messages that have begun. */
  messages = 0;
  partial: PartialMessage | undefined = undefined;
  /** What waits for a message before it to be decompressed; undefined when nothing is. */
  waiting: (() => void)[] | undefined = undefined;
  /** What the client is to be told once it has ended its side: its headers were enough to refuse it. */
  refusal: (() => void) | undefined = undefined;
  /** Bytes of DATA without padding. */
  received = 0;
  /** Bytes that the connection holds for it. */
  held = 0;

  headersSent = false;
  queue: Buffer[] | undefined = undefined;
  /** Bytes of the queue's first that are sent. */
  sent = 0;
  queued = 0;
  /** What is to be said when the queue is empty. */
  status: Status | undefined = undefined;

  constructor(
    readonly id: number,
    readonly owner: StreamOwner,
    readonly method: Method | undefined,
    readonly head: Head,
    public receiveWindow: number,
    public sendWindow: number,
  ) {
    super();
  }

  metadata(name: string): string | undefined {
    return this.head.metadata?.find((field) => field.name === name)?.value;
  }

  succeed(response: Buffer): void {
    if (this.over) return;
    this.over = true;
    this.owner.respond(this, response);
  }

  fail(status: Status): void {
    this.end(status);
  }

  send(message: Buffer): void {
    if (!this.over) this.owner.send(this, message);
  }

  end(status: Status): void {
    if (this.over) return;
    this.over = true;
    this.owner.end(this, status);
  }

  /** Tells the handler that nobody waits for its answer any more. */
  abandon(): void {
    if (this.over) return;
    this.over = true;
    this.leave(() => abortReason(this.deadline));
  }
}
