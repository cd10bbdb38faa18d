export interface EventBlock {
  id: string | undefined;
  event: string | undefined;
  data: string;
  /** What follows a colon at the beginning of a line. */
  comment: string | undefined;
}

/** The blocks of a `text/event-stream`, as they arrive. */
export async function* readEvents(response: Response): AsyncGenerator<EventBlock> {
  if (response.body === null) throw new Error('no stream');
  let buffered = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (buffered + chunk).split('\n\n');
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]));
      yield {
        id: fields.get('id'),
        event: fields.get('event'),
        data: fields.get('data') ?? 'null',
        comment: fields.get(''),
      };
    }
  }
}
