/**
 * Keeps one object of `process.nextTick` alive for the life of the process. V8 allocates these objects fast only while it
 * has their hidden class. If a full garbage collection finds no such object, V8 drops the class permanently, and each
 * allocation takes several times as long; Node makes eight per request. Import this module first, because such a
 * collection happens while modules load.
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
