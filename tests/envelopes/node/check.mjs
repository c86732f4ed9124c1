// What the AI SDK's own client makes of sequences of chunks.
//
// stdin:  one JSON array of strings a line: the `data` of each SSE event of one turn.
// stdout: one JSON object a line: {"data": ["chunk" | "rejected" | "sentinel", …], "stopped": index | null, "reason": string | null}.
//         `stopped` counts the accepted chunks only: the one at which the client stopped with an error.
import { createInterface } from 'node:readline';
import { parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema } from 'ai';

const encoder = new TextEncoder();

async function parse(data) {
  const event = data.split('\n').map((line) => `data: ${line}\n`).join('') + '\n';
  const stream = new Blob([encoder.encode(event)]).stream();
  const results = [];
  for await (const result of parseJsonEventStream({ stream, schema: uiMessageChunkSchema })) results.push(result);
  if (results.length === 0) return { verdict: 'sentinel' };
  return results[0].success ? { verdict: 'chunk', value: results[0].value } : { verdict: 'rejected' };
}

async function read(chunks) {
  let next = 0;
  let stopped = null;
  let reason = null;
  const stream = new ReadableStream(
    {
      async pull(controller) {
        // Let the client finish the chunk before, so that an error can be laid to the chunk that caused it.
        await new Promise(setImmediate);
        if (next < chunks.length) controller.enqueue(chunks[next++]);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const onError = (error) => {
    // An `error` chunk is reported as a plain Error, and the client reads on; everything else ends the stream.
    if (error.constructor !== Error && stopped === null) [stopped, reason] = [next - 1, String(error.message)];
  };
  for await (const _ of readUIMessageStream({ stream, onError }));
  return { stopped, reason };
}

for await (const line of createInterface({ input: process.stdin })) {
  const parsed = [];
  for (const data of JSON.parse(line)) parsed.push(await parse(data));
  const chunks = parsed.filter(({ verdict }) => verdict === 'chunk').map(({ value }) => value);
  console.log(JSON.stringify({ data: parsed.map(({ verdict }) => verdict), ...(await read(chunks)) }));
}
