/**
 * Prevents SIGUSR1 from opening the Node inspector, through which any user of the machine could read keys from the memory of
 * the process. Node does not open it if the process has its own handler for the signal. Import this module first: until
 * then, the signal opens the inspector. (Node 22 has `--disable-sigusr1`; Node 20 exits on an unknown option.)
 */
process.on('SIGUSR1', () => {});
