/** One frame of a stream of server-sent events: its fields by name. */
export type Frame = Readonly<Record<string, string>>;

/** The frames of a response as they arrive, comments left out, until it ends or `until` aborts. Rejects when the connection breaks. */
export async function* framesOf(response: Response, until: AbortSignal): AsyncGenerator<Frame> {
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  until.addEventListener('abort', () => void reader?.cancel().catch(() => undefined));
  for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read()) {
    text += decoder.decode(chunk.value, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n').filter((line) => !line.startsWith(':')).map((line) => line.split(/: ?(.*)/su).slice(0, 2));
      text = text.slice(end + 2);
      if (fields.length > 0) yield Object.fromEntries(fields);
    }
  }
}
