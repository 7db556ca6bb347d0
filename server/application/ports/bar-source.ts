/** A text of bars, which may be larger than the memory: it is read from its start as often as needed. */
export interface BarSource {
  /** Name of the file, or of the one in an archive. */
  readonly name: string;
  /** How it is decoded, in plain words; nothing for plain UTF-8. */
  readonly understood: readonly string[];
  /** Bytes on disk. */
  readonly bytes: number;
  /**
   * The text, piece by piece.
   * @param progress called with the bytes that were read so far
   * @throws BarFileError when it is no text, NodeJS.ErrnoException when it cannot be read
   */
  read(progress?: (bytes: number) => void): AsyncIterable<string>;
}
