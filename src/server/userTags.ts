/** How the RUM SDK names user and account in baggage, and how Datadog names them on spans. */
export const USER_TAGS = [
  ['user.id', 'usr.id'],
  ['account.id', 'usr.account_id'],
] as const

/** Datadog cuts tags at 200 characters. A cut id could be somebody else's, so a longer one is left out. */
const MAX_TAG_LENGTH = 200

/** Neither empty nor too long, and printable: without control characters and lone surrogates, which logs and queries stumble over. */
export function isTagValue(value: string): boolean {
  return value.length <= MAX_TAG_LENGTH && /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(value)
}
