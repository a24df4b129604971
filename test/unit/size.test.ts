// @vitest-environment node
import { expect, it } from 'vitest'
import { measureSizes, SIZE_LIMITS } from '../../bench/size.js'

it('the package keeps within its size limits, in bytes after gzip', async () => {
  const sizes = await measureSizes()
  for (const [name, limit] of Object.entries(SIZE_LIMITS)) {
    expect(sizes[name]?.gzip, name).toBeLessThanOrEqual(limit)
  }
}, 60_000)
