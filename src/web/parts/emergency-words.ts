import type { EmergencyCategory } from '#web/api.ts'
import type { Say } from '#web/parts/language.tsx'
import type { WordKey } from '#web/words.ts'

export const EMERGENCY_CATEGORIES = {
  'emergency-care': 'emergencyCare',
  complaint: 'emergencyComplaint',
  fraud: 'emergencyFraud',
  'system-fault': 'emergencyFault',
  other: 'emergencyOther',
} as const satisfies Record<EmergencyCategory, WordKey>

const MARK = ' (emergency)'
const OPENED = 'open in emergency: '

/** An action of the access log that has to do with an emergency, in words; undefined for any other. */
export function emergencyAction(
  action: string,
  say: Say,
  done: (action: string) => string,
): string | undefined {
  if (action.endsWith(MARK))
    return say('didInEmergency', { action: done(action.slice(0, -MARK.length)) })
  if (action === 'end emergency access') return say('didEndEmergency')
  if (action === 'acknowledge emergency access') return say('didAcknowledgeEmergency')
  if (!action.startsWith(OPENED)) return undefined
  const category = action.slice(OPENED.length) as EmergencyCategory
  return say('didOpenInEmergency', { category: say(EMERGENCY_CATEGORIES[category]) })
}
