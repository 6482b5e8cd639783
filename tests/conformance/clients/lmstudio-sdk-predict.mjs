// Has an LM Studio predict, through its own SDK, and prints what came of it as a JSON array.
//
//   npm-clients run lmstudio-sdk-predict URL API-TOKEN MODEL WHAT [COUNT]
//
// WHAT is a function below. It is done COUNT times, one after another.
import { LMStudioClient, rawFunctionTool } from "@lmstudio/sdk";

const [url, token, modelKey, what, count = "1"] = process.argv.slice(2);
const baseUrl = url.replace(/^http/, "ws");
const client = new LMStudioClient({ baseUrl, ...(token === "none" ? {} : { apiToken: token }) });
const model = client.llm.createDynamicHandle({ identifier: modelKey });
const reasons = { maxPredictedTokensReached: "length", eosFound: "stop", toolCalls: "tool_calls" };
const patience = 3_000;

function of_result(result) {
  return {
    model: result.modelInfo.identifier,
    text: result.nonReasoningContent,
    reasoning: result.reasoningContent,
    tool: "",
    arguments: "",
    input_tokens: result.stats.promptTokensCount,
    output_tokens: result.stats.predictedTokensCount,
    finish_reason: reasons[result.stats.stopReason] ?? result.stats.stopReason,
  };
}

/// The messages of a channel by a letter each: how far the prompt is, and tokens.
async function respond(more) {
  let order = "";
  let tokens = 0;
  const answer = model.respond("Tell me of the sea.", {
    maxTokens: 6,
    ...more,
    onPromptProcessingProgress: done => (order += done === 0 ? "b" : "p"),
    onPredictionFragment: fragment => {
      order += fragment.reasoningType === "none" ? "t" : "r";
      tokens += fragment.tokensCount;
    },
  });
  return { ...of_result(await answer.result()), order, counted: tokens };
}

const weather = rawFunctionTool({
  name: "weather",
  description: "The weather of a city",
  parametersJsonSchema: {
    type: "object",
    properties: { city: { type: "string" }, unit: { enum: ["celsius", "kelvin"] }, days: { type: "integer" } },
  },
  implementation: () => "fair",
});

/// The first round calls the tool, whose result goes into the second.
async function tool() {
  const rounds = [];
  let call;
  let pieces = "";
  let name = "";
  await model.act("How is the weather?", [weather], {
    toolChoice: { type: "generic", mode: "required" },
    maxPredictionRounds: 2,
    onToolCallRequestNameReceived: (round, id, received) => (name = received),
    onToolCallRequestArgumentFragmentGenerated: (round, id, piece) => (pieces += piece),
    onToolCallRequestEnd: (round, id, info) => (call = info.toolCallRequest),
    onPredictionCompleted: result => rounds.push(result),
  });
  return {
    ...of_result(rounds[0]),
    tool: name,
    arguments: pieces,
    called: { name: call.name, arguments: JSON.stringify(call.arguments) },
    then: of_result(rounds[1]),
  };
}

const all = {
  respond,
  to_its_end: () => respond({ maxTokens: false }),
  thinking: () => respond({ enableThinking: true }),
  document: () =>
    respond({ maxTokens: false, structured: { type: "json", jsonSchema: { type: "object", properties: { n: { type: "integer" } } } } }),
  tool,
};

// On a second end the SDK throws where nobody can catch it; the answer before it is whole.
process.on("uncaughtException", () => {});

const results = [];
for (let n = 0; n < Number(count); ++n) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing came in time")), patience));
  results.push(
    await Promise.race([all[what](), late]).catch(error => ({
      error: { name: error.constructor.name, message: error.message },
    })),
  );
}
console.log(JSON.stringify(results));
process.exit(0);
