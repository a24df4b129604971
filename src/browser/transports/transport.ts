import type { Notes } from '../notes.js'
import type { Patch } from '../patch.js'
import type { Router } from '../router.js'

/** What a transport works with. */
export interface Stage {
  readonly router: Router
  readonly notes: Notes
}

/** Creates the patches of the functions that one API of the browser consists of. */
export type Transport = (stage: Stage) => readonly Patch[]
