import * as natives from '../defence/natives.js'
import { classOf } from '../lib/classOf.js'
import { isObject } from '../lib/isObject.js'
import { printed } from '../lib/printed.js'
import type { Entry } from './entry.js'
import { createMatcher } from './match.js'
import { ENTRY_OPTIONS, OPTIONS, type OptionRules } from './options.js'

/** The options of the page, checked and completed with their defaults. */
export interface Settings {
  readonly entries: readonly Entry[]
  readonly startupTimeout: number
  readonly annotateResources: boolean
  readonly debug: boolean
}

type Options = Readonly<Record<string, unknown>>
type Values<Rules extends OptionRules> = { [Name in keyof Rules]: Rules[Name]['default'] }
type CarrierValues = Pick<Values<typeof OPTIONS>, 'carrier' | 'field' | 'propagateUser'>

/** Prints a problem. It gets the message, or the error that a function of the page threw. */
type Report = (problem: unknown) => void

/**
 * Checks what the page passed to `llmCorrelation`, and completes it with the defaults. It never
 * throws: it reports what is wrong, and leaves that out.
 */
export function readSettings(input: unknown, report: Report): Settings {
  const options = asOptions(input)
  const values = complete({ options, rules: OPTIONS, defaults: undefined, prefix: '', report })
  const { origins, startupTimeout, annotateResources, debug, ...carrierValues } = values
  const list: readonly unknown[] = natives.Array.isArray(origins) ? origins : []
  if (!list.length) {
    const given = printed(isObject(input) ? origins : input)
    report(`'origins' must be a list of endpoints, and is ${given}: ${OPTIONS.origins.expected}`)
  }
  const entries: Entry[] = []
  list.forEach((origin, index) => {
    const entry = readEntry(origin, `origins[${index}] (${printed(origin)})`, carrierValues, report)
    if (entry) {
      entries.push(entry)
    }
  })
  if (carrierValues.propagateUser) {
    reportIdleUser(entries, '', report)
  }
  return { entries, startupTimeout, annotateResources, debug }
}

function asOptions(input: unknown): Options {
  if (natives.Array.isArray(input)) {
    return { origins: input }
  }
  return isObject(input) ? input : {}
}

function readEntry(origin: unknown, name: string, defaults: CarrierValues, report: Report): Entry | undefined {
  try {
    const hasOptions = isObject(origin) && classOf(origin) !== 'RegExp'
    const { match, methods, ...own } = complete({
      options: hasOptions ? origin : { match: origin },
      rules: ENTRY_OPTIONS,
      defaults: { match: undefined, methods: undefined, ...defaults },
      prefix: `${name}.`,
      report,
    })
    const matcher = createMatcher(match, report)
    if (matcher) {
      if (own.propagateUser && !defaults.propagateUser) {
        reportIdleUser([own], `${name}.`, report)
      }
      const path = own.field.split('.')
      return {
        ...own,
        ...matcher,
        methods: methods?.map((method) => method.toUpperCase()),
        path,
        name: path[path.length - 1] as string,
        label: printed(match),
      }
    }
  } catch {
    // One of its members throws when it is read.
  }
  report(`${name} is an invalid endpoint: ${ENTRY_OPTIONS.match.expected}`)
  return undefined
}

interface Completion<Rules extends OptionRules> {
  readonly options: Options
  readonly rules: Rules
  readonly defaults: Values<Rules> | undefined
  /** The start of each message: the entry, or nothing. */
  readonly prefix: string
  readonly report: Report
}

/** Completes own properties of the options, so that `Object.prototype` can add none. */
function complete<Rules extends OptionRules>(completion: Completion<Rules>): Values<Rules> {
  const { options, rules, defaults, prefix, report } = completion
  const values: Record<string, unknown> = {}
  const known = natives.Object.keys(rules)
  for (const name of known) {
    values[name] = defaults ? defaults[name] : rules[name]?.default
  }
  for (const name of natives.Object.keys(options)) {
    const value = options[name]
    const rule = known.includes(name) ? rules[name] : undefined
    if (!rule) {
      report(`${prefix}${name} is an unknown option: did you mean '${nearest(name, known)}'?`)
    } else if (value !== undefined && !rule.isValid(value)) {
      report(`${prefix}${name} (${printed(value)}) is ignored: write ${rule.expected}`)
    } else if (value !== undefined) {
      values[name] = value
    }
  }
  return values as Values<Rules>
}

/** The known name that has most letters in common with the given one. */
function nearest(name: string, known: readonly string[]): string {
  return known.reduce((best, other) => (likeness(name, other) > likeness(name, best) ? other : best))
}

/** The share of the letters of one name that the other has too. */
function likeness(name: string, other: string): number {
  const common = [...name].filter((letter) => other.includes(letter))
  const longer = name.length > other.length ? name : other
  return common.length / longer.length
}

function reportIdleUser(entries: ReadonlyArray<Pick<Entry, 'carrier'>>, prefix: string, report: Report) {
  if (!entries.some(({ carrier }) => carrier === 'baggage')) {
    report(`${prefix}propagateUser does nothing without carrier: 'baggage'`)
  }
}
