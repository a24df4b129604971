// What the tests consist of, and what may run at the same time on two cores.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A command whose last line is `N passed, N failed`. */
const suite = (name, ...command) => ({ name, command })
/** A command that is one check: it passes if it ends well. */
const check = (name, ...command) => ({ name, command, isCheck: true })

const vitest = (name, project, ...args) =>
  suite(
    name,
    ...['node', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=default'],
    ...['--reporter=./test/support/countsReporter.ts', `--project=${project}`, ...args],
  )

/** Tests with the tag `quick` are what `npm test` runs beside the unit tests. Only their files are loaded. */
const quickFilesOf = (folder) =>
  readdirSync(join('test', folder), { recursive: true })
    .map((name) => join('test', folder, name))
    .filter((file) => file.endsWith('.test.ts') && /@module-tag quick|'quick'/.test(readFileSync(file, 'utf8')))
const quick = (name, project) => vitest(name, project, '--tags-filter=quick', ...quickFilesOf(project))
const rest = (name, project) => vitest(name, project, '--tags-filter=!quick')

/** The Python tests without those that start many servers or functions, and one or two tests of each of these. */
const QUICK_PYTHON = [
  'not (test_isolation or test_frameworks or test_body_in_frameworks or test_add_middleware or test_lambda_functions or test_doctor)',
  'test_a_request_leaves_nothing_to_the_next_ones_on_its_connection',
  'test_a_session_in_the_query_is_handed_over',
  'test_a_session_in_a_chunked_body_is_handed_over',
  'test_bodies_of_any_size_have_the_session_and_arrive_whole',
  'test_nothing_is_left_for_the_next_invocation',
  'test_it_finds_the_carriers_well',
].join(' or ')
const python = (name, selected) => suite(name, 'node', 'python/test.mjs', '-k', selected)

/** One stack with OpenTelemetry's own parts, one of an AI library, one on dd-trace. The nightly run has the other five. */
const OTEL_STACKS = "sdk-node|AI SDK 7|dd-trace's"
const openTelemetry = (name, selected) => suite(name, 'node', 'test/otel/run.mjs', '-t', selected)

/** How engines other than Chromium read a call, and calls of pages that go away. All files take half an hour. */
const IN_OTHER_ENGINES = [
  'transports/keepalive.test',
  'transports/headerForms',
  'transports/waitedUrl',
  'transports/connections',
  'transparency/referrer',
  'carriers/query',
  'carriers/body',
  'regressions/bodylessRequests',
  'regressions/stackFrames.test',
]

/**
 * Parts by name. A part is a list of stages, one after the other. A stage is a list of lanes, which run at the same time;
 * the first lane prints as it runs. A lane is a list of suites, one after the other.
 */
export const PARTS = {
  quick: [
    [
      [vitest('units', 'unit'), quick('browser', 'browser'), quick('demo', 'e2e')],
      [python('Python', QUICK_PYTHON), quick('servers', 'server')],
    ],
  ],
  rest: [
    [
      [rest('browser', 'browser')],
      [
        rest('servers', 'server'),
        openTelemetry('OpenTelemetry', OTEL_STACKS),
        suite('MCP', 'node', 'test/mcp/run.mjs'),
        suite('supply chain', 'node', 'test/supply/run.mjs'),
      ],
    ],
    // A test of the demo builds dist/ anew, which all of the above use. What is beside it uses the sources alone.
    [
      [rest('demo', 'e2e')],
      [
        python('Python frameworks', `not (${QUICK_PYTHON})`),
        // The same inputs each time: a change is judged by itself. New inputs are looked for by hand.
        suite('fuzz', 'node', 'test/fuzz/run.mjs', '--quick', '--seed', '1'),
      ],
    ],
    [[suite('other engines', 'node', 'test/browsers.mjs', 'transports/keepalive.test')]],
  ],
  // What takes long, and seldom breaks by a change of this package, is tried every night.
  nightly: [
    [
      [suite('other engines', 'node', 'test/browsers.mjs', ...IN_OTHER_ENGINES)],
      [openTelemetry('OpenTelemetry, other stacks', `^(?!.*(?:${OTEL_STACKS}))`)],
    ],
    [
      [suite('other libraries', 'node', 'test/libraries/run.mjs')],
      [
        suite('AI clients', 'node', 'test/clients/run.mjs'),
        suite('leaks', 'node', 'test/leaks/run.mjs', '--quick'),
        suite('tracers', 'node', 'test/tracers/run.mjs'),
      ],
    ],
  ],
  checks: [
    [
      [
        check('types', 'npm', 'run', '--silent', 'types'),
        check('lint', 'npm', 'run', '--silent', 'lint'),
        check('docs', 'npm', 'run', '--silent', 'docs', '--', '--check'),
        check('package', 'npm', 'run', '--silent', 'check:package'),
      ],
    ],
  ],
}
