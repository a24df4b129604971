// The packed package in the stacks that it is used in: `npm run test:stacks`, or `npm run test:stacks -- vite next` for some.
// Each template is copied, the tarball installed into it, the site built and served, and opened in Chromium. Not one of the tests
// of `npm test`, for it installs some gigabytes. The last line is `N passed, N failed`.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../support/browser.js'
import { check, counts, step } from './check.js'
import { startFront } from './front.js'
import { checkServerHalf } from './next.js'
import { createProject, type Project, pack, versionsOf } from './project.js'
import { checkLoadingOrders, checkPolicies, checkScriptTag, type PageCheck } from './scriptTags.js'
import { checkTypes } from './typescript.js'
import { visit } from './visit.js'

type Check = (project: Project, browser: Browser) => Promise<void>

async function visitPages(project: Project, browser: Browser, behind: string, how: string) {
  const front = await startFront(behind)
  await (pages[project.name] ?? visitOne)({
    front,
    open: (path, what, expected) => visit(browser, front, path, `${project.name}, ${what ?? how}`, expected),
  })
  front.close()
}

async function visitServer(project: Project, browser: Browser, script: string, how: string) {
  const server = await project.start(script)
  await visitPages(project, browser, server.url, how).finally(server.stop)
}

const visitOne: PageCheck = ({ open }) => open('/')

/** What is opened of a stack's site, where it is more than one page. */
const pages: Record<string, PageCheck> = {
  'script-tag': checkScriptTag,
  'async-snippet': checkLoadingOrders,
  csp: checkPolicies,
}

/** What is checked of a stack beyond its scripts. */
const more: Record<string, Check> = { next: checkServerHalf, typescript: checkTypes }

/** What each script of a template's package.json is for. */
const checks: Record<string, Check> = {
  async build(project, browser) {
    await project.run('build')
    if (project.scripts.start === undefined) {
      await visitPages(project, browser, join(project.folder, 'dist'), 'built')
    }
  },
  start: (project, browser) => visitServer(project, browser, 'start', project.scripts.build ? 'built' : 'served'),
  dev: (project, browser) => visitServer(project, browser, 'dev', 'development server'),
  async test(project) {
    await project.run('test')
    check(`${project.name}: its tests pass`, true)
  },
}

async function checkStack(name: string, tarball: string, browser: Browser) {
  const start = Date.now()
  const project = await step(`${name}: npm install`, () => createProject(name, tarball))
  if (project === undefined) {
    return
  }
  console.log(`== ${name}: ${await versionsOf(project)}`)
  if (Object.keys(project.scripts).length === 0 && more[name] === undefined) {
    await step(name, () => visitPages(project, browser, project.folder, 'served'))
  }
  for (const [script, run] of Object.entries(checks)) {
    if (project.scripts[script] !== undefined) {
      await step(`${name}: npm run ${script}`, () => run(project, browser))
    }
  }
  await step(name, async () => more[name]?.(project, browser))
  await project.remove()
  console.log(`   ${Math.round((Date.now() - start) / 1000)} s`)
}

const folders = await readdir('test/stacks', { withFileTypes: true })
const known = folders.filter((entry) => entry.isDirectory() && entry.name !== 'page').map(({ name }) => name)
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`No such stack: ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  process.exit(1)
}

const packed = await mkdtemp(join(tmpdir(), 'stacks-'))
const tarball = await pack(packed)
const browser = await launchBrowser()
for (const name of asked.length > 0 ? asked : known) {
  await checkStack(name, tarball, browser)
}
await browser.close()
await rm(packed, { recursive: true })
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1)
