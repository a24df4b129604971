import { check } from './check/check.js'
import { doctor } from './doctor/doctor.js'
import type { Command } from './report.js'
import { printReport } from './report.js'

const HELP = `Usage: rum-llm-correlation <command> [options]

  check <url> --origin <origin>   Does the session id get from a page to this URL?
  doctor                          Does it get from a request to the LLM spans of the server in this folder?

Each has a --help of its own. Neither needs an account.
`

const COMMANDS: Readonly<Record<string, Command>> = { check, doctor }

/** Runs the command that the arguments name, prints what it found, and returns the exit status: 0 if all is well, else 1. */
export async function runCommand([name = '', ...args]: readonly string[]): Promise<0 | 1> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const isAsked = ['--help', '-h', 'help'].includes(name)
  if (!command) {
    ;(isAsked ? process.stdout : process.stderr).write(isAsked ? HELP : `${problemWith(name)}\n\n${HELP}`)
    return isAsked ? 0 : 1
  }
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(command.help)
    return 0
  }
  try {
    const report = await command.run(args)
    printReport(report, { json: args.includes('--json') })
    return report.ok ? 0 : 1
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\nSee: rum-llm-correlation ${name} --help\n`)
    return 1
  }
}

function problemWith(name: string) {
  return name ? `There is no command ${name}.` : 'Name a command.'
}
