import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'

const model = createOpenAICompatible({ name: 'model', baseURL: process.env.MODEL }).chatModel('gpt-4o-mini')

const look_up_order = tool({
  description: 'Looks up an order.',
  inputSchema: jsonSchema({ type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] }),
  execute: async () => ({ error: 'There is no such order' }),
})

export async function answer(prompt, isStreamed) {
  const call = {
    model,
    prompt,
    tools: { look_up_order },
    stopWhen: stepCountIs(3),
    experimental_telemetry: { isEnabled: true },
  }
  return isStreamed ? streamText(call).textStream : [(await generateText(call)).text]
}
