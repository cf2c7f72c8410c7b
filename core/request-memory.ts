/** Blocks have the sizes of powers of two. What is smaller is no burden, what is larger too rare to be kept. */
const SMALLEST = 2 ** 9;
const LARGEST = 2 ** 24;
/** Bytes that wait to be used again, of all requests of a thread. */
const MOST_SPARE = 32 * 2 ** 20;

const classOf = (bytes: number): number => 32 - Math.clz32(bytes - 1);

const spare: Buffer[][] = [];
let spared = 0;

/**
 * Memory for what comes with one request and for the tensors made of it, used again by later ones. Buffers that are made
 * for every request are a burden far beyond their making: V8 takes their bytes for memory that its heap holds, and goes
 * through all of it again and again, which for requests of some hundred kilobytes takes as long as all else.
 */
export class RequestMemory {
  #blocks: Buffer[] | undefined = undefined;

  /** So many bytes of any content, from a place that suits every element type. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST || bytes > LARGEST) return Buffer.allocUnsafe(bytes);
    return this.takeSpare(bytes) ?? this.#keep(Buffer.allocUnsafeSlow(2 ** classOf(bytes)), bytes);
  }

  /** The same of memory that is there anyway; undefined where there is none. */
  takeSpare(bytes: number): Buffer | undefined {
    const block = spare[classOf(bytes)]?.pop();
    if (block === undefined) return undefined;
    spared -= block.length;
    return this.#keep(block, bytes);
  }

  /**
   * Nobody looks at what was taken any more. It need not be called: what is not given back is collected as other memory
   * is. So where there is any doubt, it must not be.
   */
  giveBack(): void {
    const blocks = this.#blocks;
    if (blocks === undefined) return;
    this.#blocks = undefined;
    for (const block of blocks) {
      if (spared + block.length > MOST_SPARE) continue;
      spared += block.length;
      const size = classOf(block.length);
      spare[size] ??= [];
      spare[size].push(block);
    }
  }

  #keep(block: Buffer, bytes: number): Buffer {
    this.#blocks ??= [];
    this.#blocks.push(block);
    return block.subarray(0, bytes);
  }
}
