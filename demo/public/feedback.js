// @ts-check
/** @typedef {import('../received.js').Feedback} Feedback */

/**
 * The session that gave a feedback: the backend puts it there as a tag.
 *
 * @param {Feedback} feedback
 */
export const sessionOfFeedback = ({ tags }) => tags.find((tag) => tag.startsWith('session_id:'))?.slice(11)

/** @param {Feedback} feedback */
export const feedbackText = ({ boolean_value: helpful }) => (helpful ? 'Helpful' : 'Not helpful')
