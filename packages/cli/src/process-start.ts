/**
 * What the process does before anything else: import this module first.
 */
import { createHook } from 'node:async_hooks';

/*
 * Prevents SIGUSR1 from opening the Node inspector, through which any user of the machine could read keys from the memory of
 * the process. Node does not open it if the process has its own handler for the signal. (Node 22 has `--disable-sigusr1`;
 * Node 20 exits on an unknown option.)
 */
process.on('SIGUSR1', () => {});

/**
 * Keeps one object of `process.nextTick` alive for the life of the process. V8 allocates these objects fast only while it
 * has their hidden class. If a full garbage collection finds no such object, V8 drops the class permanently, and each
 * allocation takes several times as long; Node makes eight per request. Such a collection happens while modules load.
 */
const lastingTicks: object[] = [];

const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'TickObject') lastingTicks.push(resource);
  },
});
hook.enable();
process.nextTick(() => {});
hook.disable();
