// @ts-check
/** @typedef {import('../received.js').Feedback} Feedback */

/**
 * The session of a feedback. The backend adds it as a tag.
 *
 * @param {Feedback} feedback
 */
export const sessionOfFeedback = ({ tags }) => tags.find((tag) => tag.startsWith('session_id:'))?.slice(11)

/** @param {Feedback} feedback */
export const feedbackText = ({ boolean_value: helpful }) => (helpful ? 'Helpful' : 'Not helpful')
