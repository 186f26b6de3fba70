/**
 * Collects what comes in one turn of the event loop and hands it over at its end, all together: to do each step for
 * everybody before the next step is several times as fast as to do all steps for one after the other, since the
 * processor then has the code of a step at hand.
 */
export function gather<Item>(work: (items: readonly Item[]) => void): (item: Item) => void {
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
