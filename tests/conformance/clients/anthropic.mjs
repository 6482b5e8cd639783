// Talks to a server through Anthropic's own client and prints what it made of the answers, as a JSON array.
//
//   npm-clients run anthropic URL API-TOKEN MODEL WHAT [COUNT]
//
// WHAT is a function below. It is done COUNT times, one after another, with the request ids "0-WHAT", "1-WHAT" and so on.
import Anthropic from "@anthropic-ai/sdk";

const [baseURL, apiKey, model, what, count = "1"] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 20_000 });
const ask = { model, max_tokens: 6, messages: [{ role: "user", content: "Tell me of the sea." }] };
const input_schema = {
  type: "object",
  properties: { city: { type: "string" }, unit: { enum: ["celsius", "kelvin"] }, days: { type: "integer" } },
};
const forced = { max_tokens: 99, tools: [{ name: "weather", input_schema }] };
const reasons = { end_turn: "stop", max_tokens: "length", tool_use: "tool_calls" };

function of_message(message) {
  const text = message.content.filter(block => block.type === "text");
  const thoughts = message.content.filter(block => block.type === "thinking");
  const call = message.content.find(block => block.type === "tool_use");
  return {
    model: message.model,
    text: text.map(block => block.text).join(""),
    reasoning: thoughts.map(block => block.thinking).join(""),
    tool: call?.name ?? "",
    arguments: call ? JSON.stringify(call.input) : "",
    input_tokens: message.usage.input_tokens,
    output_tokens: message.usage.output_tokens,
    finish_reason: reasons[message.stop_reason],
    blocks: message.content.length,
  };
}

/// The events of a stream by a letter each.
const letters = {
  message_start: "m",
  content_block_start: "b",
  content_block_delta: "t",
  content_block_stop: "e",
  message_delta: "f",
  message_stop: "s",
};

async function stream(options, more) {
  const answer = client.messages.stream({ ...ask, ...more }, options);
  let order = "";
  answer.on("streamEvent", event => (order += event.delta?.type === "signature_delta" ? "g" : letters[event.type]));
  return { ...of_message(await answer.finalMessage()), order };
}

const thinking = { thinking: { type: "enabled", budget_tokens: 1024 } };

const all = {
  thinking: options => stream(options, thinking),
  thinking_whole: async options => of_message(await client.messages.create({ ...ask, ...thinking }, options)),
  messages: stream,
  messages_whole: async options => of_message(await client.messages.create(ask, options)),
  tool: options => stream(options, { ...forced, tool_choice: { type: "any" } }),
  named_tool: options => stream(options, { ...forced, tool_choice: { type: "tool", name: "weather" } }),
  tool_whole: async options =>
    of_message(await client.messages.create({ ...ask, ...forced, tool_choice: { type: "any" } }, options)),
  count: options => client.messages.countTokens({ model, messages: ask.messages }, options),
  no_messages: options => client.messages.create({ model, max_tokens: 6 }, options),
};

const results = [];
for (let n = 0; n < Number(count); ++n) {
  const id = `${n}-${what}`;
  const options = { headers: { "x-request-id": id } };
  const result = await all[what](options).catch(error => ({
    error: { name: error.constructor.name, status: error.status ?? null, message: error.message },
  }));
  results.push({ id, ...result });
}
console.log(JSON.stringify(results));
