/**
 * Keeps one of the objects that `process.nextTick` queues, as long as the process lives. V8 makes them fast while it knows
 * their shape, and forgets it for good where a full garbage collection finds none of them: each then takes several times
 * as long, and Node makes eight for a request. To be imported first: that collection comes while modules are loaded.
 */
import { createHook } from 'node:async_hooks';

const lasting: object[] = [];

const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'TickObject') lasting.push(resource);
  },
});
hook.enable();
process.nextTick(() => {});
hook.disable();
