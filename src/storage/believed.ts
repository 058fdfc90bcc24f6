/** How long a row is believed, in milliseconds: half of the second within which what another gateway changed takes effect everywhere. */
const BELIEVED_MS = 500;

/** Rows that are remembered at once; beyond, all are forgotten. */
const MAX_ROWS = 10_000;

interface Belief<Row> {
  readonly row: Promise<Row | null>;
  readonly until: number;
}

/**
 * Rows that nearly every request asks for and that hardly ever change. A row that was found is believed for half a second; what
 * was not found is asked for again, so that what is new works at once. Those who ask at once share one statement.
 *
 * Half a second counts from *before* the asking. Whoever changes a row on this gateway drops it once that is committed, also
 * while it is being read: what was asked for before the drop is not remembered after it.
 */
export class Believed<Row> {
  readonly #read: (name: string) => Promise<Row | null>;
  readonly #beliefs = new Map<string, Belief<Row>>();

  /** `read` asks the database; it rejects as that does, and a failure is not remembered. */
  constructor(read: (name: string) => Promise<Row | null>) {
    this.#read = read;
  }

  find(name: string): Promise<Row | null> {
    const now = performance.now();
    const known = this.#beliefs.get(name);
    if (known !== undefined && known.until > now) return known.row;
    if (this.#beliefs.size >= MAX_ROWS) this.#beliefs.clear();
    const belief = { row: this.#read(name), until: now + BELIEVED_MS };
    this.#beliefs.set(name, belief);
    void this.#disbelieveUnlessFound(name, belief);
    return belief.row;
  }

  /** Asks anew for this name from now on. */
  drop(name: string): void {
    this.#beliefs.delete(name);
  }

  /** Asks anew for every name. */
  clear(): void {
    this.#beliefs.clear();
  }

  async #disbelieveUnlessFound(name: string, belief: Belief<Row>): Promise<void> {
    const row = await belief.row.catch(() => null);
    if (row === null && this.#beliefs.get(name) === belief) this.#beliefs.delete(name);
  }
}
