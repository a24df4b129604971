import { styleText } from 'node:util'

/** One line of a report. */
export interface Finding {
  /** `note`: it may be what is wanted, and does not make the command fail. */
  readonly state: 'ok' | 'note' | 'failed'
  /** What was looked at: a carrier, a setting, a package. */
  readonly subject: string
  readonly message: string
  /** What to do about it, if it is not `ok`. */
  readonly todo?: string | undefined
}

/** A part of a report; its name is that of its list in JSON. */
export interface Section {
  readonly name: string
  readonly title: string
  readonly findings: readonly Finding[]
}

/** What a command found out. */
export interface Report {
  readonly ok: boolean
  readonly title: string
  readonly sections: readonly Section[]
  /** What JSON has beside the findings. */
  readonly facts: Readonly<Record<string, string>>
  /** What stands below all findings. */
  readonly closing: string
}

export interface Command {
  readonly help: string
  /** Throws an error whose message says which argument is wrong. */
  run(args: string[]): Promise<Report>
}

const MARKS = {
  ok: { mark: '✓', style: 'green' },
  note: { mark: '!', style: 'yellow' },
  failed: { mark: '✗', style: 'red' },
} as const

export const ok = (subject: string, message: string): Finding => ({ state: 'ok', subject, message })
export const note = (subject: string, message: string, todo: string): Finding => ({
  state: 'note',
  subject,
  message,
  todo,
})
export const failed = (subject: string, message: string, todo: string): Finding => ({
  state: 'failed',
  subject,
  message,
  todo,
})

export function printReport(report: Report, { json }: { readonly json: boolean }): void {
  const colours = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR
  process.stdout.write(json ? asJson(report) : asText(report, colours))
}

function asJson({ ok, facts, sections }: Report): string {
  const lists = Object.fromEntries(sections.map(({ name, findings }) => [name, findings]))
  return `${JSON.stringify({ ok, ...facts, ...lists }, null, 2)}\n`
}

export function asText({ title, sections, closing }: Report, colours: boolean): string {
  const width = Math.max(...sections.flatMap(({ findings }) => findings.map(({ subject }) => subject.length)))
  const line = ({ state, subject, message, todo }: Finding) => {
    const { mark, style } = MARKS[state]
    const first = `  ${colours ? styleText(style, mark, { validateStream: false }) : mark} ${subject.padEnd(width)}  ${message}`
    return todo ? `${first}\n${' '.repeat(width + 6)}→ ${todo}` : first
  }
  const parts = sections
    .filter(({ findings }) => findings.length)
    .map((section) => [section.title, ...section.findings.map(line)].join('\n'))
  return `${[title, ...parts, closing].filter(Boolean).join('\n\n')}\n`
}
