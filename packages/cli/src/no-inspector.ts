/**
 * Keeps SIGUSR1 from opening Node's inspector, through which any user of this machine could read keys from the memory of the
 * process: a process with a handler of its own for the signal does not open one. To be imported first, since it is open to
 * the signal until then. (Node 22 has `--disable-sigusr1`; Node 20 ends at an option that it does not know.)
 */
process.on('SIGUSR1', () => {});
