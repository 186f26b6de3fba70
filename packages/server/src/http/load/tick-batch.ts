/**
 * Collects the items of one turn of the event loop and passes them to `work` as one batch at its end. Running each step
 * for all items before the next step is several times as fast as running all steps item by item, since the code of a
 * step stays in the processor's cache.
 */
export function batchPerTick<Item>(work: (items: readonly Item[]) => void): (item: Item) => void {
  let gathered: Item[] = [];
  return (item) => {
    if (gathered.push(item) > 1) return;
    setImmediate(() => {
      const items = gathered;
      gathered = [];
      work(items);
    });
  };
}

/** As `batchPerTick`, but each item is a batch of its own, which runs in the asynchronous context of its request. For traces. */
export function onePerTick<Item>(work: (items: readonly Item[]) => void): (item: Item) => void {
  return (item) => void setImmediate(work, [item]);
}

export type PerTick = typeof batchPerTick;
