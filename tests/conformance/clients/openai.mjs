// Talks to a server through OpenAI's own client and prints what it made of the answers, as a JSON array.
//
//   npm-clients run openai URL API-TOKEN MODEL WHAT [COUNT]
//
// WHAT is a function below. It is done COUNT times, one after another, with the request ids "0-WHAT", "1-WHAT" and so on.
import OpenAI from "openai";

const [url, apiKey, model, what, count = "1"] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url + "/v1", apiKey, maxRetries: 0, timeout: 20_000 });
const messages = [{ role: "user", content: "Tell me of the sea." }];
const parameters = {
  type: "object",
  properties: { city: { type: "string" }, unit: { enum: ["celsius", "kelvin"] }, days: { type: "integer" } },
  required: ["city", "unit", "days"],
  additionalProperties: false,
};

/// What a stream of OpenAI's chunks came to, as the client assembled it.
function of_chat(chat) {
  const choice = chat.choices[0];
  const call = choice.message.tool_calls?.[0]?.function;
  return {
    model: chat.model,
    text: choice.message.content ?? "",
    tool: call?.name ?? "",
    arguments: call?.arguments ?? "",
    input_tokens: chat.usage?.prompt_tokens,
    output_tokens: chat.usage?.completion_tokens,
    finish_reason: choice.finish_reason,
  };
}

/// A letter for each chunk of a stream: tool, token, finish, usage.
function letter(chunk) {
  const choice = chunk.choices[0];
  if (!choice) return "u";
  if (choice.finish_reason) return "f";
  return choice.delta?.tool_calls?.[0]?.id ? "c" : "t";
}

const usage = { stream_options: { include_usage: true } };

async function chat(options, more) {
  const stream = client.chat.completions.stream({ model, messages, max_tokens: 6, ...usage, ...more }, options);
  let order = "";
  stream.on("chunk", chunk => (order += letter(chunk)));
  return { ...of_chat(await stream.finalChatCompletion()), order };
}

async function respond(options, more) {
  const stream = client.responses.stream(
    { model, input: "Tell me of the sea.", max_output_tokens: 6, ...more },
    options,
  );
  // The client takes its whole answer from the last event: what the others told is kept beside it.
  let deltas = "";
  let thoughts = "";
  const numbers = [];
  stream.on("event", event => numbers.push(event.sequence_number));
  stream.on("response.output_text.delta", event => (deltas = event.snapshot));
  stream.on("response.function_call_arguments.done", event => (deltas += event.arguments));
  stream.on("response.reasoning_text.delta", event => (thoughts += event.delta));
  const response = await stream.finalResponse();
  const call = response.output.find(item => item.type === "function_call");
  const reasoning = response.output.find(item => item.type === "reasoning");
  const reasons = { completed: call ? "tool_calls" : "stop", incomplete: "length" };
  return {
    model: response.model,
    text: response.output_text,
    tool: call?.name ?? "",
    arguments: call?.arguments ?? "",
    input_tokens: response.usage?.input_tokens,
    output_tokens: response.usage?.output_tokens,
    finish_reason: reasons[response.status],
    deltas,
    reasoning: reasoning?.content[0].text ?? "",
    thoughts,
    in_sequence: numbers.every((number, place) => number === place),
  };
}

async function embed(options, more) {
  const list = await client.embeddings.create({ model, input: ["one", "two", "three"], ...more }, options);
  return { model: list.model, vectors: list.data.map(one => one.embedding), order: list.data.map(one => one.index) };
}

const forced = {
  max_tokens: 99,
  tools: [{ type: "function", function: { name: "weather", parameters, strict: true } }],
};

const all = {
  chat,
  chat_to_its_end: options => chat(options, { max_tokens: undefined }),
  chat_whole: async options => of_chat(await client.chat.completions.create({ model, messages, max_tokens: 6 }, options)),
  tool: options => chat(options, { ...forced, tool_choice: "required" }),
  named_tool: options => chat(options, { ...forced, tool_choice: { type: "function", function: { name: "weather" } } }),
  tool_whole: async options =>
    of_chat(await client.chat.completions.create({ model, messages, ...forced, tool_choice: "required" }, options)),
  async document(options) {
    const response_format = { type: "json_schema", json_schema: { name: "weather", schema: parameters, strict: true } };
    const parsed = await client.chat.completions.parse({ model, messages, max_tokens: 99, response_format }, options);
    return { ...of_chat(parsed), parsed: parsed.choices[0].message.parsed };
  },
  streamed_document: options =>
    chat(options, {
      max_tokens: 99,
      response_format: { type: "json_schema", json_schema: { name: "weather", schema: parameters, strict: true } },
    }),
  async completions(options) {
    const stream = await client.completions.create(
      { model, prompt: "The sea", max_tokens: 6, stream: true, ...usage },
      options,
    );
    const out = { text: "", tool: "", arguments: "", order: "" };
    for await (const chunk of stream) {
      out.order += letter(chunk);
      out.model = chunk.model;
      out.text += chunk.choices[0]?.text ?? "";
      out.finish_reason = chunk.choices[0]?.finish_reason ?? out.finish_reason;
      out.input_tokens = chunk.usage?.prompt_tokens ?? out.input_tokens;
      out.output_tokens = chunk.usage?.completion_tokens ?? out.output_tokens;
    }
    return out;
  },
  responses: respond,
  responses_reasoning: options => respond(options, { max_output_tokens: 6, reasoning: { effort: "low" } }),
  responses_to_its_end: options => respond(options, { max_output_tokens: undefined }),
  responses_tool: options =>
    respond(options, {
      max_output_tokens: 99,
      tools: [{ type: "function", name: "weather", parameters, strict: true }],
      tool_choice: { type: "function", name: "weather" },
    }),
  embeddings: embed,
  embeddings_as_numbers: options => embed(options, { encoding_format: "float" }),
  async models(options) {
    const names = [];
    for await (const one of client.models.list(options)) names.push(one.id);
    return { names };
  },
  no_messages: async options => client.chat.completions.create({ model }, options),
  bad_format: async options =>
    client.chat.completions.create({ model, messages, response_format: { type: "xml" } }, options),
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
