import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'none', baseURL: process.env.MODEL })
const model = 'gpt-4o-mini'

export async function answer(message, isStreamed) {
  const messages = [{ role: 'user', content: message }]
  if (!isStreamed) {
    const { choices } = await client.chat.completions.create({ model, messages })
    return [JSON.stringify(choices[0].message)]
  }
  return textOf(await client.chat.completions.create({ model, messages, stream: true }))
}

async function* textOf(stream) {
  for await (const { choices } of stream) yield JSON.stringify(choices[0]?.delta ?? {})
}
