// @ts-check
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import tracer from 'dd-trace'

const { llmobs } = tracer
const { orders, policies } = JSON.parse(readFileSync(new URL('../orders.json', import.meta.url), 'utf8'))

/** @type {Record<string, (args: Record<string, string>) => object>} */
const tools = {
  look_up_order: ({ order_id = '' }) => orders[order_id] ?? { error: `There is no order ${order_id}` },
  look_up_policy: ({ topic = '' }) => policies[topic] ?? { error: `There is no policy on ${topic}` },
}

export const toolDefinitions = [
  toolDefinition('look_up_order', 'Status, items and delivery date of one order', {
    order_id: { type: 'string', description: 'The four digits of the order number' },
  }),
  toolDefinition('look_up_policy', 'What the shop promises its customers', {
    topic: { type: 'string', enum: Object.keys(policies) },
  }),
]

/**
 * Runs the tool that the model asked for, in a tool span. Returns the result as JSON text, for the
 * model.
 *
 * @param {{ name: string, arguments: string }} call
 * @returns {Promise<string>}
 */
export function callTool({ name, arguments: json }) {
  return llmobs.trace({ kind: 'tool', name }, async (span) => {
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
    const result = tool ? tool(JSON.parse(json)) : { error: `There is no tool ${name}` }
    await delay(120) // what a database query might take
    llmobs.annotate(span, { inputData: json, outputData: JSON.stringify(result) })
    return JSON.stringify(result)
  })
}

/**
 * @param {string} name
 * @param {string} description
 * @param {Record<string, object>} properties
 * @returns {import('openai').OpenAI.ChatCompletionTool}
 */
function toolDefinition(name, description, properties) {
  const parameters = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
  return { type: 'function', function: { name, description, parameters } }
}
