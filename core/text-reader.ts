export type RemoteText = {
  readonly text: string;
  /** What marks this very text, where the place says so; given to the next `read`, an unchanged text need not come again. */
  readonly etag?: string | undefined;
};

/** Reads texts, such as configs, from places that URLs name. A plugin brings it. */
export interface TextReader {
  /** Of the URLs that it reads, without the colon, e.g. `s3`. */
  readonly schemes: readonly string[];
  /**
   * `undefined` when the place still has the text that `etag` marks. Must end by itself, within a minute or so.
   * @throws ServingError; its message says what was read, from where, and what to do, and holds no secret of the URL
   */
  read(url: URL, etag: string | undefined, signal: AbortSignal): Promise<RemoteText | undefined>;
}
