/** The session that gave a feedback: the backend puts it there as a tag. */
export const sessionOfFeedback = ({ tags }) => tags.find((tag) => tag.startsWith('session_id:'))?.slice(11)

export const feedbackText = ({ boolean_value: helpful }) => (helpful ? 'Helpful' : 'Not helpful')
