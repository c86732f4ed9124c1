// Reads two turns of one session from a chat server with the AI SDK's own client.
//
// usage:  NEO_API_KEY=… node read_turns.mjs <base-url> [<seconds a turn may take>]
// stdout: one JSON object a turn: {"turn", "accepted", "rejected", "rejections", "stopped", "terminal", "parts"}.
// exit:   0 if every chunk was accepted, in an order that the client takes, up to a terminal one; else 1.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema } from 'ai';

const ERROR_GRACE_MS = 1000; // an `error` may be followed by its finish-step and finish
const BUSY_RETRY_MS = 250;

const [base, seconds = '60'] = process.argv.slice(2);
const key = process.env.NEO_API_KEY;
if (!base || !key) throw new Error('usage: NEO_API_KEY=… node read_turns.mjs <base-url> [<seconds a turn may take>]');
const sessions = `${base.replace(/\/+$/, '')}/public-api/chat/sessions`;
const authorization = { authorization: `Bearer ${key}` };

async function post(url, body, deadline) {
  const headers = { ...authorization, 'content-type': 'application/json' };
  for (;;) {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: deadline });
    if (response.ok) return (await response.json()).data;
    const text = await response.text();
    // Without a client_message_id a 409 means that the turn before is still winding up.
    if (response.status !== 409) throw new Error(`POST ${url}: ${response.status} ${text}`);
    await sleep(BUSY_RETRY_MS, undefined, { signal: deadline });
  }
}

async function readTurn(session, turn) {
  const deadline = AbortSignal.timeout(Number(seconds) * 1000);
  const posted = await post(`${sessions}/${session}/messages`, { message: `Message ${turn}` }, deadline);
  const since = posted.since_cursor === null ? '' : `?since=${encodeURIComponent(posted.since_cursor)}`;
  const hangUp = new AbortController();
  const response = await fetch(`${sessions}/${session}/events${since}`, {
    headers: { ...authorization, accept: 'text/event-stream' },
    signal: AbortSignal.any([deadline, hangUp.signal]),
  });
  if (!response.ok) throw new Error(`GET events: ${response.status} ${await response.text()}`);

  const report = { turn, accepted: 0, rejected: 0, rejections: [], stopped: null, terminal: null, parts: [] };
  let client = null;
  const stream = new ReadableStream({ start: (controller) => void (client = controller), cancel: () => void (client = null) });
  const message = (async () => {
    const onError = (error) => {
      if (error.constructor !== Error) report.stopped ??= String(error.message); // a plain Error is an `error` chunk
    };
    for await (const state of readUIMessageStream({ stream, onError })) report.parts = state.parts.map(({ type }) => type);
  })();

  const reader = parseJsonEventStream({ stream: response.body, schema: uiMessageChunkSchema }).getReader();
  for (;;) {
    const grace = report.terminal === 'error' ? sleep(ERROR_GRACE_MS, { done: true }) : new Promise(() => {});
    const { done, value } = await Promise.race([reader.read(), grace]).catch((error) => {
      if (deadline.aborted) return { done: true }; // reported as a turn without a terminal chunk
      throw error;
    });
    if (done) break;
    if (!value.success) {
      report.rejected += 1;
      report.rejections.push(String(value.error.message).slice(0, 500));
      continue;
    }
    report.accepted += 1;
    client?.enqueue(value.value);
    if (['finish', 'abort', 'error'].includes(value.value.type)) report.terminal = value.value.type;
    if (['finish', 'abort'].includes(value.value.type)) break;
  }
  client?.close();
  await message;
  reader.read().catch(() => {}); // the read that hanging up breaks off
  hangUp.abort();
  return report;
}

const session = (await post(sessions, { managed_agent_key: 'NEO_SUPPORT' }, AbortSignal.timeout(Number(seconds) * 1000))).id;
let sound = true;
for (const turn of [1, 2]) {
  const report = await readTurn(session, turn);
  console.log(JSON.stringify(report));
  sound &&= report.rejected === 0 && report.stopped === null && report.terminal !== null;
}
process.exit(sound ? 0 : 1);
