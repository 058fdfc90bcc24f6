/** A mirror's row as it is set. */
export interface NewMirror {
  readonly repoId: number;
  readonly url: string;
  /** Sealed; null for none. */
  readonly credentials: Buffer | null;
  readonly createdBy: string;
}

/** A mirror that a gateway has taken to push it. */
export interface TakenMirror {
  readonly repoId: number;
  /** Names this push: another one of the same gateway has another. */
  readonly lease: string;
  readonly url: string;
  readonly credentials: Buffer | null;
  /** How far the log of the repository went when it was taken: references that are read from now on have all of that. */
  readonly reached: number;
  /** How often it had been wished by then that everything be pushed. */
  readonly wanted: number;
  /** Of the references that were pushed last; null where they are to be pushed whatever they are. */
  readonly refsHash: string | null;
  readonly attempts: number;
}

/** Which push of which mirror. */
export type MirrorLease = Pick<TakenMirror, 'repoId' | 'lease'>;

/** What those who push mirrors ask of the store. What is asked for a push that no longer holds its mirror changes nothing and answers false. */
export interface MirrorStore {
  /** Takes mirrors that are behind and due and that nobody holds, but for those of `except`, `count` at most, for `leaseMs`. */
  take(leaseMs: number, count: number, except: readonly number[]): Promise<readonly TakenMirror[]>;
  /** Holds one for `leaseMs` more. false: it was set anew or removed, or another push has it by now. */
  keep(taken: MirrorLease, leaseMs: number): Promise<boolean>;
  /** Lets go of one that has everything up to where it was taken, unless it is wished meanwhile that all be pushed; `pushed` false where there was nothing to push. */
  settle(taken: TakenMirror, done: { readonly refsHash: string; readonly pushed: boolean }): Promise<boolean>;
  /** Lets go of one whose push failed, until `retryMs` from now or a wish that came meanwhile. */
  fail(taken: TakenMirror, why: { readonly error: string; readonly retryMs: number }): Promise<boolean>;
  /** Lets go of one without counting a failure, until `retryMs` from now: whoever has room then begins anew. */
  release(taken: TakenMirror, retryMs: number): Promise<boolean>;
  /** Has everything pushed again: a push that had lost its mirror may have come after the one that has it. */
  again(repoId: number): Promise<void>;
}

/** The host of a mirror, or what leads to it, did not take a push. `sentence` is for whoever set the mirror, and holds no secret. */
export class MirrorRefused extends Error {
  override readonly name = 'MirrorRefused';
  constructor(readonly sentence: string, options?: ErrorOptions) {
    super(sentence, options);
  }
}
