// N streaming chats at once through OpenAI's own client, every event stamped: one of those that tools/bench measures.
//
//   npm-clients run bench URL STREAMS TOKENS [FILE]     FILE: takes the times, [{id, sent, tokens}], by CLOCK_MONOTONIC
import { writeFileSync } from "node:fs";
import OpenAI from "openai";

const [url, streams, tokens, file] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "none", maxRetries: 0, timeout: 280_000 });
const now = () => Number(process.hrtime.bigint());

async function chat(number) {
  const id = `${number}-openai-node`;
  const sent = now();
  const stream = await client.chat.completions.create(
    { model: "qwen/qwen3-4b", messages: [{ role: "user", content: "x" }], stream: true, max_tokens: Number(tokens) },
    { headers: { "x-request-id": id } },
  );
  const stamps = [];
  for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) stamps.push(now());
  if (stamps.length !== Number(tokens)) throw new Error(`${stamps.length} tokens of ${tokens}`);
  return { id, sent, tokens: stamps };
}

const times = await Promise.all(Array.from({ length: Number(streams) }, (_, number) => chat(number)));
if (file) writeFileSync(file, JSON.stringify(times));
