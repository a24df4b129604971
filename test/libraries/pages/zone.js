import 'zone.js'
import { makeCall, until } from './calls.js'

const root = Zone.current

/** What a zone learns of a call that is made in it: its tasks, in order, and that it is idle in the end, as `NgZone.onStable` needs it. */
window.library = {
  async call(call) {
    const seen = []
    let isBusy = false
    const zone = root.fork({
      name: 'page',
      onScheduleTask: (parent, _current, target, task) => {
        if (task.type === 'macroTask') seen.push(`scheduled ${task.source}`)
        return parent.scheduleTask(target, task)
      },
      onInvokeTask: (parent, _current, target, task, ...rest) => {
        if (task.type === 'macroTask') seen.push(`invoked ${task.source}`)
        return parent.invokeTask(target, task, ...rest)
      },
      onHasTask: (parent, _current, target, state) => {
        isBusy = state.macroTask || state.microTask
        return parent.hasTask(target, state)
      },
      onHandleError: (_parent, _current, _target, error) => {
        seen.push(`error ${error}`)
        return false
      },
    })
    let inZone
    const result = await zone.run(() =>
      makeCall(call).then((result) => {
        inZone = Zone.current.name
        return result
      }),
    )
    await until(() => !isBusy)
    this.seen = { tasks: seen, inZone, isBusy }
    return result
  },
  take() {
    return this.seen
  },
}
