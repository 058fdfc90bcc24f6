/** One sentence as plain text, which git shows behind `remote:`. */
export function plain(status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${sentence}\n`, { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' } });
}

const RETRY_AFTER_SECONDS = 5;

/** The same for what a later try may get. */
export function unavailable(sentence: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Response {
  return plain(503, sentence, { 'retry-after': String(retryAfterSeconds) });
}
