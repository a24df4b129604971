// @vitest-environment node
import { expect, it } from 'vitest'
import { measureSizes } from '../../bench/size.js'

it('the package keeps within its size limits, in bytes after gzip', async () => {
  const sizes = await measureSizes()
  expect(sizes['CDN bundle']?.gzip).toBeLessThanOrEqual(10_240)
  expect(sizes['npm import, added to a page that has RUM']?.gzip).toBeLessThanOrEqual(10_400)
}, 60_000)
