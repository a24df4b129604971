import { type Finding, failed, ok } from '../report.js'
import { findCopies, findPackage, type Installed } from './packages.js'

const PACKAGE = 'rum-llm-correlation'

/** What is installed in the server's folder, and whether it fits. */
export function inspectVersions(folder: string, node = process.versions.node): Finding[] {
  const tracer = findPackage('dd-trace', folder)
  const own = findPackage(PACKAGE, folder)
  return [
    tracer ? inspectTracer(tracer, node) : missing('dd-trace', `npm install dd-trace@${major(node) < 22 ? 5 : 6}`),
    own ? ok(PACKAGE, own.version) : missing(PACKAGE, `npm install ${PACKAGE}`),
    ...inspectCopies('dd-trace', folder),
    ...inspectCopies(PACKAGE, folder),
  ]
}

function missing(name: string, command: string): Finding {
  return failed(name, 'is not installed here', `Go to the server's folder, or: ${command}`)
}

function inspectTracer({ name, version, node: range, nodeMaxMajor }: Installed, node: string): Finding {
  const lowest = Number(/>=\s*(\d+)/.exec(range ?? '')?.[1] ?? 0)
  if (major(node) < lowest) {
    return failed(
      name,
      `${version} needs Node ${lowest}, and this is ${node}: it is silently off`,
      `Run the server with Node ${lowest} or newer, or: npm install dd-trace@5`,
    )
  }
  if (nodeMaxMajor !== undefined && major(node) >= nodeMaxMajor) {
    const todo = 'Run the server with an older Node, or: npm install dd-trace@latest'
    return failed(name, `${version} does not know Node ${node}: it is silently off`, todo)
  }
  return takesSessions(version)
    ? ok(name, `${version}, on Node ${node}`)
    : failed(
        name,
        `${version} takes no session from a request: that began with 5.114 and 6.3`,
        `npm install dd-trace@${Math.max(major(version), 5)}`,
      )
}

/** Whether a version of dd-trace reads `_dd.p.llmobs_sid`. */
export function takesSessions(version: string): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number)
  const since = first === 5 ? 114 : first === 6 ? 3 : 0
  return first >= 5 && second >= since
}

function inspectCopies(name: string, folder: string): Finding[] {
  const copies = findCopies(name, folder)
  if (copies.length < 2) {
    return []
  }
  const list = copies.map((copy) => `${copy.version} in ${copy.folder}`).join(', ')
  return [
    failed(
      name,
      `there are ${copies.length} copies of it: ${list}`,
      `Bring all to one version: npm dedupe, npm ls ${name}`,
    ),
  ]
}

function major(version: string) {
  return Number.parseInt(version, 10)
}
